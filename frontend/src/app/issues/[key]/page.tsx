import { Suspense } from "react";
import { IssuePage } from "@/components/issues/issue-page";
import { PageFallback } from "@/components/shell/page-fallback";

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
