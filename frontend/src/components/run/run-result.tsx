import { RunStatusBadge, VerdictBadge } from "@/components/ui/badges";
import { joinedKey } from "@/lib/activity";
import type { Issue, RunSummary } from "@/lib/api-types";

interface Props {
  issue: Pick<Issue, "activity">;
  run: Pick<RunSummary, "number" | "status" | "verdict">;
}

/** What a run has come to: its verdict, or how it stands. */
export function RunResult({ issue, run }: Props) {
  if (run.verdict) return <VerdictBadge verdict={run.verdict} />;
  return <RunStatusBadge status={run.status} hasJoined={joinedKey(issue, run) !== undefined} />;
}
