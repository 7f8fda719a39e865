"use client";
import { CircleCheck, CircleDot, CircleX, Unplug, Zap } from "lucide-react";
import { memo, type ReactNode, useState } from "react";
import { StepFeedback } from "@/components/take-part/feedback";
import { Markdown } from "@/components/text/markdown";
import { Button } from "@/components/ui/button";
import { callsText, isFailed } from "@/lib/calls-text";
import { duration } from "@/lib/format";
import type { Step, StepPart, ToolCall } from "@/lib/run-state";
import { newInSummary } from "@/lib/step-summary";
import { callsOf, headlineOf, isCallsOnly, positionsText, type TurnState, turnDuration, turnState } from "@/lib/turns";
import { stepUsageText } from "@/lib/usage";
import { At } from "./at";
import { Fold } from "./fold";
import { ToolRow } from "./tool-row";

/** The step or the call that the address names. */
export interface Mark {
  stepId: string;
  callId?: string;
}

interface Props {
  steps: readonly Step[];
  /** The run goes on from here. */
  isLatest: boolean;
  known: ReadonlySet<number>;
  mark: Mark | undefined;
  onReceipt: (id: string) => void;
}

const LOOKS = {
  running: { Icon: CircleDot, look: "text-accent live-dot", word: "running" },
  finished: { Icon: CircleCheck, look: "text-good", word: "done" },
  failed: { Icon: CircleX, look: "text-bad", word: "a call failed" },
  lost: { Icon: Unplug, look: "text-muted", word: "not finished" },
};

/** Of a long turn only the last calls are shown; the others one click away. */
const MAX_CALLS = 12;

/**
 * What the model said and the calls that it made for it. Over, it is one line; the one at work is open, and so is one in
 * which a call failed, until the reader folds it.
 */
export const TurnItem = memo(function TurnItem({ steps, isLatest, known, mark, onReceipt }: Props) {
  const calls = callsOf(steps);
  const state = turnState(steps);
  const hasFailed = calls.some(isFailed);
  const first = steps[0];
  if (!first) return null;
  const positions = positionsText(steps);
  const marked = mark && steps.find(({ id }) => id === mark.stepId);
  const name = headlineOf(steps).title || callsText(calls);
  return (
    <article
      aria-label={`${steps.length > 1 ? "Steps" : "Step"} ${positions}: ${name}`}
      data-state={state}
      data-marked={marked !== undefined && !mark?.callId && !isCallsOnly(marked)}
      className="markable relative"
    >
      <Fold
        isOpenByItself={mark !== undefined || isLatest || state === "running" || hasFailed}
        mark={mark}
        className="group/turn"
        summaryClass="min-h-8 gap-2 rounded-md px-1 py-1 hover:bg-raised sm:pr-18 pointer-coarse:min-h-11"
        summary={<Head steps={steps} calls={calls} look={state !== "running" && hasFailed ? "failed" : state} />}
      >
        <Body steps={steps} known={known} mark={mark} onReceipt={onReceipt} />
      </Fold>
      <At at={first.startedAt} seq={first.seq} className="absolute top-2 right-1 max-sm:hidden" />
    </article>
  );
}, isSame);

/** The list of steps is a new one with each frame; the steps in it are not. */
function isSame(a: Props, b: Props): boolean {
  return (
    a.isLatest === b.isLatest &&
    a.known === b.known &&
    a.mark === b.mark &&
    a.onReceipt === b.onReceipt &&
    a.steps.length === b.steps.length &&
    a.steps.every((step, index) => step === b.steps[index])
  );
}

interface HeadProps {
  steps: readonly Step[];
  calls: readonly ToolCall[];
  look: TurnState | "failed";
}

