"use client";
import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { InlineText } from "@/components/text/inline-text";
import { HYPOTHESIS_STATUS_NAMES, leadingHypothesis, sourceName } from "@/lib/hypotheses";
import type { HypothesisChange, TrackedHypothesis } from "@/lib/run-state";
import { At } from "./at";
import { HypothesisStatus, Reason } from "./hypothesis-row";

interface Props {
  hypotheses: readonly TrackedHypothesis[];
  /** Numbers of the evidence that was found. */
  known: ReadonlySet<number>;
  /** There is an answer, or there will be none: what was held possible on the way is kept, folded. */
  isOver: boolean;
}

/** What the run holds possible before anything is proven: the one that stands best, how it came to that, and the others. */
export function HypothesisCard({ hypotheses, known, isOver }: Props) {
  if (hypotheses.length === 0) return null;
  if (isOver) return <FoldedHypotheses hypotheses={hypotheses} known={known} />;
  const leading = leadingHypothesis(hypotheses);
  const isFirst = leading !== undefined && leading === hypotheses[0] && leading.changes.length === 1;
  const title = isFirst ? "First hypothesis" : leading ? "Current hypothesis" : "Hypotheses";
  const others = hypotheses.filter((each) => each !== leading);
  return (
    <article
      aria-label={title}
      className="rounded-lg border border-dashed border-accent/60 bg-surface px-4 py-3 sm:px-5"
      data-testid="hypothesis"
    >
      <header className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h2 className="text-[0.8125rem] font-semibold text-muted">{title}</h2>
        {leading && <HypothesisStatus status={leading.status} />}
        <span className="rounded-full border border-line-strong/60 px-2 text-xs text-muted">not proven yet</span>
      </header>
      {leading ? (
        <Leading hypothesis={leading} known={known} />
      ) : (
        <p className="mt-1.5">None of them stands any more; the investigation goes on.</p>
      )}
      {others.length > 0 && <Others hypotheses={others} known={known} />}
      <p className="sr-only" role="status">
        {leading && `${HYPOTHESIS_STATUS_NAMES[leading.status]}: ${leading.statement}`}
      </p>
    </article>
  );
}

function Leading({ hypothesis, known }: { hypothesis: TrackedHypothesis; known: ReadonlySet<number> }) {
  const { because, evidence, changes, source } = hypothesis;
  return (
    <>
      <p className="mt-1.5 text-base leading-relaxed font-medium">
        <InlineText text={hypothesis.statement} known={known} />
      </p>
      <p className="mt-1 text-[0.8125rem] break-words text-muted">
        <Reason because={because} evidence={evidence} known={known} />
      </p>
      <p className="mt-1 text-xs text-muted">Stated {sourceName(source)}</p>
      {changes.length > 1 && (
        <div className="mt-2">
          <Trail changes={changes} known={known} />
        </div>
      )}
    </>
  );
}

/** From the first word to the last. */
function Trail({ changes, known }: { changes: readonly HypothesisChange[]; known: ReadonlySet<number> }) {
  return (
    <ol aria-label="How it came to that" className="space-y-1 border-l border-line pl-3">
      {changes.map((change) => (
        <li key={change.seq} className="flex flex-wrap items-baseline gap-x-2 text-xs">
          <At at={change.at} seq={change.seq} />
          <HypothesisStatus status={change.status} />
          <span className="min-w-0 flex-[1_1_14rem] break-words text-muted">
            <Reason because={change.because} evidence={change.evidence} known={known} />
          </span>
        </li>
      ))}
    </ol>
  );
}

function Others({ hypotheses, known }: { hypotheses: readonly TrackedHypothesis[]; known: ReadonlySet<number> }) {
  return (
    <details className="group/others mt-2">
      <Summary>{hypotheses.length === 1 ? "1 other" : `${hypotheses.length} others`}</Summary>
      <List hypotheses={hypotheses} known={known} />
    </details>
  );
}

function FoldedHypotheses({ hypotheses, known }: Omit<Props, "isOver">) {
  return (
    <details data-testid="hypotheses-folded" className="group/others rounded-lg border border-line bg-surface px-4 py-1 sm:px-5">
      <Summary>{hypotheses.length === 1 ? "1 hypothesis" : `${hypotheses.length} hypotheses`} on the way</Summary>
      <List hypotheses={hypotheses} known={known} />
    </details>
  );
}

function Summary({ children }: { children: ReactNode }) {
  return (
    <summary className="flex min-h-8 items-center gap-1 rounded text-[0.8125rem] text-muted hover:text-ink pointer-coarse:min-h-11">
      <ChevronRight className="size-3.5 text-faint transition-transform group-open/others:rotate-90" aria-hidden />
      {children}
    </summary>
  );
}

function List({ hypotheses, known }: { hypotheses: readonly TrackedHypothesis[]; known: ReadonlySet<number> }) {
  return (
    <ul className="space-y-3 pt-1 pb-2">
      {hypotheses.map((hypothesis) => (
        <li key={hypothesis.id} className="space-y-1 text-[0.8125rem]">
          <p className="break-words">
            <InlineText text={hypothesis.statement} known={known} />{" "}
            <span className="text-xs text-muted">({sourceName(hypothesis.source)})</span>
          </p>
          <Trail changes={hypothesis.changes} known={known} />
        </li>
      ))}
    </ul>
  );
}
