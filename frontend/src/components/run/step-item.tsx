"use client";
import { CircleCheck, CircleDot, Unplug, Zap } from "lucide-react";
import { memo } from "react";
import { Markdown } from "@/components/text/markdown";
import { between, duration } from "@/lib/format";
import type { Step, StepPart } from "@/lib/run-state";
import { newInSummary } from "@/lib/step-summary";
import { stepUsageText } from "@/lib/usage";
import { At } from "./timeline-rows";
import { ToolRow } from "./tool-row";

const LOOKS = {
  running: { Icon: CircleDot, look: "text-accent", word: "running" },
  finished: { Icon: CircleCheck, look: "text-good", word: "done" },
  lost: { Icon: Unplug, look: "text-muted", word: "not finished" },
};

/** A longer summary gets a line of its own. */
const ASIDE_LENGTH = 50;

/** A step with what the model said and which tools it called, in their order. */
export const StepItem = memo(function StepItem({ step, onReceipt }: { step: Step; onReceipt: (id: string) => void }) {
  const { Icon, look, word } = LOOKS[step.state];
  const summary = newInSummary(step);
  const usage = stepUsageText(step.usage);
  // A step that is one call: the call's own row tells its time, and what it came to fits beside the title.
  const isOneCall = step.parts.length === 1 && step.parts[0]?.type === "call";
  const isAside = isOneCall && summary.length < ASIDE_LENGTH;
  const spent = isOneCall ? null : between(step.startedAt, step.endedAt);
  return (
    <article aria-label={`Step ${step.position}: ${step.title}`} data-state={step.state}>
      <h3 className="flex items-baseline gap-2">
        <Icon className={`size-4 shrink-0 self-center ${look} ${step.state === "running" ? "live-dot" : ""}`} aria-hidden />
        <span aria-hidden className="shrink-0 text-xs font-normal text-muted">
          {step.position}
        </span>
        <span className="min-w-0 font-medium break-words">{step.title}</span>
        <span className="sr-only">, {word}</span>
        <span className="ml-auto shrink-0 text-xs font-normal text-muted">
          {step.state === "lost" && "not finished "}
          {isAside && <span className="hidden sm:inline">{summary}</span>}
          {usage && (
            <span className="mr-2 hidden sm:inline" title="Tokens of the model in this step, and what they cost">
              {usage}
            </span>
          )}
          {spent !== null && spent > 0 && duration(spent)}
        </span>
      </h3>
      <div className="mt-1 ml-2 space-y-1 border-l border-line pl-3.5">
        {step.parts.map((part) => (
          <Part key={part.id} part={part} isStreaming={step.state === "running"} onReceipt={onReceipt} />
        ))}
        {summary && !isAside && <p className="px-1.5 py-0.5 text-[0.8125rem] break-words">{summary}</p>}
      </div>
    </article>
  );
});

interface PartProps {
  part: StepPart;
  isStreaming: boolean;
  onReceipt: (id: string) => void;
}

function Part({ part, isStreaming, onReceipt }: PartProps) {
  switch (part.type) {
    case "call":
      return <ToolRow call={part.call} onReceipt={onReceipt} />;
    case "interruption":
      return <InterruptionRow by={part.askedBy} at={part.at} />;
    case "text":
      return (
        <div className="px-1.5 py-1 text-[0.8125rem] leading-relaxed text-muted">
          <Markdown text={part.text} isStreaming={isStreaming} />
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
