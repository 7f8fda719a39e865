"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useState } from "react";
import { api } from "@/lib/api";
import type { NewIssue } from "@/lib/api-types";
import { isBusy } from "@/lib/repository-state";

const DRAFT_KEY = "sahur.draft.new-issue";

export interface IssueDraft extends Required<NewIssue> {
  /** One per draft: sending the same draft again, after a lost answer or a reload, files nothing twice. */
  idempotencyKey: string;
}

const emptyDraft = (team: string): IssueDraft => ({
  team,
  title: "",
  body: "",
  repository: "",
  revision: "",
  idempotencyKey: crypto.randomUUID(),
});

/** The draft of a report, kept over reloads of this tab and a new sign-in until it is filed. */
export function useIssueDraft(team: string) {
  const [draft, setDraft] = useState<IssueDraft | null>(null);
  const [isKept, setKept] = useState(true);
  useEffect(() => setDraft(readDraft() ?? emptyDraft(team)), [team]);
  const change = useCallback((part: Partial<IssueDraft>) => {
    // What was sent under a key must stay what it was: a changed draft is another request.
    setDraft((last) => last && { ...last, ...part, idempotencyKey: crypto.randomUUID() });
  }, []);
  useEffect(() => {
    if (draft && (draft.title || draft.body || readDraft())) setKept(writeDraft(draft));
  }, [draft]);
  return { draft, change, isKept, forget: () => sessionStorage.removeItem(DRAFT_KEY) };
}

function readDraft(): IssueDraft | null {
  const stored = sessionStorage.getItem(DRAFT_KEY);
  return stored ? (JSON.parse(stored) as IssueDraft) : null;
}

/** False where the browser has no room for it: what is typed stays on the page all the same. */
function writeDraft(draft: IssueDraft): boolean {
  try {
    sessionStorage.setItem(DRAFT_KEY, JSON.stringify(draft));
    return true;
  } catch (error) {
    if (error instanceof DOMException && error.name === "QuotaExceededError") return false;
    throw error;
  }
}

const WATCH_MS = 3000;

/** Looked at again while one of them is being cloned or indexed. */
export function useRepositories() {
  return useQuery({
    queryKey: ["repositories"],
    queryFn: api.repositories,
    select: (page) => page.results,
    refetchInterval: (query) => (query.state.data?.results.some(isBusy) ? WATCH_MS : false),
  });
}

export function useFileIssue(onFiled: (key: string) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ idempotencyKey, ...draft }: IssueDraft) => {
      const filled = Object.fromEntries(Object.entries(draft).filter(([, value]) => value !== ""));
      return api.createIssue({ title: draft.title, body: draft.body, ...filled }, idempotencyKey);
    },
    onSuccess: (issue) => {
      void client.invalidateQueries({ queryKey: ["issues"] });
      onFiled(issue.key);
    },
  });
}
