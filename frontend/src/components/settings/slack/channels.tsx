import { type Column, DataTable } from "@/components/ui/data-table";
import { RelativeTime } from "@/components/ui/relative-time";
import type { SlackWorkspace } from "@/lib/api/installation";
import { count } from "@/lib/format";

type Channel = SlackWorkspace["channels"][number];

const CHANNEL_COLUMNS: readonly Column<Channel>[] = [
  {
    id: "channel",
    header: "Channel",
    cell: ({ channel, name, workspace }) => (
      <>
        {name ? <span>#{name}</span> : <span className="font-mono text-[0.8125rem]">{channel || "unknown"}</span>}
        <span className="font-normal text-muted"> in {workspace || "an unknown workspace"}</span>
      </>
    ),
  },
  { id: "issues", header: "Issues", isNumber: true, cell: ({ issues }) => count(issues) },
  { id: "last", header: "Last report", cell: ({ last_report_at }) => <RelativeTime at={last_report_at} /> },
];

/** Where reports came from. */
export function Channels({ channels }: { channels: Channel[] }) {
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
