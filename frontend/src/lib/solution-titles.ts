/** Headings of an answer that depend on its verdict. */
import type { Verdict } from "./run-state";

/** Of what would decide between causes. Where one is confirmed nothing is left to be decided: as in Slack's answer. */
export const decidesTitle = (verdict: Verdict): string => (verdict === "confirmed" ? "To be sure" : "What would decide it");
