"use client";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Arguments } from "@/components/run/arguments";
import { INPUT_ICONS } from "@/components/run/timeline-rows";
import { ProblemNote } from "@/components/ui/problem-note";
import { useNow } from "@/hooks/use-now";
import { api } from "@/lib/api";
import type { Answer } from "@/lib/api-types";
import { type Role, whyNotMine } from "@/lib/decisions";
import { duration } from "@/lib/format";
import { problemOf } from "@/lib/problem";
import type { OpenInput } from "@/lib/run-state";
import { Choices } from "./input-choices";

const TITLES = { question: "A question for you", approval: "Approval needed", budget: "A limit is reached" };

/** What the run needs from a person. It goes away when the run's events tell the answer, not with the click. */
export function InputDock({ inputs, role }: { inputs: readonly OpenInput[]; role: Role | null }) {
  return inputs.map((input) => <InputCard key={input.id} input={input} role={role} />);
}

function InputCard({ input, role }: { input: OpenInput; role: Role | null }) {
  const Icon = INPUT_ICONS[input.kind];
  // One for this card: a second click sends the same request, and the first answer wins anyway.
  const [clientId] = useState(() => crypto.randomUUID());
  const answer = useMutation({ mutationFn: (body: Answer) => api.answerInput(input.id, body, clientId) });
  const refusedBecause = whyNotMine(input, role);
  const problem = problemOf(answer.error);
  // The field of the arguments shows it itself.
  const isShownAtField = problem?.field.startsWith("arguments") && answer.variables?.decision === "edit";
  return (
    <section
      aria-label={TITLES[input.kind]}
      className="max-h-[60dvh] overflow-y-auto rounded-lg border border-warn/50 bg-warn-soft p-3"
    >
      <h2 className="flex items-center gap-2 font-semibold text-warn">
        <Icon className="size-4 shrink-0" aria-hidden />
        {TITLES[input.kind]}
      </h2>
      <p className="mt-1 break-words whitespace-pre-wrap">{input.prompt}</p>
      {input.tool && (
        <div className="mt-2 space-y-1 rounded border border-line bg-surface p-2">
          <p className="font-mono text-xs font-medium">{input.tool}</p>
          <Arguments values={input.arguments} />
        </div>
      )}
      <Deadline input={input} />
      {refusedBecause && <p className="mt-1.5 text-xs font-medium text-warn">{refusedBecause}</p>}
      {role !== null && role !== "viewer" && (
        <Choices
          input={input}
          isBusy={answer.isPending || answer.isSuccess}
          isDisabled={refusedBecause !== ""}
          refusal={problem}
          onAnswer={answer.mutateAsync}
        />
      )}
      <div className="mt-2 empty:hidden">{!isShownAtField && <ProblemNote error={answer.error} />}</div>
    </section>
  );
}

function Deadline({ input }: { input: OpenInput }) {
  const now = useNow(input.expires_at ? 1000 : null);
  if (!input.expires_at) return null;
  const left = Date.parse(input.expires_at) - now;
  return (
    <p className="mt-1.5 text-xs text-muted">
      {left > 0 ? `${duration(Math.ceil(left / 1000) * 1000)} left` : "Time is up"}
      {input.default && `; without an answer: ${input.default}`}
    </p>
  );
}
