"use client";
import { CloudOff, Radio, RefreshCw } from "lucide-react";
import { usePathname } from "next/navigation";
import { signInAddress } from "@/lib/addresses";
import { clockTime } from "@/lib/format";
import type { Connection } from "@/lib/socket";

const NOTES: Record<Connection, string> = {
  connecting: "Connecting…",
  live: "Live",
  reconnecting: "Reconnecting…",
  offline: "Offline",
  signed_out: "Signed out: no news any more.",
  forbidden: "News of this are not for you",
  missing: "There is nothing to follow here",
  closed: "Not live: the server ended the connection",
};

/** Whether what is shown is current, and if not, up to when. */
export function ConnectionNote({ connection, lastEventAt }: { connection: Connection; lastEventAt?: string | null }) {
  const pathname = usePathname();
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
      {/* Not a Link: the page must forget who was signed in. */}
      {connection === "signed_out" && (
        <a href={signInAddress(pathname)} className="font-medium underline underline-offset-2">
          Sign in again
        </a>
      )}
      {!isLive && lastEventAt && <span>· Shown up to {clockTime(lastEventAt)}</span>}
    </p>
  );
}