function Head({ steps, calls, look }: HeadProps) {
  const { Icon, look: color, word } = LOOKS[look];
  const { title, said, isSaid } = headlineOf(steps);
  const made = callsText(calls);
  const spent = turnDuration(steps);
  const failed = calls.filter(isFailed).length;
  return (
    <>
      <Icon className={`size-4 shrink-0 ${color}`} aria-hidden />
      <span aria-hidden className="hidden w-8 shrink-0 text-xs text-muted sm:block">
        {steps[0]?.position}
      </span>
      <span className="flex min-w-0 flex-1 flex-wrap items-baseline gap-x-3 text-[0.8125rem] sm:flex-nowrap">
        {(title || !made) && (
          <span className="min-w-0 max-w-full flex-[1_1_14rem] truncate sm:basis-0" title={isSaid ? title : undefined}>
            {isSaid && <span className="group-open/turn:hidden">{said}</span>}
            <span className={`font-medium ${isSaid ? "hidden group-open/turn:inline" : ""}`}>{title}</span>
            {!isSaid && said && <span className="text-muted group-open/turn:hidden"> · {said}</span>}
          </span>
        )}
        {made && (
          <span
            className={`max-w-full truncate ${title ? "text-xs text-muted group-open/turn:hidden sm:max-w-[50%] sm:shrink-0" : "flex-1 font-medium"}`}
          >
            {made}
          </span>
        )}
        {failed > 0 && <span className="text-xs font-medium text-bad">{failed} failed</span>}
      </span>
      <span className="sr-only">, {word}</span>
      <span className="shrink-0 text-xs text-muted">
        {look === "lost" && "not finished "}
        {spent !== null && spent > 0 && duration(spent)}
      </span>
    </>
  );
}

type BodyProps = Pick<Props, "steps" | "known" | "mark" | "onReceipt">;

function Body({ steps, known, mark, onReceipt }: BodyProps) {
  const [isWhole, setWhole] = useState(false);
  const hidden = isWhole || mark ? 0 : Math.max(0, steps.length - 1 - MAX_CALLS);
  const shown = hidden > 0 ? [...steps.slice(0, 1), ...steps.slice(1 + hidden)] : steps;
  return (
    <div className="ml-3 space-y-0.5 border-l border-line pb-2 pl-3 sm:pl-4">
      {shown.map((step, index) => (
        <div key={step.id}>
          {index === 1 && hidden > 0 && (
            <Button variant="quiet" onClick={() => setWhole(true)}>
              Show {hidden} earlier {hidden === 1 ? "call" : "calls"}
            </Button>
          )}
          <StepParts step={step} known={known} mark={mark} onReceipt={onReceipt} />
        </div>
      ))}
    </div>
  );
}

function StepParts({ step, known, mark, onReceipt }: Omit<BodyProps, "steps"> & { step: Step }) {
  const summary = newInSummary(step);
  const usage = stepUsageText(step.usage);
  const isOneCall = step.parts.length === 1 && step.parts[0]?.type === "call";
  return (
    <>
      {step.parts.map((part) => (
        <Part
          key={part.id}
          part={part}
          step={step}
          note={isOneCall ? summary : ""}
          known={known}
          isMarked={mark !== undefined && isNamed(mark, step, part)}
          onReceipt={onReceipt}
        />
      ))}
      {summary && !isOneCall && <p className="px-1.5 py-0.5 text-[0.8125rem] break-words">{summary}</p>}
      {usage && (
        <div className="flex flex-wrap items-center gap-x-3 px-1.5 py-0.5 text-xs text-muted">
          <span title="Tokens of the model in this step, and what they cost">
            {step.usage.model} · {usage}
          </span>
          <StepFeedback step={step.id} />
        </div>
      )}
    </>
  );
}

/** A step that is nothing but calls is shown as these. */
function isNamed(mark: Mark, step: Step, part: StepPart): boolean {
  return mark.callId ? mark.callId === part.id : mark.stepId === step.id && isCallsOnly(step);
}

interface PartProps {
  part: StepPart;
  step: Step;
  note: string;
  known: ReadonlySet<number>;
  isMarked: boolean;
  onReceipt: (id: string) => void;
}

function Part({ part, step, note, known, isMarked, onReceipt }: PartProps): ReactNode {
  switch (part.type) {
    case "call":
      return <ToolRow call={part.call} position={step.position} note={note} isMarked={isMarked} onReceipt={onReceipt} />;
    case "interruption":
      return <InterruptionRow by={part.askedBy} at={part.at} />;
    case "text":
      return (
        <div className="max-w-[46rem] px-1.5 py-1 text-[0.8125rem] leading-relaxed">
          <Markdown text={part.text} known={known} isStreaming={step.state === "running"} />
        </div>
      );
  }
}

/** What stands above it was given up in the middle. */
function InterruptionRow({ by, at }: { by: string; at: string }) {
  return (
    <p className="flex items-center gap-1.5 border-y border-dashed border-warn/50 px-1.5 py-1 text-xs text-warn">
      <Zap className="size-3.5 shrink-0" aria-hidden />
      <span className="min-w-0 break-words">
        The model was interrupted here: {by} wanted a message used now. <At at={at} />
      </span>
    </p>
  );
}
