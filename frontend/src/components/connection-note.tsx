import { CloudOff, Radio, RefreshCw } from "lucide-react";
import { clockTime } from "@/lib/format";
import type { Connection } from "@/lib/socket";

const NOTES: Record<Connection, string> = {
  connecting: "Connecting…",
  live: "Live",
  reconnecting: "Reconnecting…",
  offline: "Offline",
  signed_out: "Signed out: sign in again to see news",
  forbidden: "News of this are not for you",
  missing: "There is nothing to follow here",
  closed: "Not live: the server ended the connection",
};

/** Whether what is shown is current, and if not, up to when. */
export function ConnectionNote({ connection, lastEventAt }: { connection: Connection; lastEventAt?: string | null }) {
  const isLive = connection === "live";
  const isTrying = connection === "connecting" || connection === "reconnecting";
  const Icon = isLive ? Radio : isTrying ? RefreshCw : CloudOff;
  return (
    <p
      role="status"
      data-connection={connection}
      className={`flex items-center gap-1.5 text-xs ${isLive || isTrying ? "text-muted" : "text-warn"}`}
    >
      <Icon className={`size-3.5 ${isLive ? "text-good" : ""}`} aria-hidden />
      {NOTES[connection]}
      {!isLive && lastEventAt && <span>Shown up to {clockTime(lastEventAt)}</span>}
    </p>
  );
}
