import { Suspense } from "react";
import { IssueList } from "@/components/issue-list";
import { PageFallback } from "@/components/page-fallback";

export default function IssuesPage() {
  return (
    <Suspense fallback={<PageFallback />}>
      <IssueList />
    </Suspense>
  );
}
