"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
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

/** The draft of a report, kept over reloads of this tab until it is filed. */
export function useIssueDraft(team: string) {
  const [draft, setDraft] = useState<IssueDraft | null>(null);
  useEffect(() => {
    const stored = sessionStorage.getItem(DRAFT_KEY);
    setDraft(stored ? (JSON.parse(stored) as IssueDraft) : emptyDraft(team));
  }, [team]);
  const change = (part: Partial<IssueDraft>) => {
    if (!draft) return;
    // What was sent under a key must stay what it was: a changed draft is another request.
    const next = { ...draft, ...part, idempotencyKey: crypto.randomUUID() };
    setDraft(next);
    sessionStorage.setItem(DRAFT_KEY, JSON.stringify(next));
  };
  return { draft, change, forget: () => sessionStorage.removeItem(DRAFT_KEY) };
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
