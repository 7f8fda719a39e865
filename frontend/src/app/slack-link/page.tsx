import type { Metadata } from "next";
import { Suspense } from "react";
import { PageFallback } from "@/components/shell/page-fallback";
import { SlackLinkPage } from "@/components/slack-link/slack-link-page";

// The address holds what links an account: it must not be told to any page that is opened from here.
export const metadata: Metadata = { title: "Link with Slack", referrer: "no-referrer" };

export default function SlackLinkRoute() {
  return (
    <Suspense fallback={<PageFallback />}>
      <SlackLinkPage />
    </Suspense>
  );
}
