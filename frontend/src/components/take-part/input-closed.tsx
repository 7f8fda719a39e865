"use client";
import { X } from "lucide-react";
import { INPUT_ICONS } from "@/components/run/timeline-rows";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { useDraft } from "@/hooks/use-draft";
import { decisionMade } from "@/lib/decisions";
import type { OpenInput } from "@/lib/run-state";

/** What became of a request that somebody was looking at. What they had typed for it is not lost. */
export function ClosedElsewhere({ input, onDismiss }: { input: OpenInput; onDismiss: () => void }) {
  const Icon = INPUT_ICONS[input.kind];
  const [typed, forget] = useDraft(`input.${input.id}`);
  const dismiss = () => {
    forget("");
    onDismiss();
  };
  return (
    <div className="rounded-lg border border-line bg-surface px-3 py-2 text-[0.8125rem]">
      <div className="flex items-start gap-2">
        <Icon className="mt-0.5 size-4 shrink-0 text-muted" aria-hidden />
        <p className="min-w-0 flex-1 break-words">
          <span className="font-medium">{outcomeOf(input)}</span> <span className="text-muted">{input.prompt.slice(0, 120)}</span>
        </p>
        <Button variant="quiet" className="-my-1 px-1.5" aria-label="Dismiss" onClick={dismiss}>
          <X className="size-4" aria-hidden />
        </Button>
      </div>
      {typed && (
        <p className="mt-1 flex flex-wrap items-center gap-2 text-xs text-muted">
          <span className="min-w-0 break-words">What you had typed: “{typed.slice(0, 200)}”</span>
          <CopyButton text={typed} label="Copy what you typed" isLabeled />
        </p>
      )}
    </div>
  );
}

function outcomeOf(input: OpenInput): string {
  if (input.state === "expired") return "Nobody answered in time.";
  if (input.state === "superseded") return `Closed without an answer: ${input.superseded_reason}.`;
  const answer = input.answer ? `: “${input.answer}”` : "";
  return `${decisionMade(input.kind, input.decision)} by ${input.answered_by}${answer}.`;
}
