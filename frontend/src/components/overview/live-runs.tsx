import Link from "next/link";
import { RunStatusBadge } from "@/components/ui/badges";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { runAddress } from "@/lib/addresses";
import { count, STAGE_NAMES } from "@/lib/format";
import { type LiveRun, type Overview, waitsFor } from "@/lib/overview";

/** Runs that are at work, wait for people, or are queued. */
export function LiveRuns({ overview, isOneTeam }: { overview: Overview; isOneTeam: boolean }) {
  const { runs, running, waiting, queued } = overview;
  const total = running + waiting + queued;
  return (
    <Panel title="Now" aside={total > 0 ? `${count(running)} running · ${count(waiting)} waiting · ${count(queued)} queued` : ""}>
      {runs.length > 0 ? (
        <ul aria-label="Runs now" className="max-h-[22rem] divide-y divide-line overflow-y-auto">
          {runs.map((run) => (
            <Row key={run.id} run={run} isOneTeam={isOneTeam} />
          ))}
        </ul>
      ) : (
        <p className="px-3 py-6 text-center text-muted">
          Nothing is being investigated. Runs show here while they are at work, wait for people, or stand in the queue.
        </p>
      )}
      <Queue overview={overview} hidden={total - runs.length} />
    </Panel>
  );
}

function Row({ run, isOneTeam }: { run: LiveRun; isOneTeam: boolean }) {
  return (
    <li className="relative grid gap-x-4 gap-y-1 px-3 py-2.5 hover:bg-raised sm:grid-cols-[4.5rem_minmax(0,1fr)_auto] sm:items-center">
      <span className="font-mono text-xs text-muted">{run.issue}</span>
      <div className="min-w-0">
        <Link
          href={runAddress(run.issue, run.number)}
          prefetch={false}
          className="block truncate font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
        >
          {run.title}
        </Link>
        <p className="truncate text-xs text-muted">
          {isOneTeam ? "" : `${run.team} · `}run {run.number} · <Standing run={run} />
        </p>
      </div>
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1 sm:justify-end">
        <RelativeTime at={run.since} className="text-xs text-muted max-sm:order-2" />
        <RunStatusBadge status={run.status} />
      </div>
    </li>
  );
}

function Standing({ run }: { run: LiveRun }) {
  if (run.status === "waiting") return <span title={run.asked[0]?.prompt}>{waitsFor(run)}</span>;
  if (run.queue_position !== null) {
    return run.queue_position === 1 ? "next in the queue" : `number ${count(run.queue_position)} in the queue`;
  }
  return STAGE_NAMES[run.stage];
}

function Queue({ overview, hidden }: { overview: Overview; hidden: number }) {
  const { queue_length: length, queued, oldest_queued_since: oldest } = overview;
  if (length === 0 && hidden <= 0) return null;
  const others = length - queued;
  return (
    <p className="border-t border-line bg-raised/50 px-3 py-2 text-xs text-muted">
      {length > 0 && (
        <>
          The queue has {count(length)} {length === 1 ? "run" : "runs"}
          {others > 0 && `, ${count(others)} of them of other teams`}
          {oldest && (
            <>
              ; the oldest of yours is there since <RelativeTime at={oldest} />
            </>
          )}
          .{" "}
        </>
      )}
      {hidden > 0 && `${count(hidden)} more are not listed.`}
    </p>
  );
}
