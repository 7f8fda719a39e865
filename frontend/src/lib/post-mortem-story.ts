/** The timeline of a post-mortem: what the run did and what people said, in the order in which it happened. */
import { activityText } from "./activity";
import type { Issue } from "./api-types";
import { decisionMade } from "./decisions";
import { duration, money, TOOL_STATE_NAMES, withSource } from "./format";
import { HYPOTHESIS_STATUS_NAMES } from "./hypotheses";
import { code, inline } from "./markdown-text";
import type { OpenInput, RunMessage, RunState, Step, TimelineItem } from "./run-state";
import { slackEffect } from "./slack-effects";
import { toolLine } from "./tool-lines";

export interface Entry {
  at: string;
  /** One line of Markdown. */
  text: string;
  details?: readonly string[];
}

interface Told {
  issue: Issue;
  state: RunState;
  detail?: "draft" | "whole";
}

/** "2026-11-23": of UTC, which is the same for all readers, wherever they are. */
export const dayOf = (at: string): string => new Date(at).toISOString().slice(0, 10);

/** "11:40:02" */
export const clockOf = (at: string): string => new Date(at).toISOString().slice(11, 19);

export const timeOf = (at: string): string => `${dayOf(at)} ${clockOf(at)} UTC`;

/** Everything that has a time; what happened at the same moment stays in the order of the run. */
export function storyOf({ issue, state, detail = "draft" }: Told): Entry[] {
  const entries = [
    ...issueEntries(issue),
    ...runEntries(state),
    ...state.timeline.flatMap((item) => entryOf(item, state, detail === "whole")),
  ];
  return entries.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

function issueEntries(issue: Issue): Entry[] {
  // That it was reported stands first, with where.
  const changes = issue.activity.filter(({ kind }) => kind !== "issue.opened");
  return [
    { at: issue.created_at, text: `Reported by ${inline(withSource(issue.reporter, issue.source))}.` },
    ...changes.map((entry) => ({ at: entry.at, text: `${inline(`${entry.actor} ${activityText(entry)}`)}.` })),
  ];
}

function runEntries(state: RunState): Entry[] {
  const { startedAt, endedAt, number, status, failure, canceled } = state;
  const ends: Partial<Record<RunState["status"], string>> = {
    succeeded: `Run ${number} gave its answer.`,
    failed: `Run ${number} failed: ${inline(failure?.cause ?? "")}`,
    canceled: canceled?.joined
      ? `Run ${number} joined ${canceled.joined}, an investigation of the same problem.`
      : `${inline(canceled?.by ?? "Somebody")} stopped run ${number}.`,
  };
  const end = ends[status];
  return [
    ...(startedAt ? [{ at: startedAt, text: `Run ${number} began, asked for by ${inline(state.askedBy)}.` }] : []),
    ...(endedAt && end ? [{ at: endedAt, text: end }] : []),
  ];
}

function entryOf(item: TimelineItem, state: RunState, isWhole: boolean): Entry[] {
  switch (item.type) {
    case "step": {
      const step = state.steps[item.id];
      return step ? [stepEntry(step, isWhole)] : [];
    }
    case "message": {
      const message = state.messages[item.id];
      return message ? [{ at: message.at, text: messageText(message) }] : [];
    }
    case "input": {
      const input = state.inputs[item.id];
      return input ? [{ at: input.at, text: inputText(input) }] : [];
    }
    case "hypothesis": {
      const { statement, status, because } = item.hypothesis;
      const reason = because ? ` Because: ${inline(because)}` : "";
      return [
        {
          at: item.at,
          text: `${item.isNew ? "Hypothesis" : `Hypothesis ${HYPOTHESIS_STATUS_NAMES[status].toLowerCase()}`}: ${inline(statement)}${reason}`,
        },
      ];
    }
    case "notice":
      return [{ at: item.at, text: inline(item.message) }];
    case "budget":
      return [{ at: item.at, text: `A budget was reached: ${inline(item.consequence)}` }];
    case "fork":
      return [{ at: item.at, text: `${inline(item.askedBy)} started run ${item.number}, which goes on from this one.` }];
    case "restart":
      return [{ at: item.at, text: "A worker was lost; another one went on from the last checkpoint." }];
    case "effect":
      return [
        {
          at: item.at,
          text: `${slackEffect(item.effect)} in Slack ${item.isDone ? "done" : "could not be done"}${item.detail ? `: ${inline(item.detail)}` : "."}`,
        },
      ];
  }
}

const messageText = ({ author, text, state }: RunMessage): string =>
  state === "withdrawn"
    ? `${inline(author)} took a message back before anybody had read it.`
    : `${inline(author)} said: ${inline(text)}`;

function stepEntry(step: Step, isWhole: boolean): Entry {
  const calls = step.parts.flatMap((part) => (part.type === "call" ? [part.call] : []));
  const counted = calls.length > 0 ? ` (${calls.length} tool ${calls.length === 1 ? "call" : "calls"})` : "";
  const summary = step.summary.replaceAll("**", "");
  const cost = step.usage.cost_usd > 0 ? `, ${money(step.usage.cost_usd)}` : "";
  const details = calls.map(({ tool, arguments: given, state, durationMs }) => {
    const { verb, object } = toolLine(tool, given);
    const took = durationMs === null ? "" : `, ${duration(durationMs)}`;
    return `${inline(verb)} ${object ? code(object) : ""} (${TOOL_STATE_NAMES[state]}${took})`;
  });
  return {
    at: step.startedAt,
    text: `**${inline(step.title)}**${counted}${summary ? `: ${inline(summary)}` : ""}${isWhole ? cost : ""}`,
    details: isWhole ? details : [],
  };
}

function inputText(input: OpenInput): string {
  const asked = `Asked: ${inline(input.prompt)}`;
  if (input.state === "answered") {
    const answer = input.answer && `: ${inline(input.answer)}`;
    return `${asked} ${decisionMade(input.kind, input.decision)} by ${inline(input.answered_by)}${answer || "."}`;
  }
  if (input.state === "expired") return `${asked} Nobody answered in time.`;
  if (input.state === "superseded") return `${asked} It was closed: ${inline(input.superseded_reason)}`;
  return `${asked} Not answered yet.`;
}
