"use client";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import { isEnded, openInputs, type RunState } from "@/lib/run-state";
import { badgeTitle } from "@/lib/title-badge";
import { useChoice } from "./use-draft";

/** What somebody who is not looking is told. */
export interface News {
  /** The same news has the same id, in every tab. */
  id: string;
  text: string;
}

/** The latest that somebody has to know who asked to be told: that the run wants something, or that it has ended. */
export function newsOf(run: RunState): News | null {
  if (isEnded(run.status)) return { id: `ended-${run.endedAt}`, text: endOf(run) };
  const asked = openInputs(run).at(-1);
  return asked ? { id: `asks-${asked.id}`, text: `${ASKS[asked.kind]}: ${asked.prompt.slice(0, 140)}` } : null;
}

const endOf = ({ status, canceled }: RunState): string =>
  canceled?.joined ? `It has joined ${canceled.joined}, the same problem.` : (ENDED[status] ?? "The run has ended.");

const ENDED: Partial<Record<RunState["status"], string>> = {
  succeeded: "The investigation is done: the answer is there.",
  failed: "The run failed.",
  canceled: "The run was stopped.",
};
const ASKS = {
  question: "It has a question",
  approval: "It needs an approval",
  budget: "It has reached a limit",
  join: "It may be a problem that is known already",
};

export interface TellMe {
  isOn: boolean;
  /** Why the browser does not let the page notify; the title tells all the same. */
  refusal: string;
  toggle: () => void;
}

/**
 * Tells of what happens while nobody looks: in the title of the tab always, and as a notification of the browser for whoever
 * asked for that. The browser's permission is asked for with the click, never before.
 */
export function useRunNews(issueKey: string, title: string, run: RunState, isReplayed: boolean): TellMe {
  const [isOn, choose] = useChoice("tell-me");
  const [refusal, setRefusal] = useState("");
  const news = isReplayed ? newsOf(run) : null;
  // By its id: the page is drawn again for much else, and the mark stays meanwhile.
  const id = news?.id ?? "";
  const known = useRef<string | null>(null);
  const tell = useEffectEvent(() => {
    if (isOn && news) show(`${issueKey} ${title}`, news);
  });
  useEffect(() => {
    if (!isReplayed) return;
    const isFirst = known.current === null;
    const isNew = known.current !== id;
    known.current = id;
    // What was so when the page was opened is no news.
    if (isFirst || !isNew || !id || document.visibilityState === "visible") return;
    tell();
    return badgeTitle();
  }, [isReplayed, id]);
  const toggle = () => {
    choose(!isOn);
    if (!isOn) void ask().then(setRefusal);
  };
  return { isOn, refusal, toggle };
}

const NOT_ALLOWED = "The browser does not allow notifications here: the title of this tab tells you.";

async function ask(): Promise<string> {
  if (!("Notification" in window)) return NOT_ALLOWED;
  return (await Notification.requestPermission()) === "granted" ? "" : NOT_ALLOWED;
}

function show(title: string, news: News): void {
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  try {
    // Two tabs of the same run tell it once: the tag is the same.
    const notice = new Notification(title, { body: news.text, tag: `sahur-${news.id}` });
    notice.onclick = () => {
      window.focus();
      notice.close();
    };
  } catch (error) {
    // Browsers of phones only notify through a service worker, of which this page has none: the title tells.
    if (!(error instanceof TypeError)) throw error;
  }
}
