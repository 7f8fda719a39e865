import type { Metadata } from "next";
import { OwnLinks } from "@/components/settings/slack/own-links";

export const metadata: Metadata = { title: "You in Slack" };

export default function SlackAccountsPage() {
  return <OwnLinks />;
}
