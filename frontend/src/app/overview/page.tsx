import type { Metadata } from "next";
import { Suspense } from "react";
import { OverviewPage } from "@/components/overview/overview-page";
import { PageFallback } from "@/components/shell/page-fallback";

export const metadata: Metadata = { title: "Overview" };

export default function Page() {
  return (
    <Suspense fallback={<PageFallback />}>
      <OverviewPage />
    </Suspense>
  );
}
