import type { Metadata } from "next";
import { UpstreamSettings } from "@/components/settings/upstreams/upstream-settings";

export const metadata: Metadata = { title: "Upstreams" };

export default function UpstreamSettingsPage() {
  return <UpstreamSettings />;
}
