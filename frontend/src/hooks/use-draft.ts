"use client";
import { useCallback, useEffect, useState } from "react";

/** A text that survives a reload of this tab. Read after the first render, because the export has no storage. */
export function useDraft(name: string): [text: string, setText: (text: string) => void] {
  const key = `sahur.draft.${name}`;
  const [text, setText] = useState("");
  useEffect(() => setText(sessionStorage.getItem(key) ?? ""), [key]);
  const change = useCallback(
    (next: string) => {
      setText(next);
      if (next) sessionStorage.setItem(key, next);
      else sessionStorage.removeItem(key);
    },
    [key],
  );
  return [text, change];
}

/** Signing out: the next person at this tab must not find what this one typed, sent or not. */
export function forgetDrafts(): void {
  for (const key of Object.keys(sessionStorage)) {
    if (/^sahur\.(draft|outbox)\./.test(key)) sessionStorage.removeItem(key);
  }
}
