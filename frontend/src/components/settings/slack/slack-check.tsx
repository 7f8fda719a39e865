"use client";
import { CircleCheck, Info, type LucideIcon, TriangleAlert } from "lucide-react";
import { Badge, type Tone } from "@/components/ui/badges";
import { Button } from "@/components/ui/button";
import { Coded } from "@/components/ui/coded";
import { ProblemNote } from "@/components/ui/problem-note";
import { useSlackCheck } from "@/hooks/use-installation";
import type { SlackFinding } from "@/lib/api/installation";

const LEVELS: Record<SlackFinding["level"], { tone: Tone; Icon: LucideIcon; label: string }> = {
  ok: { tone: "good", Icon: CircleCheck, label: "Works" },
  note: { tone: "neutral", Icon: Info, label: "Note" },
  missing: { tone: "bad", Icon: TriangleAlert, label: "Missing" },
};

/** Asks Slack what is missing, when somebody wants to know; the same as `manage.py slack check`. */
export function SlackCheck() {
  const check = useSlackCheck();
  const findings = check.data?.findings;
  const missing = findings?.filter(({ level }) => level === "missing").length ?? 0;
  return (
    <section aria-labelledby="check-title" className="space-y-3">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h2 id="check-title" className="font-semibold">
          Check
        </h2>
        <Button isBusy={check.isFetching} onClick={() => void check.refetch()}>
          {findings ? "Check again" : "Check now"}
        </Button>
      </div>
      <p role="status" className="text-muted">
        {!findings && "Asks Slack whether tokens, permissions and channels are as they must be."}
        {findings && (missing === 0 ? "Nothing is missing." : `${missing} missing.`)}
      </p>
      {check.error && <ProblemNote error={check.error} />}
      {findings && (
        <ul className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface">
          {findings.map((each) => (
            <Finding key={`${each.workspace} ${each.part} ${each.said}`} finding={each} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Finding({ finding }: { finding: SlackFinding }) {
  const { part, level, said, next_step: nextStep, workspace } = finding;
  return (
    <li className="grid gap-x-4 gap-y-1 px-4 py-2.5 sm:grid-cols-[10rem_minmax(0,1fr)]">
      <span className="text-[0.8125rem] text-muted">
        {part}
        {workspace && <span className="block font-mono text-xs">{workspace}</span>}
      </span>
      <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Badge {...LEVELS[level]} />
        <span className="min-w-0 break-words">
          <Coded text={said} />
        </span>
        {nextStep && (
          <span className="w-full text-[0.8125rem] break-words text-muted">
            <Coded text={nextStep} />
          </span>
        )}
      </span>
    </li>
  );
}
