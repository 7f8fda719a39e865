"use client";
import { useEffect, useMemo, useReducer, useState, useSyncExternalStore } from "react";
import type { Event } from "@/lib/event-types.gen";
import { applyEvents } from "@/lib/events";
import { keeper, subscribeKept } from "@/lib/keeping";
import type { OutgoingMessage } from "@/lib/outbox";
import { initialRunState, type RunState } from "@/lib/run-state";
import { RunStream } from "@/lib/run-stream";
import type { Connection } from "@/lib/socket";

export interface LiveRun {
  state: RunState;
  /** All that was read, in the batches in which it came. */
  batches: readonly (readonly Event[])[];
  connection: Connection;
  /** Whether the history is read to its end; before that the state is of the past. */
  isReplayed: boolean;
  outgoing: readonly OutgoingMessage[];
  send: (text: string, isUrgent?: boolean, clientId?: string) => void;
  retry: (clientId: string) => void;
  discard: (clientId: string) => void;
}

interface Folded {
  state: RunState;
  /** Not one list: that would be copied as a whole with each frame. */
  batches: readonly (readonly Event[])[];
}

const NOTHING: Folded = { state: initialRunState, batches: [] };

const fold = ({ state, batches }: Folded, events: readonly Event[] | "reset"): Folded =>
  events === "reset" ? NOTHING : { state: applyEvents(state, events), batches: [...batches, events] };

const NONE: readonly OutgoingMessage[] = [];
const noSubscription = () => () => {};

/** The events of a run, folded; from the first one on with every mount, so that a reload loses nothing. */
export function useRunStream(runId: string | undefined): LiveRun {
  const [{ state, batches }, dispatch] = useReducer(fold, NOTHING);
  const [connection, setConnection] = useState<Connection>("connecting");
  const [isReplayed, setReplayed] = useState(false);
  const [stream, setStream] = useState<RunStream | null>(null);
  // Another person who signs in has messages of their own to send, and none of this one's.
  const author = useSyncExternalStore(subscribeKept, keeper, () => "");
  // biome-ignore lint/correctness/useExhaustiveDependencies: the stream is its author's
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
  }, [runId, author]);
  const outgoing = useSyncExternalStore(
    stream?.outbox.subscribe ?? noSubscription,
    stream?.outbox.snapshot ?? (() => NONE),
    () => NONE,
  );
  const commands = useMemo(
    () => ({
      send: (text: string, isUrgent?: boolean, clientId?: string) => stream?.send(text, isUrgent, clientId),
      retry: (clientId: string) => stream?.retry(clientId),
      discard: (clientId: string) => stream?.outbox.remove(clientId),
    }),
    [stream],
  );
  return { state, batches, connection, isReplayed, outgoing, ...commands };
}
