"use client";
import { CloudOff, Radio, RefreshCw } from "lucide-react";
import { usePathname } from "next/navigation";
import { useEffect, useState } from "react";
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

interface Props {
  connection: Connection;
  lastEventAt?: string | null;
}

/** Whether what is shown is current, and if not, up to when. */
export function ConnectionNote({ connection, lastEventAt }: Props) {
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
      <SignInLink connection={connection} />
      {!isLive && lastEventAt && <span>· Shown up to {clockTime(lastEventAt)}</span>}
    </p>
  );
}

/** What it means for whoever takes part that the page is not live. */
const CONSEQUENCES: Partial<Record<Connection, string>> = {
  reconnecting: "Meanwhile the server is asked for news every few seconds. What you send arrives all the same.",
  offline: "What you send is kept, and goes out when the connection is back.",
  signed_out: "What you typed is kept, and what was on its way goes out once you have signed in again.",
};

/** A short loss is not worth a word. */
const PATIENCE_MS = 1_500;

/** Says across the page that it is not live, up to when it shows what happened, and what becomes of what one sends. */
export function ConnectionBanner({ connection, lastEventAt }: Props) {
  const isLost = connection !== "live" && connection !== "connecting";
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    if (!isLost) return setShown(false);
    const timer = setTimeout(() => setShown(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [isLost]);
  const isTrying = connection === "reconnecting";
  const Icon = isTrying ? RefreshCw : CloudOff;
  return (
    <div role="status" data-connection={connection} className="empty:hidden">
      {isLost && isShown && (
        <p
          className={`flex items-start gap-2 rounded-lg border px-3 py-2 text-[0.8125rem] ${isTrying ? "border-line bg-raised" : "border-warn/50 bg-warn-soft"}`}
        >
          <Icon className={`mt-0.5 size-4 shrink-0 ${isTrying ? "text-muted" : "text-warn"}`} aria-hidden />
          <span className="min-w-0">
            <span className="font-medium">{sentence(NOTES[connection])}</span>{" "}
            {lastEventAt && <span>Shown up to {clockTime(lastEventAt)}. </span>}
            <span className="text-muted">{CONSEQUENCES[connection]}</span> <SignInLink connection={connection} />
          </span>
        </p>
      )}
    </div>
  );
}

const sentence = (text: string): string => (/[.…]$/.test(text) ? text : `${text}.`);

function SignInLink({ connection }: { connection: Connection }) {
  const pathname = usePathname();
  if (connection !== "signed_out") return null;
  return (
    // Not a Link: the page must forget who was signed in.
    <a href={signInAddress(pathname)} className="font-medium underline underline-offset-2">
      Sign in again
    </a>
  );
}
