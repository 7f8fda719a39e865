import type { Metadata } from "next";
import { Suspense } from "react";
import { IssuePage } from "@/components/issues/issue-page";
import { PageFallback } from "@/components/shell/page-fallback";

// Until the issue is read; then it is its key and title.
export const metadata: Metadata = { title: "Issue" };

/** One shell is exported for all issues; the server answers `/issues/<key>/` with it. */
export function generateStaticParams() {
  return [{ key: "_" }];
}

export default function IssueShell() {
  return (
    <Suspense fallback={<PageFallback />}>
      <IssuePage />
    </Suspense>
  );
}
