import { Ban, TriangleAlert } from "lucide-react";
import { STAGE_NAMES } from "@/lib/format";
import type { RunState } from "@/lib/run-state";

/** How a run ended that has no solution to show: where it failed, why, and what to do; or what was found until it was stopped. */
export function RunEnding({ run }: { run: RunState }) {
  if (run.failure) return <FailureCard failure={run.failure} />;
  if (run.canceled) return <StoppedCard canceled={run.canceled} />;
  return null;
}

function FailureCard({ failure }: { failure: NonNullable<RunState["failure"]> }) {
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
    </article>
  );
}

function StoppedCard({ canceled }: { canceled: NonNullable<RunState["canceled"]> }) {
  return (
    <article aria-label="Stopped" className="rounded-lg border border-line bg-surface px-4 py-3 sm:px-5">
      <h2 className="flex items-center gap-2 font-semibold">
        <Ban className="size-4 text-muted" aria-hidden />
        Stopped by {canceled.by}
      </h2>
      {canceled.facts.length > 0 ? (
        <>
          <p className="mt-1 text-muted">Found until then:</p>
          <ul className="mt-1 list-disc space-y-0.5 pl-5">
            {canceled.facts.map((fact) => (
              <li key={fact} className="break-words">
                {fact}
              </li>
            ))}
          </ul>
        </>
      ) : (
        <p className="mt-1 text-muted">Nothing had been found until then.</p>
      )}
    </article>
  );
}
