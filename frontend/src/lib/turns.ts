/**
 * The story of a run: its rows as a person reads them. What the model said and the calls that it made for it are one turn,
 * which folds to one line; a stage that begins is a heading.
 */
import { between } from "./format";
import type { RunState, Stage, Step, TimelineItem, ToolCall } from "./run-state";

export interface Turn {
  type: "turn";
  id: string;
  seq: number;
  /** A step that is more than calls comes first, if there is one; the others are its calls. */
  steps: readonly Step[];
}

export interface StageHeading {
  type: "stage";
  id: string;
  seq: number;
  stage: Stage;
}

export type StoryRow = Turn | StageHeading | Exclude<TimelineItem, { type: "step" }>;

/** Whether a step is nothing but calls: then it belongs to what was said before it. */
export const isCallsOnly = ({ parts }: Step): boolean => parts.length > 0 && parts.every((part) => part.type === "call");

/** Whatever stands between two steps, such as a message, begins a turn of its own. */
export function storyOf({ timeline, steps }: Pick<RunState, "timeline" | "steps">): StoryRow[] {
  const rows: StoryRow[] = [];
  let stage: Stage | null = null;
  let turn: Step[] | null = null;
  for (const item of timeline) {
    const step = item.type === "step" ? steps[item.id] : undefined;
    if (item.type !== "step") {
      rows.push(item);
      turn = null;
    } else if (step) {
      if (step.stage !== stage) rows.push({ type: "stage", id: `stage-${step.seq}`, seq: step.seq, stage: step.stage });
      if (turn && step.stage === stage && isCallsOnly(step)) {
        turn.push(step);
      } else {
        turn = [step];
        rows.push({ type: "turn", id: step.id, seq: step.seq, steps: turn });
      }
      stage = step.stage;
    }
  }
  return rows;
}

export const callsOf = (steps: readonly Step[]): ToolCall[] =>
  steps.flatMap(({ parts }) => parts.flatMap((part) => (part.type === "call" ? [part.call] : [])));

/** Milliseconds from its first step to the end of its last one; null while it goes on. */
export function turnDuration(steps: readonly Step[]): number | null {
  if (steps.some(({ endedAt }) => endedAt === null)) return null;
  const end = steps.reduce((latest, { endedAt }) => (endedAt && endedAt > latest ? endedAt : latest), "");
  return between(steps[0]?.startedAt ?? null, end || null);
}

/** "7" or "7–11": the numbers that people and messages name. */
export function positionsText(steps: readonly Step[]): string {
  const positions = steps.map(({ position }) => position);
  const [first, last] = [Math.min(...positions), Math.max(...positions)];
  return first === last ? String(first) : `${first}–${last}`;
}

export type TurnState = "running" | "finished" | "lost";

export function turnState(steps: readonly Step[]): TurnState {
  if (steps.some(({ state }) => state === "running")) return "running";
  return steps.every(({ state }) => state === "lost") ? "lost" : "finished";
}

export interface Headline {
  /** What the step is called; "" where it is only calls. */
  title: string;
  /** What the model said in it, else what it came to; one line. */
  said: string;
  /** Whether the title adds nothing to what was said. */
  isSaid: boolean;
}

const MAX_SAID = 240;

/** Without Markdown's marks, but with the underscores of names. */
const oneLine = (text: string): string =>
  text
    .replaceAll(/`|\*\*|^#+ /gm, "")
    .replaceAll(/\s+/g, " ")
    .trim();

/** What a folded turn is known by. */
export function headlineOf(steps: readonly Step[]): Headline {
  const [first] = steps;
  if (!first || isCallsOnly(first)) return { title: "", said: "", isSaid: false };
  const text = first.parts.find((part) => part.type === "text")?.text ?? "";
  const said = oneLine((text || first.summary).slice(0, MAX_SAID * 2)).slice(0, MAX_SAID);
  return { title: first.title, said, isSaid: text !== "" };
}
