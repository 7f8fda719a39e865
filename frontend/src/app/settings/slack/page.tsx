import type { Metadata } from "next";
import { SlackSettings } from "@/components/settings/slack/slack-settings";

export const metadata: Metadata = { title: "Slack workspaces" };

export default function SlackSettingsPage() {
  return <SlackSettings />;
}
