"use client";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type GuestRole, type SlackChannel, type SlackChannelChange, slack } from "@/lib/api/slack";

const CHANNELS = ["slack", "channels"];
const PEOPLE = ["slack", "people"];
const LINKS = ["slack", "links"];
/** What Slack is asked about a new channel comes within seconds. */
const CHANNELS_MS = 10_000;

export function useSlackChannels() {
  return useQuery({ queryKey: CHANNELS, queryFn: slack.channels, refetchInterval: CHANNELS_MS });
}

export function useChannelChanges() {
  const client = useQueryClient();
  // Also after a refusal: it may be that somebody else was first.
  const onSettled = () => client.invalidateQueries({ queryKey: CHANNELS });
  return {
    add: useMutation({
      mutationFn: ({ workspace, channel }: { workspace: string; channel: string }) => slack.addChannel(workspace, channel),
      onSettled,
    }),
    change: useMutation({
      mutationFn: ({ channel, change }: { channel: SlackChannel; change: SlackChannelChange }) =>
        slack.changeChannel(channel, change),
      onSettled,
    }),
    remove: useMutation({ mutationFn: slack.removeChannel, onSettled }),
    setGuestRole: useMutation({
      mutationFn: ({ workspace, role, was }: { workspace: string; role: GuestRole; was: string }) =>
        slack.setGuestRole(workspace, role, was),
      onSettled,
    }),
  };
}

/** People of the workspaces that one looks after, by part of a name. */
export function useSlackPeople(query: string) {
  return useInfiniteQuery({
    queryKey: [...PEOPLE, query],
    queryFn: ({ pageParam }) => slack.people(query, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
}

/** Who one is in Slack. */
export function useSlackLinks() {
  return useQuery({ queryKey: LINKS, queryFn: slack.links });
}

export function useUnlink() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: slack.unlink,
    onSettled: () => Promise.all([PEOPLE, LINKS].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
}

/** Whom a ticket would link. Asked anew for each ticket; a refusal stays one. */
export function useLinkPreview(ticket: string) {
  return useQuery({
    queryKey: ["slack", "preview", ticket],
    queryFn: () => slack.preview(ticket),
    enabled: ticket !== "",
    retry: false,
    refetchOnWindowFocus: false,
  });
}

export function useLink() {
  const client = useQueryClient();
  return useMutation({ mutationFn: slack.link, onSuccess: () => client.invalidateQueries({ queryKey: LINKS }) });
}
