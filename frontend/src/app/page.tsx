import { Suspense } from "react";
import { IssueList } from "@/components/issues/issue-list";
import { PageFallback } from "@/components/shell/page-fallback";

export default function IssuesPage() {
  return (
    <Suspense fallback={<PageFallback />}>
      <IssueList />
    </Suspense>
  );
}
