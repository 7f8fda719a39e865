"use client";
import { useQuery } from "@tanstack/react-query";
import { api } from "@/lib/api";

/** What a team may spend and has spent today, looked at now and then. */
export function useTeamBudget(teamId: number) {
  return useQuery({ queryKey: ["team-budget", teamId], queryFn: () => api.teamBudget(teamId), refetchInterval: 60_000 });
}

/** Day by day; asked for only when somebody wants to see it. */
export function useTeamUsage(teamId: number, isWanted: boolean) {
  return useQuery({ queryKey: ["team-usage", teamId], queryFn: () => api.teamUsage(teamId), enabled: isWanted });
}
