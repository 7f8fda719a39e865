"use client";
import { BellRing, CircleHelp, Globe, Lock, Plus, UserX } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { Badge } from "@/components/ui/badges";
import { Button } from "@/components/ui/button";
import { type Column, DataTable } from "@/components/ui/data-table";
import { RelativeTime } from "@/components/ui/relative-time";
import { SkeletonRows } from "@/components/ui/skeleton";
import { ErrorState } from "@/components/ui/states";
import { useSlackChannels } from "@/hooks/use-slack";
import type { SlackChannel, SlackChannels } from "@/lib/api/slack";
import { count } from "@/lib/format";

const AddChannel = lazy(() => import("./add-channel").then((module) => ({ default: module.AddChannel })));
const EditChannel = lazy(() => import("./edit-channel").then((module) => ({ default: module.EditChannel })));

/** Channels of the workspaces that one looks after: whose their reports are, what about, and whether apps' posts are some. */
export function ChannelSettings() {
  const channels = useSlackChannels();
  return (
    <section aria-labelledby="channels-title" className="space-y-3">
      <h2 id="channels-title" className="font-semibold">
        Channels
      </h2>
      {channels.isPending && <SkeletonRows label="Loading channels" rows={2} />}
      {channels.error && <ErrorState error={channels.error} onRetry={() => void channels.refetch()} />}
      {channels.data && <Channels data={channels.data} />}
    </section>
  );
}

function Channels({ data }: { data: SlackChannels }) {
  const [isAdding, setAdding] = useState(false);
  const [edited, setEdited] = useState<SlackChannel | null>(null);
  return (
    <>
      <p className="max-w-3xl text-[0.8125rem] text-muted">
        A channel can report to a team of its own, be about one repository, and have what apps post there taken as reports.
        Without any of it, reports go to the workspace's team.
      </p>
      {data.results.length > 0 ? (
        <DataTable
          label="Channels"
          columns={columns(data, setEdited)}
          rows={data.results}
          rowKey={({ workspace, channel }) => `${workspace}/${channel}`}
        />
      ) : (
        <p className="text-muted">
          {data.workspaces.length > 0
            ? "No report has come from a channel yet."
            : "No workspace is known yet. Mention SAHUR once in a channel, and both are listed here."}
        </p>
      )}
      {data.workspaces.length > 0 && (
        <Button onClick={() => setAdding(true)}>
          <Plus className="size-4" aria-hidden />
          Add a channel
        </Button>
      )}
      <Suspense>
        {isAdding && <AddChannel workspaces={data.workspaces} onClose={() => setAdding(false)} />}
        {edited && <EditChannel channel={edited} data={data} onClose={() => setEdited(null)} />}
      </Suspense>
    </>
  );
}

function columns(data: SlackChannels, onEdit: (channel: SlackChannel) => void): readonly Column<SlackChannel>[] {
  const several = data.workspaces.length > 1;
  const nameOf = (id: string) => data.workspaces.find(({ workspace }) => workspace === id)?.name || id;
  return [
    {
      id: "channel",
      header: "Channel",
      cell: (row) => (
        <span className="block break-words">
          {channelName(row)}
          {several && <span className="font-normal text-muted"> in {nameOf(row.workspace)}</span>}
          {row.name && <span className="block font-mono text-xs font-normal text-muted">{row.channel}</span>}
        </span>
      ),
    },
    { id: "state", header: "State", cell: (row) => <State channel={row} /> },
    { id: "team", header: "Reports to", cell: (row) => <ReportsTo channel={row} data={data} /> },
    {
      id: "reports",
      header: "Reports",
      cell: ({ issues, last_report_at, takes_alerts }) => (
        <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
          {takes_alerts && <Badge tone="accent" Icon={BellRing} label="Apps’ posts" />}
          {issues > 0 && last_report_at ? (
            <span className="whitespace-nowrap">
              {count(issues)}, <RelativeTime at={last_report_at} />
            </span>
          ) : (
            <span className="text-muted">none yet</span>
          )}
        </span>
      ),
    },
    {
      id: "actions",
      header: "Actions",
      isHeaderHidden: true,
      isNumber: true,
      cell: (row) => (
        <Button variant="quiet" aria-label={`Set up ${channelName(row)}`} onClick={() => onEdit(row)}>
          Set up
        </Button>
      ),
    },
  ];
}

/** As people know it; its id where Slack has not told its name. */
export const channelName = ({ name, channel }: SlackChannel): string => (name ? `#${name}` : channel);

function State({ channel }: { channel: SlackChannel }) {
  const { is_private, is_member, is_shared, asked_at } = channel;
  return (
    <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
      {is_private === null && <Badge tone="neutral" Icon={CircleHelp} label="Unknown" />}
      {is_private === true && <Badge tone="neutral" Icon={Lock} label="Private" />}
      {is_private === false && <Badge tone="neutral" Icon={Globe} label="Public" />}
      {is_member === false && <Badge tone="warn" Icon={UserX} label="SAHUR is not in it" />}
      {is_shared && <span className="text-xs text-muted">shared with other companies</span>}
      {is_member === false && <span className="text-xs text-muted">Invite it there: /invite @SAHUR</span>}
      {asked_at && (
        <span className="text-xs text-faint">
          as of <RelativeTime at={asked_at} />
        </span>
      )}
    </span>
  );
}

function ReportsTo({ channel, data }: { channel: SlackChannel; data: SlackChannels }) {
  const own = data.workspaces.find(({ workspace }) => workspace === channel.workspace)?.team_key;
  return (
    <span className="block break-words">
      {channel.is_foreign && <span className="text-muted">a team that is not yours</span>}
      {!channel.is_foreign && (channel.team || <span className="text-muted">{own || "no team"}, as the workspace</span>)}
      {channel.repository && <span className="block text-xs text-muted">about {channel.repository}</span>}
    </span>
  );
}
