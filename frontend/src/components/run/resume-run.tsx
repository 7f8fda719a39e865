"use client";
import { Play } from "lucide-react";
import Link from "next/link";
import { Button, buttonClass } from "@/components/ui/button";
import { ProblemNote } from "@/components/ui/problem-note";
import { resumedAs, useForks } from "@/hooks/use-forks";
import { runAddress } from "@/lib/addresses";
import type { Issue } from "@/lib/api-types";

/** Goes on from where a run was when it was stopped or failed; leads to the run that already does. */
export function ResumeRun({ issue, runId, mayAct }: { issue: Issue; runId: string; mayAct: boolean }) {
  const { resume } = useForks(issue.key, runId);
  const next = resumedAs(issue.runs, runId);
  if (next) {
    return (
      <Link href={runAddress(issue.key, next.number)} className={buttonClass("plain", "mt-3")}>
        <Play className="size-3.5" aria-hidden />
        Resumed as run {next.number}
      </Link>
    );
  }
  if (!mayAct) return null;
  return (
    <div className="mt-3 space-y-2">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <Button variant="primary" onClick={() => resume.mutate()} isBusy={resume.isPending}>
          {!resume.isPending && <Play className="size-3.5" aria-hidden />}
          Resume
        </Button>
        <p className="min-w-0 flex-1 basis-56 text-xs text-muted">
          A further run goes on from here with all that was found; this one stays as it is.
        </p>
      </div>
      <ProblemNote error={resume.error} />
    </div>
  );
}
