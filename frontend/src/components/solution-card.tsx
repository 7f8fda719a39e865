"use client";
import { GitCommitHorizontal, MapPin } from "lucide-react";
import { type ReactNode, useMemo } from "react";
import type { Solution } from "@/lib/event-types.gen";
import { fullTime, shortSha } from "@/lib/format";
import type { Evidence } from "@/lib/run-state";
import { Diff, isDiff } from "./diff";
import { InlineText } from "./inline-text";
import { Markdown } from "./markdown";
import { VerdictBadge } from "./ui/badges";

interface Props {
  solution: Solution;
  evidence: readonly Evidence[];
  /** The run still goes on: this may yet change. */
  isProvisional: boolean;
}

/** The answer, what it rests on, and what it leaves open. */
export function SolutionCard({ solution, evidence, isProvisional }: Props) {
  const known = useMemo(() => new Set(evidence.map((fact) => fact.number)), [evidence]);
  return (
    <article aria-label="Solution" className="rounded-lg border border-line bg-surface shadow-[0_1px_2px_rgb(0_0_0/0.05)]">
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
      </header>
      <div className="space-y-4 px-4 pt-3 pb-4 sm:px-5">
        <NextStep text={solution.next_step} known={known} />
        {solution.root_cause && (
          <Part title="Root cause">
            <Markdown text={solution.root_cause} known={known} />
          </Part>
        )}
        <Claims solution={solution} known={known} />
        <WhereAndWhen solution={solution} />
        <Lines title="Still open" lines={solution.unresolved} known={known} />
        <Lines title="What would decide it" lines={solution.would_decide} known={known} />
        {solution.proposed_fix && (
          <Part title="Proposed fix">
            {isDiff(solution.proposed_fix) ? <Diff text={solution.proposed_fix} /> : <Markdown text={solution.proposed_fix} />}
          </Part>
        )}
      </div>
    </article>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h3 className="mb-1 text-xs font-semibold text-muted">{title}</h3>
      {children}
    </section>
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

function Claims({ solution, known }: { solution: Solution; known: ReadonlySet<number> }) {
  if (solution.claims.length === 0 && solution.dropped_claims === 0) return null;
  const dropped = solution.dropped_claims;
  return (
    <Part title="What it rests on">
      <ul className="space-y-1.5">
        {solution.claims.map((claim) => (
          <li key={claim.statement} className="flex gap-2">
            <span aria-hidden className="text-faint">
              –
            </span>
            <InlineText text={`${claim.statement} ${claim.evidence.map((number) => `[${number}]`).join(" ")}`} known={known} />
          </li>
        ))}
      </ul>
      {dropped > 0 && (
        <p className="mt-1.5 text-xs text-muted">
          {dropped === 1 ? "One statement was" : `${dropped} statements were`} left out: no evidence backs{" "}
          {dropped === 1 ? "it" : "them"}.
        </p>
      )}
    </Part>
  );
}

function WhereAndWhen({ solution }: { solution: Solution }) {
  const { locations, suspect_commit: commit } = solution;
  if (locations.length === 0 && !commit) return null;
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      {locations.length > 0 && (
        <Part title={locations.length === 1 ? "Location" : "Locations"}>
          <ul className="space-y-0.5">
            {locations.map((place) => (
              <li key={`${place.path}:${place.line}:${place.function}`} className="flex gap-1.5">
                <MapPin className="mt-0.5 size-3.5 shrink-0 text-muted" aria-hidden />
                <span className="min-w-0">
                  <span className="font-mono text-xs break-all">
                    {place.path}
                    {place.line !== null && `:${place.line}`}
                  </span>
                  {place.function && <span className="block text-xs break-all text-muted">in {place.function}</span>}
                </span>
              </li>
            ))}
          </ul>
        </Part>
      )}
      {commit && (
        <Part title="Suspect commit">
          <div className="flex gap-1.5">
            <GitCommitHorizontal className="mt-0.5 size-3.5 shrink-0 text-muted" aria-hidden />
            <p className="min-w-0 break-words">
              <code className="font-mono text-xs">{shortSha(commit.sha)}</code> {commit.summary}
              <span className="block text-xs text-muted">
                {commit.author}
                {commit.committed_at && ` · ${fullTime(commit.committed_at)}`}
              </span>
            </p>
          </div>
        </Part>
      )}
    </div>
  );
}

function Lines({ title, lines, known }: { title: string; lines: readonly string[]; known: ReadonlySet<number> }) {
  if (lines.length === 0) return null;
  return (
    <Part title={title}>
      <ul className="space-y-1">
        {lines.map((line) => (
          <li key={line} className="flex gap-2">
            <span aria-hidden className="text-faint">
              –
            </span>
            <InlineText text={line} known={known} />
          </li>
        ))}
      </ul>
    </Part>
  );
}
