/** What people may decide about a request, and how the decisions are called for its kind. */
import type { Decision, OpenInput } from "./run-state";

/** As the server takes them where a request names none. */
const FITTING: Record<OpenInput["kind"], readonly Decision[]> = {
  question: ["respond"],
  approval: ["approve", "edit", "reject"],
  budget: ["approve", "reject"],
  join: ["approve", "reject"],
};

export const decisionsFor = ({ kind, allowed_decisions }: Pick<OpenInput, "kind" | "allowed_decisions">): readonly Decision[] =>
  allowed_decisions.length > 0 ? allowed_decisions : FITTING[kind];

export interface DecisionNames {
  approve: string;
  /** Approve with the arguments that were changed. */
  edit: string;
  reject: string;
  respond: string;
}

export const DECISION_NAMES: Record<OpenInput["kind"], DecisionNames> = {
  question: { approve: "Yes", edit: "Yes, changed", reject: "Let the default hold", respond: "Answer" },
  approval: { approve: "Approve", edit: "Approve changed", reject: "Reject", respond: "Answer instead" },
  budget: { approve: "Go on", edit: "Grant this much", reject: "Finish now", respond: "Answer instead" },
  join: { approve: "Join it", edit: "Join it", reject: "Investigate it by itself", respond: "Answer instead" },
};

/** Why this person may not decide; empty for who may. */
export function whyNotMine(input: Pick<OpenInput, "answerable_by">, role: Role | null): string {
  if (role === null || role === "viewer") return "Only people who may respond in this team can answer this.";
  if (input.answerable_by === "admin" && role !== "admin") return "Only an admin of the team can answer this.";
  return "";
}

export type Role = "viewer" | "responder" | "admin";

/** As it is told afterwards: "Approved by Rita". */
export const decisionMade = (kind: OpenInput["kind"], decision: Decision | null | undefined): string =>
  kind === "join"
    ? JOINED[decision === "approve" ? "approve" : "reject"]
    : kind === "question" && decision === "reject"
      ? "Left to the default"
      : MADE[decision ?? "respond"];

const JOINED = { approve: "Joined", reject: "Kept apart" };

const MADE: Record<Decision, string> = {
  approve: "Approved",
  edit: "Approved with changes",
  reject: "Rejected",
  respond: "Answered",
};
