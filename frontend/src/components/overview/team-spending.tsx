"use client";
import { ChevronRight, Wallet } from "lucide-react";
import { useState } from "react";
import { UsageTable } from "@/components/run/usage-table";
import { ProblemNote } from "@/components/ui/problem-note";
import { useTeamBudget, useTeamUsage } from "@/hooks/use-team-spending";
import type { Me, TeamBudget } from "@/lib/api-types";
import { count, duration, money } from "@/lib/format";
import type { BudgetRung } from "@/lib/run-state";

/** What the runs of one's teams spent today and in the last thirty days, for those who set the limits. */
export function TeamSpending({ me }: { me: Me }) {
  const teams = me.teams.filter(({ role }) => role === "admin");
  return teams.map((team) => <OneTeam key={team.id} id={team.id} name={team.name} />);
}

function OneTeam({ id, name }: { id: number; name: string }) {
  const [isOpen, setOpen] = useState(false);
  const budget = useTeamBudget(id);
  const usage = useTeamUsage(id, isOpen);
  return (
    <details
      className="group/spending rounded-lg border border-line bg-surface"
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary className="flex min-h-10 flex-wrap items-center gap-x-2 gap-y-0.5 px-3 py-2 text-[0.8125rem] hover:bg-raised pointer-coarse:min-h-11">
        <ChevronRight className="size-3.5 text-faint transition-transform group-open/spending:rotate-90" aria-hidden />
        <Wallet className="size-4 text-muted" aria-hidden />
        <span className="font-medium">{name} today</span>
        {budget.data && <span className="text-muted">{spentToday(budget.data)}</span>}
      </summary>
      <div className="space-y-4 border-t border-line px-3 py-3">
        <ProblemNote error={budget.error ?? usage.error} />
        {budget.data && <DayLimits budget={budget.data} />}
        {usage.isPending && <p className="text-muted">Loading…</p>}
        {usage.data && <UsageTable days={usage.data.results} label={`${name} by day and model`} />}
      </div>
    </details>
  );
}

type Measure = BudgetRung["measure"];

const MEASURES: { measure: Measure; label: string; write: (amount: number) => string }[] = [
  { measure: "cost_usd", label: "Cost", write: money },
  { measure: "tokens", label: "Tokens", write: count },
  { measure: "tool_calls", label: "Tool calls", write: count },
  { measure: "seconds", label: "Work", write: (seconds) => duration(seconds * 1000) },
];

/** In one line: the cost, or the tokens where no price is known. */
function spentToday({ spent_today: spent, day }: TeamBudget): string {
  const cost = day.cost_usd === null ? money(spent.cost_usd ?? 0) : `${money(spent.cost_usd ?? 0)} of ${money(day.cost_usd)}`;
  const unknown = spent.unpriced_calls ? `, and ${count(spent.unpriced_calls)} calls without a known price` : "";
  return `${cost}${unknown} · ${count(spent.tokens ?? 0)} tokens`;
}

/** How much of each limit of the day (UTC) is used up. */
export function DayLimits({ budget }: { budget: TeamBudget }) {
  return (
    <dl className="grid grid-cols-2 gap-x-6 gap-y-3 lg:grid-cols-4">
      {MEASURES.map(({ measure, label, write }) => (
        <Limit
          key={measure}
          label={label}
          spent={budget.spent_today[measure] ?? 0}
          limit={budget.day[measure]}
          askAt={budget.ask_at}
          write={write}
        />
      ))}
    </dl>
  );
}

interface LimitProps {
  label: string;
  spent: number;
  limit: number | null;
  /** Part of the limit from which on people are asked. */
  askAt: number;
  write: (amount: number) => string;
}

function Limit({ label, spent, limit, askAt, write }: LimitProps) {
  const part = limit ? spent / limit : 0;
  const bar = part >= 1 ? "bg-bad" : part >= askAt ? "bg-warn" : "bg-accent";
  return (
    <div>
      <dt className="text-xs text-muted">{label}</dt>
      <dd className="text-[0.8125rem]">
        {write(spent)} <span className="text-muted">{limit === null ? "no limit" : `of ${write(limit)}`}</span>
        {limit !== null && (
          <span className="mt-1 block h-1 overflow-hidden rounded-full bg-raised" aria-hidden>
            <span className={`block h-full rounded-full ${bar}`} style={{ width: `${Math.min(100, part * 100)}%` }} />
          </span>
        )}
      </dd>
    </div>
  );
}
