"use client";
import { lazy, Suspense } from "react";
import { RelativeTime } from "@/components/ui/relative-time";
import { SkeletonRows } from "@/components/ui/skeleton";
import { ErrorState } from "@/components/ui/states";
import { useSlack } from "@/hooks/use-installation";
import type { SlackWorkspace } from "@/lib/api/installation";
import { count } from "@/lib/format";
import { Connection } from "./connection";
import { SlackCheck } from "./slack-check";
import { Workspaces } from "./workspaces";

// The page is long: what stands further down comes after what stands above.
const ChannelSettings = lazy(async () => ({ default: (await import("./channel-settings")).ChannelSettings }));
const SlackPeople = lazy(async () => ({ default: (await import("./slack-people")).SlackPeople }));
const FailedDeliveries = lazy(async () => ({ default: (await import("./failed-deliveries")).FailedDeliveries }));

/** How Slack is connected and how deliveries fare. Slack itself is asked only where somebody wants it checked. */
export function SlackSettings() {
  const slack = useSlack();
  if (slack.isPending) return <SkeletonRows label="Loading Slack's state" rows={4} rowClass="h-12" />;
  if (!slack.data) return <ErrorState error={slack.error} onRetry={() => void slack.refetch()} />;
  const { data } = slack;
  return (
    <div className="space-y-8">
      <Connection data={data} />
      {data.mode !== "off" && <SlackCheck />}
      {(data.has_client || data.workspaces.length > 0) && <Workspaces data={data} />}
      <Suspense fallback={<SkeletonRows label="Loading channels and people" rows={4} rowClass="h-12" />}>
        {data.mode !== "off" && (
          <>
            <ChannelSettings />
            <SlackPeople />
          </>
        )}
      </Suspense>
      <Deliveries data={data} />
    </div>
  );
}

function Deliveries({ data }: { data: SlackWorkspace }) {
  const { delivered, waiting, last_delivered_at, failures } = data;
  return (
    <section aria-labelledby="deliveries-title" className="space-y-3">
      <h2 id="deliveries-title" className="font-semibold">
        Deliveries
      </h2>
      <p>
        {last_delivered_at ? (
          <>
            {count(delivered)} delivered, the last <RelativeTime at={last_delivered_at} />.
          </>
        ) : (
          "Nothing has been delivered yet."
        )}
        {waiting > 0 && ` ${count(waiting)} on the way.`}
      </p>
      {delivered > 0 && failures.length === 0 && <p className="text-muted">None has failed.</p>}
      <Suspense>{failures.length > 0 && <FailedDeliveries failures={failures} />}</Suspense>
    </section>
  );
}
