"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type MemberChange, members, type NewMember, type NewTeam } from "@/lib/api/members";

const TEAMS_KEY = ["teams"];
const membersKey = (teamId: number) => ["members", teamId];

/** The person's teams with the number of people in each. */
export function useTeams() {
  return useQuery({ queryKey: TEAMS_KEY, queryFn: members.teams });
}

export function useMembers(teamId: number) {
  return useQuery({ queryKey: membersKey(teamId), queryFn: () => members.members(teamId) });
}

/** What changes teams also changes what the session knows of them. */
function useRefresh(): (teamId?: number) => Promise<void> {
  const client = useQueryClient();
  return async (teamId) => {
    const stale = [TEAMS_KEY, ["me"], ...(teamId === undefined ? [] : [membersKey(teamId)])];
    await Promise.all(stale.map((queryKey) => client.invalidateQueries({ queryKey })));
  };
}

export function useCreateTeam() {
  const refresh = useRefresh();
  return useMutation({ mutationFn: (team: NewTeam) => members.createTeam(team), onSuccess: () => refresh() });
}

export function useRenameTeam(teamId: number) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ name, was }: { name: string; was: string }) => members.renameTeam(teamId, name, was),
    // Also after a refusal: it may be that somebody else was first.
    onSettled: () => refresh(),
  });
}

export function useAddMember(teamId: number) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (member: NewMember) => members.addMember(teamId, member),
    onSuccess: () => refresh(teamId),
  });
}

export function useChangeMember(teamId: number) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ id, change }: { id: number; change: MemberChange }) => members.changeMember(teamId, id, change),
    onSettled: () => refresh(teamId),
  });
}

export function useRemoveMember(teamId: number) {
  const refresh = useRefresh();
  return useMutation({ mutationFn: (id: number) => members.removeMember(teamId, id), onSettled: () => refresh(teamId) });
}

export function useCreatePerson(teamId: number) {
  const refresh = useRefresh();
  return useMutation({ mutationFn: members.createPerson, onSuccess: () => refresh(teamId) });
}
