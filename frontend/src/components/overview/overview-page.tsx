"use client";
import { AppShell } from "@/components/shell/app-shell";
import { Boundary } from "@/components/shell/boundary";
import { ProblemNote } from "@/components/ui/problem-note";
import { RelativeTime } from "@/components/ui/relative-time";
import { EmptyState, ErrorState } from "@/components/ui/states";
import { useOverview } from "@/hooks/use-overview";
import type { Me } from "@/lib/api-types";
import type { Overview } from "@/lib/overview";
import { Agreement } from "./agreement";
import { Controls } from "./controls";
import { Charts } from "./day-charts";
import { Gateway } from "./gateway";
import { LiveRuns } from "./live-runs";
import { OverviewSkeleton } from "./overview-skeleton";
import { Spending } from "./spending";
import { SystemAlert } from "./system-alert";
import { TeamSpending } from "./team-spending";
import { Tiles } from "./tiles";
import { Workers } from "./workers";

/** What goes on, what came of it, what it cost, and whether the parts of the system are well. */
export function OverviewPage() {
  return <AppShell>{(me) => <Page me={me} />}</AppShell>;
}

function Page({ me }: { me: Me }) {
  const { data, error, isPlaceholderData, refetch, asked, ask } = useOverview();
  return (
    <main id="main" className="mx-auto max-w-6xl px-4 pt-5 pb-16">
      <div className="mb-4 flex flex-wrap items-center gap-x-4 gap-y-3">
        <h1 className="text-xl font-semibold tracking-tight">Overview</h1>
        {data && !error && (
          <p className="text-xs text-muted">
            As of <RelativeTime at={data.at} />, renewed every 10 s
          </p>
        )}
        <Controls teams={me.teams} asked={asked} onAsk={ask} />
      </div>
      {me.teams.length === 0 && (
        <EmptyState title="You are not in any team">
          Ask an admin of a team to add you: its runs, answers and costs then show here.
        </EmptyState>
      )}
      {error && data && (
        <div className="mb-4">
          <ProblemNote error={error} onRetry={() => void refetch()} />
        </div>
      )}
      {!data && (error ? <ErrorState error={error} onRetry={() => void refetch()} /> : <OverviewSkeleton />)}
      {data && (
        <div aria-busy={isPlaceholderData} className={isPlaceholderData ? "opacity-60 transition-opacity" : ""}>
          <Boundary what="The overview" resetKey={data.at}>
            <Parts overview={data} me={me} isOneTeam={asked.team !== "" || me.teams.length < 2} />
          </Boundary>
        </div>
      )}
    </main>
  );
}

function Parts({ overview, me, isOneTeam }: { overview: Overview; me: Me; isOneTeam: boolean }) {
  return (
    <div className="space-y-5">
      <SystemAlert overview={overview} />
      <LiveRuns overview={overview} isOneTeam={isOneTeam} />
      <Tiles overview={overview} />
      <Charts overview={overview} />
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,2fr)_minmax(0,3fr)]">
        <Agreement overview={overview} />
        <Spending rows={overview.spending} isOneTeam={isOneTeam} />
      </div>
      <div className="space-y-2 empty:hidden">
        <TeamSpending me={me} />
      </div>
      <div className="grid items-start gap-5 lg:grid-cols-2">
        <Workers workers={overview.workers} isStaff={me.user?.is_staff === true} />
        <Gateway gateway={overview.gateway} mayOpenSettings={overview.workers.processes !== null} />
      </div>
    </div>
  );
}
