"use client";
import { useEffect, useEffectEvent, useState } from "react";
import { createPortal, flushSync } from "react-dom";
import { Markdown } from "@/components/text/markdown";
import type { Issue, Run } from "@/lib/api-types";
import type { postMortem } from "@/lib/post-mortem";
import type { RunState } from "@/lib/run-state";

interface Props {
  issue: Issue;
  state: RunState;
  record: Run | undefined;
}

/**
 * The issue as it goes on paper: a document of its own, since the page shows long stories only in part. It is written when
 * the browser is about to print, and `print.css` shows it in place of the page.
 */
export function PrintedIssue({ issue, state, record }: Props) {
  const [write, setWrite] = useState<typeof postMortem | null>(null);
  const [text, setText] = useState("");
  useEffect(() => {
    // Offline it does not load; what is printed then is the page itself.
    const load = () =>
      import("@/lib/post-mortem").then(
        (module) => setWrite(() => module.postMortem),
        () => undefined,
      );
    // Beforehand: the browser does not wait for a script once it prints.
    const timer = setTimeout(load, AFTER_MS);
    addEventListener("online", load);
    return () => {
      clearTimeout(timer);
      removeEventListener("online", load);
    };
  }, []);
  const prepare = useEffectEvent((isPrinting: boolean) => {
    const told =
      isPrinting && write ? write({ issue, state, run: record ?? null, origin: location.origin, detail: "whole" }) : "";
    if (told !== text) flushSync(() => setText(told));
  });
  useEffect(() => {
    const before = () => prepare(true);
    const after = () => prepare(false);
    const media = matchMedia("print");
    const change = () => prepare(media.matches);
    addEventListener("beforeprint", before);
    addEventListener("afterprint", after);
    media.addEventListener("change", change);
    return () => {
      removeEventListener("beforeprint", before);
      removeEventListener("afterprint", after);
      media.removeEventListener("change", change);
    };
  }, []);
  if (!text) return null;
  return createPortal(
    <article className="printed">
      <Markdown text={text} />
    </article>,
    document.body,
  );
}

/** The page itself comes first. */
const AFTER_MS = 2_000;
