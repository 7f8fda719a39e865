"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { api } from "@/lib/api";
import type { NewIssue } from "@/lib/api-types";
import { kept } from "@/lib/keeping";
import { isBusy } from "@/lib/repository-state";
import { useDraft } from "./use-draft";

const DRAFT_NAME = "new-issue";

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
  severity: "",
  idempotencyKey: crypto.randomUUID(),
});

/** The draft of a report, the same in all tabs, kept over reloads and new sign-ins until it is filed. */
export function useIssueDraft(team: string) {
  const [text, setText] = useDraft(DRAFT_NAME);
  const [blank, setBlank] = useState(() => emptyDraft(team));
  const draft = useMemo(() => parsed(text) ?? blank, [text, blank]);
  const change = useCallback(
    (part: Partial<IssueDraft>) => {
      // Read anew: files are put in while somebody types on.
      const last = parsed(kept("draft", DRAFT_NAME)) ?? blank;
      // What was sent under a key must stay what it was: a changed draft is another request.
      setText(JSON.stringify({ ...last, ...part, idempotencyKey: crypto.randomUUID() }));
    },
    [blank, setText],
  );
  const forget = () => {
    setText("");
    setBlank(emptyDraft(team));
  };
  return { draft, change, forget };
}

/** A draft of before there were severities has none. */
const parsed = (text: string): IssueDraft | null =>
  text ? { severity: "", ...(JSON.parse(text) as Omit<IssueDraft, "severity">) } : null;

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
