"use client";
import Link from "next/link";
import { useState } from "react";
import { DayLimits } from "@/components/overview/team-spending";
import { UsageTable } from "@/components/run/usage-table";
import { RelativeTime } from "@/components/ui/relative-time";
import { Skeleton, SkeletonRows } from "@/components/ui/skeleton";
import { ErrorState } from "@/components/ui/states";
import { useTeamBudget, useTeamUsage } from "@/hooks/use-team-spending";
import type { TeamBudget } from "@/lib/api-types";
import { MEASURES, SCOPES } from "@/lib/budget-form";
import { BudgetEditor } from "./budget-editor";
import { useTeamSettings } from "./settings-frame";

const SCOPE_NAMES = { run: "Each run", day: "All runs of a day (UTC)" };

/** What the team may spend and has spent. Admins set the limits; everybody in the team may know them. */
export function Budgets() {
  const { team } = useTeamSettings();
  const budget = useTeamBudget(team.id);
  if (budget.isPending) return <SkeletonRows label="Loading the budget" rows={6} />;
  if (budget.error && !budget.data) return <ErrorState error={budget.error} onRetry={() => void budget.refetch()} />;
  return (
    <div className="space-y-6">
      <section aria-labelledby="today" className="rounded-lg border border-line bg-surface p-4">
        <h2 id="today" className="mb-3 text-[0.8125rem] font-semibold">
          Spent today <span className="font-normal text-muted">(UTC)</span>
        </h2>
        <DayLimits budget={budget.data} />
      </section>
      <section aria-labelledby="limits">
        <div className="mb-2 flex flex-wrap items-baseline justify-between gap-x-4">
          <h2 id="limits" className="text-[0.8125rem] font-semibold">
            Limits
          </h2>
          <LastChange budget={budget.data} team={team.key} isAdmin={team.role === "admin"} />
        </div>
        {team.role === "admin" ? (
          <Editing key={team.id} teamId={team.id} budget={budget.data} reload={async () => (await budget.refetch()).data} />
        ) : (
          <InForce budget={budget.data} />
        )}
      </section>
      <Usage key={`usage-${team.id}`} teamId={team.id} />
    </div>
  );
}

interface EditingProps {
  teamId: number;
  budget: TeamBudget;
  reload: () => Promise<TeamBudget | undefined>;
}

/** The form stands on the budget that it was opened with: news from the server do not change what somebody is typing. */
function Editing({ teamId, budget, reload }: EditingProps) {
  const [seen, setSeen] = useState(budget);
  const [generation, setGeneration] = useState(0);
  const isOutdated = budget.changed?.at !== seen.changed?.at;
  return (
    <BudgetEditor
      key={generation}
      teamId={teamId}
      budget={seen}
      changedBy={isOutdated ? (budget.changed?.by ?? "") : ""}
      onSaved={setSeen}
      onReload={async () => {
        setSeen((await reload()) ?? budget);
        setGeneration(generation + 1);
      }}
    />
  );
}

function LastChange({ budget: { changed }, team, isAdmin }: { budget: TeamBudget; team: string; isAdmin: boolean }) {
  if (!changed) return <p className="text-xs text-muted">Never changed: the defaults of this installation hold.</p>;
  return (
    <p className="text-xs text-muted">
      Changed by {changed.by} <RelativeTime at={changed.at} />
      {isAdmin && (
        <>
          {" · "}
          <Link
            href={`/settings/audit/?team=${team}&action=team_budget.changed`}
            prefetch={false}
            className="text-accent underline"
          >
            all changes
          </Link>
        </>
      )}
    </p>
  );
}

function InForce({ budget }: { budget: TeamBudget }) {
  return (
    <>
      <div className="grid gap-3 sm:grid-cols-2">
        {SCOPES.map((scope) => (
          <div key={scope} className="rounded-lg border border-line bg-surface p-4">
            <h3 className="mb-2 text-[0.8125rem] font-medium">{SCOPE_NAMES[scope]}</h3>
            <dl className="space-y-1 text-[0.8125rem]">
              {MEASURES.map(({ measure, label, write }) => {
                const limit = budget[scope][measure];
                return (
                  <div key={measure} className="flex justify-between gap-4">
                    <dt className="text-muted">{label}</dt>
                    <dd>{limit === null ? "no limit" : write(limit)}</dd>
                  </div>
                );
              })}
            </dl>
          </div>
        ))}
      </div>
      <p className="mt-2 text-[0.8125rem] text-muted">Admins of the team can change the limits.</p>
    </>
  );
}

function Usage({ teamId }: { teamId: number }) {
  const usage = useTeamUsage(teamId, true);
  return (
    <section aria-labelledby="usage" className="rounded-lg border border-line bg-surface p-4">
      <h2 id="usage" className="mb-2 text-[0.8125rem] font-semibold">
        Last thirty days
      </h2>
      {usage.isPending && <Skeleton className="h-24 w-full" />}
      {usage.error && <ErrorState error={usage.error} onRetry={() => void usage.refetch()} />}
      {usage.data && <UsageTable days={usage.data.results} />}
    </section>
  );
}
