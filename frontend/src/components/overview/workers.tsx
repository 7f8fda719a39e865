import { ChevronRight, CircleCheck, CircleX, ExternalLink } from "lucide-react";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { count } from "@/lib/format";
import { SERVICE_NAMES, type WorkerProcess, type WorkersHealth } from "@/lib/overview";

type Service = WorkersHealth["services"][number];

/** What does the work: one line for each kind of it; which process on which host, for admins. */
export function Workers({ workers, isStaff }: { workers: WorkersHealth; isStaff: boolean }) {
  const { services, processes, problem } = workers;
  return (
    <Panel title="Workers" aside={workers.is_well ? "all there" : "not all there"}>
      {problem && <p className="px-3 py-3 text-[0.8125rem] text-warn">{problem}</p>}
      <ul className="divide-y divide-line">
        {services.map((service) => (
          <ServiceRow key={service.name} service={service} />
        ))}
      </ul>
      {processes && processes.length > 0 && <Processes processes={processes} />}
      {isStaff && (
        <p className="border-t border-line px-3 py-2">
          <a
            href="/flower/"
            className="inline-flex min-h-6 items-center gap-1 text-[0.8125rem] text-accent hover:underline pointer-coarse:min-h-11"
          >
            Tasks in Flower <ExternalLink className="size-3.5" aria-hidden />
          </a>
        </p>
      )}
    </Panel>
  );
}

function ServiceRow({ service: { name, processes, slots, busy, problem } }: { service: Service }) {
  const Icon = problem ? CircleX : CircleCheck;
  return (
    <li className="flex items-center gap-2.5 px-3 py-2 text-[0.8125rem]">
      <Icon className={`size-4 shrink-0 ${problem ? "text-bad" : "text-good"}`} aria-hidden />
      <span className="w-28 shrink-0 font-medium">{SERVICE_NAMES[name]}</span>
      {problem ? (
        <span className="min-w-0 text-bad">{problem}</span>
      ) : (
        <>
          <span className="min-w-0 flex-1 truncate text-muted">
            {name === "reaper"
              ? "takes up what was lost"
              : `${count(busy)} of ${count(slots)} ${slots === 1 ? "slot" : "slots"} busy`}
          </span>
          <span className="text-xs text-muted">{processes === 1 ? "1 process" : `${count(processes)} processes`}</span>
        </>
      )}
    </li>
  );
}

function Processes({ processes }: { processes: readonly WorkerProcess[] }) {
  const lost = processes.filter(({ is_alive }) => !is_alive).length;
  return (
    <details className="group/processes border-t border-line">
      <summary className="flex min-h-9 items-center gap-1.5 px-3 text-[0.8125rem] text-muted hover:bg-raised pointer-coarse:min-h-11">
        <ChevronRight className="size-3.5 transition-transform group-open/processes:rotate-90" aria-hidden />
        Each process
        {lost > 0 && <span className="text-warn">{lost === 1 ? "1 is lost" : `${count(lost)} are lost`}</span>}
      </summary>
      <ul className="divide-y divide-line border-t border-line">
        {processes.map((process) => (
          <li key={`${process.host} ${process.name} ${process.pid}`} className="px-3 py-2 text-xs">
            <p className="flex flex-wrap items-baseline justify-between gap-x-3">
              <span className="font-mono break-all">{process.name}</span>
              <span className={process.is_alive ? "text-muted" : "font-medium text-warn"}>
                {process.is_alive ? "seen" : "lost, last seen"} <RelativeTime at={process.seen_at} />
              </span>
            </p>
            <p className="break-words text-muted">
              {process.host}, pid {process.pid} · {process.queues.join(", ")} · {process.busy} of {process.slots} busy · started{" "}
              <RelativeTime at={process.started_at} />
            </p>
          </li>
        ))}
      </ul>
    </details>
  );
}
