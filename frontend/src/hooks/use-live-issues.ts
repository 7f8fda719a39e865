"use client";
import { useEffect, useEffectEvent, useState } from "react";
import type { IssueSummary } from "@/lib/api-types";
import { type Connection, ReconnectingSocket, socketUrl } from "@/lib/socket";

/** Listens to changes of issues at `path`. After a loss `onStale` is called: changes in between were not told. */
export function useLiveIssues(path: string | null, onChanged: (issues: IssueSummary[]) => void, onStale: () => void): Connection {
  const [connection, setConnection] = useState<Connection>("connecting");
  const changed = useEffectEvent(onChanged);
  const stale = useEffectEvent(onStale);
  useEffect(() => {
    if (path === null) return;
    let wasLive = false;
    const socket: ReconnectingSocket = new ReconnectingSocket({
      url: () => socketUrl(path),
      onConnection: setConnection,
      onOpen: () => {
        if (wasLive) stale();
        wasLive = true;
      },
      onFrame: (frame) => {
        socket.confirm();
        if (frame.type === "issues.changed") changed(frame.issues as IssueSummary[]);
      },
    });
    socket.start();
    return () => socket.stop();
  }, [path]);
  return connection;
}
