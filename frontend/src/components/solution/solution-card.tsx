"use client";
import { type ReactNode, useMemo } from "react";
import { InlineText } from "@/components/text/inline-text";
import { Markdown } from "@/components/text/markdown";
import { VerdictBadge } from "@/components/ui/badges";
import { spentOf } from "@/lib/budgets";
import type { Solution } from "@/lib/event-types.gen";
import type { Evidence } from "@/lib/run-state";
import { decidesTitle } from "@/lib/solution-titles";
import { Diff, isDiff } from "./diff";
import { PatchView } from "./patch-view";
import { Claims } from "./solution-claims";
import { Lines, Part } from "./solution-parts";
import { Owners, WhereAndWhen } from "./solution-places";

interface Props {
  solution: Solution;
  evidence: readonly Evidence[];
  /** The run still goes on: this may yet change. */
  isProvisional: boolean;
  /** What files that one takes away are called: `SAH-12-run-2`. */
  name: string;
}

/** The answer, what it rests on, and what it leaves open. */
export function SolutionCard({ solution, evidence, isProvisional, name }: Props) {
  const known = useMemo(() => new Set(evidence.map((fact) => fact.number)), [evidence]);
  const isOpen = solution.verdict === "inconclusive";
  const open = <WhatIsOpen solution={solution} known={known} />;
  return (
    <article
      id="solution"
      aria-label="Solution"
      className="scroll-mt-28 rounded-lg border border-line bg-surface shadow-[0_1px_2px_rgb(0_0_0/0.05)]"
    >
      <Header solution={solution} known={known} isProvisional={isProvisional} />
      <div className="space-y-4 px-4 pt-3 pb-4 sm:px-5">
        <BudgetNote solution={solution} />
        <NextStep text={solution.next_step} known={known} />
        {/* Without a cause, what would decide it is the answer. */}
        {isOpen && open}
        <Claims solution={solution} known={known} />
        <WhereAndWhen solution={solution} />
        <Owners owners={solution.owners} />
        {!isOpen && open}
        <Fix text={solution.proposed_fix} />
        {solution.patch && <PatchView patch={solution.patch} name={name} />}
      </div>
    </article>
  );
}

type PartProps = Pick<Props, "solution"> & { known: ReadonlySet<number> };

function Header({ solution, known, isProvisional }: PartProps & { isProvisional: boolean }) {
  return (
    <header className="px-4 pt-4 sm:px-5">
      <div className="flex flex-wrap items-center gap-2">
        <h2 className="text-[0.8125rem] font-semibold text-muted">Solution</h2>
        <VerdictBadge verdict={solution.verdict} />
        {isProvisional && <span className="text-xs text-muted">not final yet</span>}
        {!solution.used_llm && <span className="ml-auto text-xs text-muted">No LLM was used</span>}
      </div>
      <div className="mt-2 text-base leading-relaxed font-medium">
        <InlineText text={solution.summary} known={known} />
      </div>
      {solution.verdict === "inconclusive" && (
        <p className="mt-1 text-[0.8125rem] text-muted">
          The evidence does not show one cause. Below is what is known, and what would decide it.
        </p>
      )}
    </header>
  );
}

/** The limit that ended it early, so that nobody takes this for all that could be found. */
function BudgetNote({ solution: { budget } }: Pick<Props, "solution">) {
  if (!budget) return null;
  return (
    <p role="note" className="rounded-md bg-warn-soft px-3 py-2 text-[0.8125rem] text-warn">
      Ended early by a limit: {spentOf(budget)}. This is what was known by then.
    </p>
  );
}

function NextStep({ text, known }: { text: string; known: ReadonlySet<number> }) {
  return (
    <section aria-label="Next step" className="rounded-md bg-raised px-3 py-2">
      <h3 className="text-xs font-semibold text-muted">Next step</h3>
      <Markdown text={text} known={known} />
    </section>
  );
}

function WhatIsOpen({ solution, known }: PartProps): ReactNode {
  return (
    <>
      <Lines title="Still open" lines={solution.unresolved} known={known} />
      <Lines title={decidesTitle(solution.verdict)} lines={solution.would_decide} known={known} />
    </>
  );
}

/** In words; solutions of older runs may hold a diff here. */
function Fix({ text }: { text: string }) {
  if (!text) return null;
  return <Part title="Proposed fix">{isDiff(text) ? <Diff text={text} /> : <Markdown text={text} />}</Part>;
}
