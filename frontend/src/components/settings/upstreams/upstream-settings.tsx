"use client";
import { Boundary } from "@/components/shell/boundary";
import { CopyButton } from "@/components/ui/copy-button";
import { RelativeTime } from "@/components/ui/relative-time";
import { SkeletonRows } from "@/components/ui/skeleton";
import { ErrorState } from "@/components/ui/states";
import { useUpstreams } from "@/hooks/use-installation";
import type { Upstreams } from "@/lib/api/installation";
import { sortedUpstreams } from "@/lib/upstream-view";
import { UpstreamItem } from "./upstream-item";

/** The servers behind the gateway, and what may be done with their tools. They are set up in the gateway's own file. */
export function UpstreamSettings() {
  const upstreams = useUpstreams();
  if (upstreams.isPending) return <SkeletonRows label="Loading upstreams" rows={5} rowClass="h-16" />;
  if (!upstreams.data) return <ErrorState error={upstreams.error} onRetry={() => void upstreams.refetch()} />;
  const { data } = upstreams;
  return (
    <div className="space-y-5">
      {upstreams.error && (
        <p role="status" className="text-warn">
          The gateway cannot be asked at present; this is how it was last.
        </p>
      )}
      <Problem
        title="The gateway's file cannot be used"
        text={data.configuration_problem}
        after="What it said before still holds."
      />
      <Problem
        title="No calls are made at present"
        text={data.receipts_problem}
        after="Calls go on by themselves when receipts can be kept."
      />
      <Boundary what="The list of upstreams">
        <ul className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface">
          {sortedUpstreams(data.upstreams).map((upstream) => (
            <UpstreamItem key={upstream.name} upstream={upstream} />
          ))}
        </ul>
      </Boundary>
      <Configuration data={data} />
    </div>
  );
}

function Problem({ title, text, after }: { title: string; text: string; after: string }) {
  if (!text) return null;
  return (
    <div role="alert" className="rounded-md border border-bad/40 bg-bad-soft px-3 py-2 text-bad">
      <p className="font-medium">{title}</p>
      <p className="break-words">
        {text} {after}
      </p>
    </div>
  );
}

function Configuration({ data }: { data: Upstreams }) {
  return (
    <section aria-labelledby="configuration-title" className="space-y-2 text-[0.8125rem] text-muted">
      <h2 id="configuration-title" className="text-sm font-semibold text-ink">
        Changing them
      </h2>
      <p className="max-w-3xl">
        Upstreams and policies stand in the file that SAHUR_MCP_CONFIG names at the gateway (mcp.yaml or mcp.json of a system that
        was started with make run). It is read again whenever it changes; the configuration that holds was read{" "}
        <RelativeTime at={data.loaded_at} />, by gateway {data.version}. docs/gateway.md and docs/tools.md say what it may hold.
      </p>
      <p>To connect to each upstream and see what is wrong, run this where the gateway runs:</p>
      <Command text="sahur-mcp check --tools" />
    </section>
  );
}

function Command({ text }: { text: string }) {
  return (
    <div className="flex max-w-md items-center gap-1 rounded-md border border-line bg-surface pl-3">
      <code className="min-w-0 flex-1 text-xs text-ink">{text}</code>
      <CopyButton text={text} label="Copy the command" />
    </div>
  );
}
