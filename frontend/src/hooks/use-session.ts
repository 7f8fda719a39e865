"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "@/lib/api";
import type { Me } from "@/lib/api-types";
import type { Role } from "@/lib/decisions";
import { forgetDrafts } from "./use-draft";

const SESSION_KEY = ["me"];

/** Who is signed in, and in which teams with which role. */
export function useSession() {
  const client = useQueryClient();
  const query = useQuery({ queryKey: SESSION_KEY, queryFn: api.me, staleTime: 5 * 60_000 });
  return {
    me: query.data,
    error: query.error,
    isPending: query.isPending,
    retry: () => void query.refetch(),
    /** After signing in or out nothing that another person saw may stay. */
    replace: (me: Me) => {
      client.setQueryData(SESSION_KEY, me);
      if (me.user) return;
      // Not `clear()`: that would also take the session itself away from whoever shows it, who then hears of nothing.
      client.removeQueries({ predicate: (query) => query.queryKey[0] !== SESSION_KEY[0] });
      forgetDrafts();
    },
  };
}

/** Whether the signed-in person may report and steer in this team; without a key, in any team. */
export function mayRespond(me: Me | undefined, team?: string): boolean {
  return Boolean(me?.teams.some((held) => held.role !== "viewer" && (team === undefined || held.key === team)));
}

/** What the signed-in person may do in this team; null for who is not in it. */
export function roleIn(me: Me, team: string): Role | null {
  return me.teams.find((held) => held.key === team)?.role ?? null;
}
