import { type ReactNode, Suspense } from "react";
import { SettingsFrame } from "@/components/settings/settings-frame";
import { PageFallback } from "@/components/shell/page-fallback";

export default function SettingsLayout({ children }: { children: ReactNode }) {
  return (
    <Suspense fallback={<PageFallback />}>
      <SettingsFrame>{children}</SettingsFrame>
    </Suspense>
  );
}
