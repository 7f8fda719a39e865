/** Channels and people of Slack: what is set for them, and whose account somebody is. */
import type { components } from "../schema.gen";
import { bodyOf, client } from "./client";

type Schemas = components["schemas"];

export type SlackChannels = Schemas["SlackChannels"];
export type SlackChannel = Schemas["SlackChannelSettings"];
export type SlackChannelChange = Schemas["SlackChannelChangeRequest"];
export type SlackWorkspaceOfChannels = Schemas["SlackWorkspaceOfChannels"];
export type SlackPerson = Schemas["SlackPerson"];
export type SlackLinkPreview = Schemas["SlackLinkPreview"];
/** Of people who have no role in the team; empty: nothing. */
export type GuestRole = Schemas["SlackGuestRoleRequest"]["role"];

const at = (workspace_id: string, channel_id: string) => ({ params: { path: { workspace_id, channel_id } } });

export const slack = {
  channels: () => bodyOf(client.GET("/api/slack/channels/")),
  /** By its id or its link. */
  addChannel: (workspace: string, channel: string) =>
    bodyOf(client.POST("/api/slack/channels/", { body: { workspace, channel } })),
  changeChannel: ({ workspace, channel }: SlackChannel, body: SlackChannelChange) =>
    bodyOf(client.PUT("/api/slack/channels/{workspace_id}/{channel_id}/", { ...at(workspace, channel), body })),
  removeChannel: ({ workspace, channel }: SlackChannel) =>
    bodyOf(client.DELETE("/api/slack/channels/{workspace_id}/{channel_id}/", at(workspace, channel))),
  /** `was` is the role that the person saw. */
  setGuestRole: (workspace_id: string, role: GuestRole, was: string) =>
    bodyOf(
      client.PUT("/api/slack/workspaces/{workspace_id}/guest-role/", { params: { path: { workspace_id } }, body: { role, was } }),
    ),
  people: (q: string, cursor: string | undefined) =>
    bodyOf(client.GET("/api/slack/people/", { params: { query: cursor ? { q, cursor } : { q } } })),
  unlink: (person_id: string) =>
    bodyOf(client.DELETE("/api/slack/people/{person_id}/link/", { params: { path: { person_id } } })),
  links: () => bodyOf(client.GET("/api/slack/links/")),
  preview: (ticket: string) => bodyOf(client.POST("/api/slack/links/preview/", { body: { ticket } })),
  link: (ticket: string) => bodyOf(client.POST("/api/slack/links/", { body: { ticket } })),
};
