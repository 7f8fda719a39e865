"use client";
import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "@/lib/api";
import type { Me } from "@/lib/api-types";
import type { Role } from "@/lib/decisions";
import { announceSession, forgetKept, keepFor } from "@/lib/keeping";
import { doubtSession } from "@/lib/session-end";

const SESSION_KEY = ["me"];

/** Who is signed in, and in which teams with which role. */
export function useSession() {
  const client = useQueryClient();
  const query = useQuery({ queryKey: SESSION_KEY, queryFn: () => readSession(client), staleTime: 5 * 60_000 });
  return {
    me: query.data,
    error: query.error,
    isPending: query.isPending,
    retry: () => void query.refetch(),
    /** Somebody has signed in or out here: the other tabs hear of it. */
    replace: (me: Me) => {
      adopt(client, me);
      announceSession(nameOf(me));
    },
    /** What another tab did, or the server says: nobody else need be told. */
    adopt: (me: Me) => adopt(client, me),
  };
}

/**
 * A session that has ended by itself takes nothing off the page: what is shown and typed stays, and the person is asked to
 * sign in again. Only signing out leaves the page empty.
 */
async function readSession(client: QueryClient): Promise<Me> {
  const me = await api.me();
  const before = client.getQueryData<Me>(SESSION_KEY);
  if (before?.user && !me.user) {
    doubtSession();
    return before;
  }
  settle(client, before, me);
  return me;
}

function adopt(client: QueryClient, me: Me): void {
  const before = client.getQueryData<Me>(SESSION_KEY);
  client.setQueryData(SESSION_KEY, me);
  settle(client, before, me);
}

/** After signing in or out nothing that another person saw may stay. */
function settle(client: QueryClient, before: Me | undefined, me: Me): void {
  // Not `clear()`: that would also take the session itself away from whoever shows it, who then hears of nothing.
  const ofPerson = { predicate: ({ queryKey }: { queryKey: readonly unknown[] }) => queryKey[0] !== SESSION_KEY[0] };
  if (!me.user) {
    client.removeQueries(ofPerson);
    if (before?.user) forgetKept();
  }
  keepFor(nameOf(me));
  // What is on the page is asked for again, as the other person.
  if (me.user && before?.user && nameOf(before) !== nameOf(me)) void client.resetQueries(ofPerson);
}

const nameOf = (me: Me): string => me.user?.username ?? "";

/** Whether the signed-in person may report and steer in this team; without a key, in any team. */
export function mayRespond(me: Me | undefined, team?: string): boolean {
  return Boolean(me?.teams.some((held) => held.role !== "viewer" && (team === undefined || held.key === team)));
}

/** What the signed-in person may do in this team; null for who is not in it. */
export function roleIn(me: Me, team: string): Role | null {
  return me.teams.find((held) => held.key === team)?.role ?? null;
}
