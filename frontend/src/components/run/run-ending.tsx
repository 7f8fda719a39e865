import { Ban, GitMerge, TriangleAlert } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { LineList, Part } from "@/components/solution/solution-parts";
import { issueAddress } from "@/lib/addresses";
import { STAGE_NAMES } from "@/lib/format";
import type { Canceled, RunState } from "@/lib/run-state";

interface Props {
  run: RunState;
  /** Numbers of the evidence that was found. */
  known: ReadonlySet<number>;
  /** What can be done about it. */
  children: ReactNode;
}

/** How a run ended that was not let come to its end: where it failed, why, and what to do; or what was known when it was stopped. */
export function RunEnding({ run, known, children }: Props) {
  if (run.failure) return <FailureCard failure={run.failure}>{children}</FailureCard>;
  if (!run.canceled) return null;
  if (run.canceled.joined) return <JoinedCard canceled={run.canceled} />;
  return (
    <StoppedCard canceled={run.canceled} known={known}>
      {children}
    </StoppedCard>
  );
}

function FailureCard({ failure, children }: { failure: NonNullable<RunState["failure"]>; children: ReactNode }) {
  return (
    <article aria-label="Failure" className="rounded-lg border border-bad/40 bg-bad-soft px-4 py-3 sm:px-5">
      <h2 className="flex items-center gap-2 font-semibold text-bad">
        <TriangleAlert className="size-4" aria-hidden />
        Failed in “{STAGE_NAMES[failure.stage]}”
      </h2>
      <p className="mt-1 break-words">{failure.cause}</p>
      {failure.nextStep && (
        <p className="mt-2 break-words">
          <span className="font-semibold">Next step: </span>
          {failure.nextStep}
        </p>
      )}
      <p className="mt-1 font-mono text-xs text-muted">{failure.code}</p>
      {children}
    </article>
  );
}

/** It has not begun: the same problem was being investigated already. */
function JoinedCard({ canceled: { by, joined } }: { canceled: Canceled }) {
  return (
    <article aria-label="Joined" className="rounded-lg border border-line bg-surface px-4 py-3 sm:px-5">
      <h2 className="flex items-center gap-2 font-semibold">
        <GitMerge className="size-4 text-muted" aria-hidden />
        <span>
          Joined{" "}
          <Link href={issueAddress(joined)} className="font-mono text-accent underline-offset-2 hover:underline">
            {joined}
          </Link>
        </span>
      </h2>
      <p className="mt-1 text-muted">{by} chose the investigation of the same problem.</p>
    </article>
  );
}

/** Stopping loses nothing: the facts, what still stood, and what would have come next. */
function StoppedCard({ canceled, known, children }: { canceled: Canceled } & Pick<Props, "known" | "children">) {
  const { by, facts, hypotheses, wouldLookAt } = canceled;
  return (
    <article aria-label="Stopped" className="rounded-lg border border-line bg-surface px-4 py-3 sm:px-5">
      <h2 className="flex items-center gap-2 font-semibold">
        <Ban className="size-4 text-muted" aria-hidden />
        Stopped by {by}
      </h2>
      <div className="mt-2 space-y-3">
        {facts.length > 0 ? (
          <Part title="Found until then">
            <LineList lines={facts} known={known} />
          </Part>
        ) : (
          <p className="text-muted">Nothing had been found until then.</p>
        )}
        {hypotheses.length > 0 && (
          <Part title="Held possible" aside="(not proven)">
            <LineList lines={hypotheses} known={known} />
          </Part>
        )}
        {wouldLookAt && (
          <Part title="It was about to">
            <LineList lines={[wouldLookAt]} known={known} />
          </Part>
        )}
      </div>
      {children}
    </article>
  );
}
