"use client";
import { useMutation } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { Arguments } from "@/components/run/arguments";
import { INPUT_ICONS } from "@/components/run/timeline-rows";
import { Button } from "@/components/ui/button";
import { ProblemNote } from "@/components/ui/problem-note";
import { useDraft } from "@/hooks/use-draft";
import { useNow } from "@/hooks/use-now";
import { issueAddress } from "@/lib/addresses";
import { api } from "@/lib/api";
import type { Answer } from "@/lib/api-types";
import { type Role, whyNotMine } from "@/lib/decisions";
import { duration } from "@/lib/format";
import { problemOf } from "@/lib/problem";
import type { OpenInput } from "@/lib/run-state";
import { Choices } from "./input-choices";
import { ClosedElsewhere } from "./input-closed";

const TITLES = {
  question: "A question for you",
  approval: "Approval needed",
  budget: "A limit is reached",
  join: "The same problem?",
};

interface DockProps {
  /** All of the run's, the closed ones too. */
  inputs: readonly OpenInput[];
  role: Role | null;
}

/**
 * What the run needs from a person, one at a time. A request goes away when the run's events tell its answer, not with the
 * click; where somebody else was first, that is said in its place.
 */
export function InputDock({ inputs, role }: DockProps) {
  const open = inputs.filter(({ state }) => state === "open");
  const [wanted, setWanted] = useState("");
  const [own, setOwn] = useState<readonly string[]>([]);
  // The one that is shown may be closed by somebody else: its successor takes its place, and the outcome is told above.
  const shown = open.find(({ id }) => id === wanted) ?? open[0];
  const [seen, setSeen] = useState<readonly string[]>([]);
  if (shown && !seen.includes(shown.id)) setSeen([...seen, shown.id]);
  const dismiss = (id: string) => setSeen(seen.filter((each) => each !== id));
  const closed = inputs.filter(({ id, state }) => state !== "open" && seen.includes(id) && !own.includes(id));
  return (
    <>
      <div role="status" className="space-y-2 empty:hidden">
        {closed.map((input) => (
          <ClosedElsewhere key={input.id} input={input} onDismiss={() => dismiss(input.id)} />
        ))}
      </div>
      {shown && (
        <InputCard
          key={shown.id}
          input={shown}
          role={role}
          place={open.indexOf(shown)}
          total={open.length}
          onStep={(by) => setWanted(open[(open.indexOf(shown) + by + open.length) % open.length]?.id ?? "")}
          onOwn={(isOwn) => setOwn((known) => (isOwn ? [...known, shown.id] : known.filter((id) => id !== shown.id)))}
        />
      )}
    </>
  );
}

interface CardProps {
  input: OpenInput;
  role: Role | null;
  /** Among the open ones, from 0. */
  place: number;
  total: number;
  onStep: (by: 1 | -1) => void;
  /** Whether this person's answer is on its way, or was taken: then nobody need be told of it. */
  onOwn: (isOwn: boolean) => void;
}

function InputCard({ input, role, place, total, onStep, onOwn }: CardProps) {
  const Icon = INPUT_ICONS[input.kind];
  // One for this card: a second click sends the same request, and the first answer wins anyway.
  const [clientId] = useState(() => crypto.randomUUID());
  const answer = useMutation({
    mutationFn: (body: Answer) => api.answerInput(input.id, body, clientId),
    onMutate: () => onOwn(true),
    onError: () => onOwn(false),
  });
  const refusedBecause = whyNotMine(input, role);
  // Then they stand in the fields below.
  const isEdited = useDraft(`arguments.${input.id}`)[0] !== "" && refusedBecause === "";
  const problem = problemOf(answer.error);
  // The field of the arguments shows it itself.
  const isShownAtField = problem?.field.startsWith("arguments") && answer.variables?.decision === "edit";
  return (
    <section
      aria-label={TITLES[input.kind]}
      className="max-h-[60dvh] overflow-y-auto rounded-lg border border-warn/50 bg-warn-soft p-3"
    >
      <div className="flex items-center gap-2">
        <h2 className="flex min-w-0 flex-1 items-center gap-2 font-semibold text-warn">
          <Icon className="size-4 shrink-0" aria-hidden />
          {TITLES[input.kind]}
        </h2>
        {total > 1 && <Pager place={place} total={total} onStep={onStep} />}
      </div>
      <p className="mt-1 break-words whitespace-pre-wrap">{input.prompt}</p>
      {input.kind === "join" && <OtherIssue issueKey={String(input.arguments.issue)} />}
      {input.tool && (
        <div className="mt-2 space-y-1 rounded border border-line bg-surface p-2">
          <p className="font-mono text-xs font-medium">{input.tool}</p>
          {!isEdited && <Arguments values={input.arguments} />}
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

/** Of an offer to join: who decides looks at the other issue first. What was typed here is kept meanwhile. */
function OtherIssue({ issueKey }: { issueKey: string }) {
  return (
    <p className="mt-1.5">
      <Link href={issueAddress(issueKey)} prefetch={false} className="font-medium text-accent underline-offset-2 hover:underline">
        Look at {issueKey} first
      </Link>
    </p>
  );
}

/** Several wait: each can be looked at before any of them is decided. */
function Pager({ place, total, onStep }: Pick<CardProps, "place" | "total" | "onStep">) {
  return (
    <div className="flex shrink-0 items-center gap-0.5 text-xs text-warn">
      <Button variant="quiet" className="px-1.5" aria-label="Previous request" onClick={() => onStep(-1)}>
        <ChevronLeft className="size-4" aria-hidden />
      </Button>
      <span>
        {place + 1} of {total}
      </span>
      <Button variant="quiet" className="px-1.5" aria-label="Next request" onClick={() => onStep(1)}>
        <ChevronRight className="size-4" aria-hidden />
      </Button>
    </div>
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
