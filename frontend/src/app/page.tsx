import type { Metadata } from "next";
import { Suspense } from "react";
import { IssueList } from "@/components/issues/issue-list";
import { PageFallback } from "@/components/shell/page-fallback";

// The template is for pages below this folder.
export const metadata: Metadata = { title: "Issues · SAHUR" };

export default function IssuesPage() {
  return (
    <Suspense fallback={<PageFallback />}>
      <IssueList />
    </Suspense>
  );
}
