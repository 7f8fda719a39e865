"use client";
import { useEffect, useMemo, useReducer, useState, useSyncExternalStore } from "react";
import type { Event } from "@/lib/event-types.gen";
import { applyEvents } from "@/lib/events";
import type { OutgoingMessage } from "@/lib/outbox";
import { initialRunState, type RunState } from "@/lib/run-state";
import { RunStream } from "@/lib/run-stream";
import type { Connection } from "@/lib/socket";

export interface LiveRun {
  state: RunState;
  connection: Connection;
  /** Whether the history is read to its end; before that the state is of the past. */
  isReplayed: boolean;
  outgoing: readonly OutgoingMessage[];
  send: (text: string, isUrgent?: boolean) => void;
  retry: (clientId: string) => void;
  discard: (clientId: string) => void;
}

const fold = (state: RunState, events: readonly Event[] | "reset"): RunState =>
  events === "reset" ? initialRunState : applyEvents(state, events);

const NONE: readonly OutgoingMessage[] = [];
const noSubscription = () => () => {};

/** The events of a run, folded; from the first one on with every mount, so that a reload loses nothing. */
export function useRunStream(runId: string | undefined): LiveRun {
  const [state, dispatch] = useReducer(fold, initialRunState);
  const [connection, setConnection] = useState<Connection>("connecting");
  const [isReplayed, setReplayed] = useState(false);
  const [stream, setStream] = useState<RunStream | null>(null);
  useEffect(() => {
    if (!runId) return;
    dispatch("reset");
    setReplayed(false);
    const opened = new RunStream({
      runId,
      onEvents: dispatch,
      onReset: () => dispatch("reset"),
      onConnection: setConnection,
      onReplayed: () => setReplayed(true),
    });
    setStream(opened);
    opened.start();
    return () => opened.stop();
  }, [runId]);
  const outgoing = useSyncExternalStore(
    stream?.outbox.subscribe ?? noSubscription,
    stream?.outbox.snapshot ?? (() => NONE),
    () => NONE,
  );
  const commands = useMemo(
    () => ({
      send: (text: string, isUrgent?: boolean) => stream?.send(text, isUrgent),
      retry: (clientId: string) => stream?.retry(clientId),
      discard: (clientId: string) => stream?.outbox.remove(clientId),
    }),
    [stream],
  );
  return { state, connection, isReplayed, outgoing, ...commands };
}
