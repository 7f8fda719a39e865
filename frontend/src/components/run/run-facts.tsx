"use client";
import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { Markdown } from "@/components/text/markdown";
import { Panel } from "@/components/ui/panel";
import { activityText } from "@/lib/activity";
import type { Activity, Issue, Run } from "@/lib/api-types";
import { count, duration, fullTime, SEVERITY_NAMES } from "@/lib/format";
import { withFencedOutput } from "@/lib/report-text";
import { isEnded, type RunState } from "@/lib/run-state";
import { costText, isOffline } from "@/lib/usage";

/** What was reported, as it was typed, and what was done with the issue since. */
export function ReportPanel({ issue }: { issue: Issue }) {
  return (
    <Panel title="Report">
      {issue.severity && (
        <p className="px-3 pt-2.5 text-xs">
          <span className="text-muted">Severity </span>
          {SEVERITY_NAMES[issue.severity]}
        </p>
      )}
      <Fold title="What was reported">
        <Markdown text={withFencedOutput(issue.body)} />
      </Fold>
      {issue.activity.length > 0 && (
        <Fold title={`Activity (${issue.activity.length})`}>
          <ul className="space-y-1 text-xs">
            {issue.activity.map((entry) => (
              <ActivityRow key={entry.number} entry={entry} />
            ))}
          </ul>
        </Fold>
      )}
    </Panel>
  );
}

function ActivityRow({ entry }: { entry: Activity }) {
  return (
    <li>
      <span className="font-medium">{entry.actor}</span> {activityText(entry)}
      <span className="block text-muted">{fullTime(entry.at)}</span>
    </li>
  );
}

function Fold({ title, children }: { title: string; children: ReactNode }) {
  return (
    <details className="group/fold border-b border-line last:border-b-0">
      <summary className="flex min-h-9 items-center gap-1.5 px-3 text-[0.8125rem] hover:bg-raised pointer-coarse:min-h-11">
        <ChevronRight className="size-3.5 text-faint transition-transform group-open/fold:rotate-90" aria-hidden />
        {title}
      </summary>
      <div className="max-h-96 overflow-y-auto px-3 pb-3 text-[0.8125rem]">{children}</div>
    </details>
  );
}

/** Who asked, which model, and what it took. */
export function RunFacts({ run, record }: { run: RunState; record: Run | undefined }) {
  // The record is of the moment when it was read; while the run goes on, its events know more.
  const hasEnded = isEnded(run.status);
  const calls = hasEnded && record ? record.usage.tool_calls : callsIn(run);
  const told = run.usage.model || record?.model || "";
  const isByRules = run.solution?.used_llm === false || isOffline(told);
  const usage = isByRules ? null : run.usage;
  const model = isByRules ? "none (offline rules)" : told;
  return (
    <Panel title="Run">
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 px-3 py-2.5 text-xs">
        <Fact name="Asked by" value={run.askedBy} />
        <Fact name="Queued" value={run.queuedAt ? fullTime(run.queuedAt) : ""} />
        <Fact name="Model" value={model} />
        <Fact name="Asked for" value={record?.wanted_model && record.wanted_model !== model ? record.wanted_model : ""} />
        {usage && usage.model_calls > 0 && (
          <>
            <Fact name="Model calls" value={count(usage.model_calls)} />
            <Fact name="Tokens" value={`${count(usage.input_tokens)} in, ${count(usage.output_tokens)} out`} />
            <Fact name="From the cache" value={usage.cached_input_tokens ? `${count(usage.cached_input_tokens)} in` : ""} />
            <Fact name="Cost" value={costText(usage)} />
          </>
        )}
        <Fact name="Tool calls" value={calls ? count(calls) : ""} />
        <Fact name="Worked for" value={hasEnded && record?.usage.seconds ? duration(record.usage.seconds * 1000) : ""} />
        <Fact name="Events" value={count(run.lastSeq)} />
      </dl>
    </Panel>
  );
}

const callsIn = (run: RunState): number =>
  Object.values(run.steps).reduce((sum, step) => sum + step.parts.filter(({ type }) => type === "call").length, 0);

function Fact({ name, value }: { name: string; value: string }) {
  if (!value) return null;
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="text-right break-words">{value}</dd>
    </>
  );
}
