/** When each step ran and what it cost, for the picture of a run's time and the table of the same. */
import type { RunState, Stage, Step } from "./run-state";

export interface TimedStep {
  step: Step;
  /** Milliseconds since the run began. */
  start: number;
  end: number;
  /** Whether a model was asked; else tools were. */
  isModel: boolean;
  /** Dollars, of the calls whose price is known. */
  cost: number;
}

export interface RunTimes {
  steps: TimedStep[];
  stages: { stage: Stage; start: number; end: number }[];
  /** Milliseconds; at least 1. */
  total: number;
  /** Milliseconds in which no step ran: waiting for a worker or for a person. */
  idle: number;
  cost: number;
}

/** `now` stands for the end of what still runs. */
export function timesOf(run: RunState, now: number): RunTimes {
  const origin = Date.parse(run.queuedAt ?? run.startedAt ?? "") || now;
  const since = (at: string | null): number => Math.max(0, (at ? Date.parse(at) : now) - origin);
  const steps = Object.values(run.steps)
    .map((step) => ({
      step,
      start: since(step.startedAt),
      end: since(step.endedAt ?? run.endedAt),
      isModel: step.usage.model_calls > 0,
      cost: step.usage.cost_usd,
    }))
    .sort((a, b) => a.start - b.start);
  const total = Math.max(1, since(run.endedAt), ...steps.slice(-1).map(({ end }) => end));
  return { steps, stages: stagesOf(steps), total, idle: total - busyTime(steps), cost: run.usage.cost_usd };
}

/** From its first step to its last one. */
function stagesOf(steps: readonly TimedStep[]): RunTimes["stages"] {
  const spans = new Map<Stage, RunTimes["stages"][number]>();
  for (const { step, start, end } of steps) {
    const span = spans.get(step.stage) ?? { stage: step.stage, start, end };
    spans.set(step.stage, { stage: step.stage, start: Math.min(span.start, start), end: Math.max(span.end, end) });
  }
  return [...spans.values()];
}

/** Of steps in the order of their start; what ran side by side counts once. */
function busyTime(steps: readonly TimedStep[]): number {
  let until = 0;
  let busy = 0;
  for (const { start, end } of steps) {
    busy += Math.max(0, end - Math.max(start, until));
    until = Math.max(until, end);
  }
  return busy;
}
