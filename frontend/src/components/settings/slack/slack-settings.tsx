"use client";
import { CircleCheck, CircleDashed, TriangleAlert } from "lucide-react";
import { lazy, type ReactNode, Suspense } from "react";
import { Badge } from "@/components/ui/badges";
import { CopyButton } from "@/components/ui/copy-button";
import { type Column, DataTable } from "@/components/ui/data-table";
import { RelativeTime } from "@/components/ui/relative-time";
import { SkeletonRows } from "@/components/ui/skeleton";
import { ErrorState } from "@/components/ui/states";
import { useSlack } from "@/hooks/use-installation";
import type { SlackWorkspace } from "@/lib/api/installation";
import { count } from "@/lib/format";

const FailedDeliveries = lazy(async () => ({ default: (await import("./failed-deliveries")).FailedDeliveries }));

/** How Slack is connected and how deliveries fare, by what the settings and the database know: Slack is not asked. */
export function SlackSettings() {
  const slack = useSlack();
  if (slack.isPending) return <SkeletonRows label="Loading Slack's state" rows={4} rowClass="h-12" />;
  if (!slack.data) return <ErrorState error={slack.error} onRetry={() => void slack.refetch()} />;
  const { data } = slack;
  return (
    <div className="space-y-8">
      <Connection data={data} />
      {data.channels.length > 0 && <Channels channels={data.channels} />}
      <Deliveries data={data} />
    </div>
  );
}

const MODES: Record<SlackWorkspace["mode"], string> = {
  off: "Set the bot token and the signing secret of a Slack app to take reports there",
  http: "Events come over HTTP",
  socket: "Events come over Socket Mode",
};

function Connection({ data }: { data: SlackWorkspace }) {
  const isOn = data.mode !== "off";
  // Half of it is a mistake; none of it is a choice.
  const isHalf = !isOn && (data.has_bot_token || data.has_signing_secret || data.has_app_token);
  return (
    <section aria-labelledby="connection-title" className="space-y-3">
      <h2 id="connection-title" className="font-semibold">
        Connection
      </h2>
      <dl className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface">
        <Row name="Slack">
          <Badge
            tone={isOn ? "good" : "neutral"}
            Icon={isOn ? CircleCheck : CircleDashed}
            label={isOn ? "Set up" : "Not set up"}
          />
          <span>{isHalf ? "A part of what it needs is missing" : MODES[data.mode]}</span>
        </Row>
        <Row name="Bot token">
          <IsSet isSet={data.has_bot_token} variable="SLACK_BOT_TOKEN" isMissing={isHalf} />
        </Row>
        <Row name="Signing secret">
          <IsSet isSet={data.has_signing_secret} variable="SLACK_SIGNING_SECRET" isMissing={isHalf} />
        </Row>
        <Row name="App token">
          <IsSet isSet={data.has_app_token} variable="SLACK_APP_TOKEN" isMissing={false} />
          {!data.has_app_token && <span className="text-xs text-muted">only for Socket Mode</span>}
        </Row>
        {data.mode !== "socket" && (
          <Row name="Request URL">
            <span className="flex min-w-0 items-center gap-1">
              <code className="min-w-0 text-xs break-all">{data.events_url}</code>
              <CopyButton text={data.events_url} label="Copy the request URL" />
            </span>
          </Row>
        )}
        {data.api_host && <Row name="API">{data.api_host}</Row>}
        <Row name="Reports go to">
          <ReportsTo data={data} />
        </Row>
      </dl>
      <p className="max-w-3xl text-[0.8125rem] text-muted">
        One workspace is connected, and what is reported there belongs to one team. Set it where the system runs; it holds from
        the next start. With an app token, manage.py runslack takes the events, so that Slack need not reach this address.
      </p>
    </section>
  );
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="grid gap-x-4 gap-y-1 px-4 py-2.5 sm:grid-cols-[10rem_minmax(0,1fr)] sm:items-center">
      <dt className="text-[0.8125rem] text-muted">{name}</dt>
      <dd className="flex min-h-6 flex-wrap items-center gap-x-3 gap-y-1">{children}</dd>
    </div>
  );
}

function IsSet({ isSet, variable, isMissing }: { isSet: boolean; variable: string; isMissing: boolean }) {
  return (
    <>
      <span className={!isSet && isMissing ? "text-warn" : ""}>{isSet ? "Set" : "Not set"}</span>
      <code className="text-xs text-muted">{variable}</code>
    </>
  );
}

function ReportsTo({ data }: { data: SlackWorkspace }) {
  if (data.team_name) {
    return (
      <span>
        {data.team_name} <span className="text-muted">({data.team_key})</span>
      </span>
    );
  }
  return (
    <>
      <Badge tone="bad" Icon={TriangleAlert} label="No such team" />
      <span className="break-words">
        SAHUR_SLACK_TEAM is {data.team_key || "empty"}. Set it to the key of a team; until then reports from Slack are refused.
      </span>
    </>
  );
}

type Channel = SlackWorkspace["channels"][number];

const CHANNEL_COLUMNS: readonly Column<Channel>[] = [
  {
    id: "channel",
    header: "Channel",
    cell: ({ channel, workspace }) => (
      <>
        <span className="font-mono text-[0.8125rem]">{channel || "unknown"}</span>
        <span className="font-normal text-muted"> in {workspace || "an unknown workspace"}</span>
      </>
    ),
  },
  { id: "issues", header: "Issues", isNumber: true, cell: ({ issues }) => count(issues) },
  { id: "last", header: "Last report", cell: ({ last_report_at }) => <RelativeTime at={last_report_at} /> },
];

function Channels({ channels }: { channels: Channel[] }) {
  return (
    <section aria-labelledby="channels-title" className="space-y-3">
      <h2 id="channels-title" className="font-semibold">
        Where reports came from
      </h2>
      <DataTable
        label="Channels"
        columns={CHANNEL_COLUMNS}
        rows={channels}
        rowKey={({ workspace, channel }) => `${workspace}/${channel}`}
      />
    </section>
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
