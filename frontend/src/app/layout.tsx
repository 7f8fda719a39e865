import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";
import { Providers } from "@/components/shell/providers";
import { THEME_SCRIPT } from "@/lib/theme";
import "@/styles/globals.css";
import "@/styles/print.css";

export const metadata: Metadata = {
  title: { default: "SAHUR", template: "%s · SAHUR" },
  description: "Investigates reported problems and answers with evidence",
  referrer: "same-origin",
};

export const viewport: Viewport = { width: "device-width", initialScale: 1, viewportFit: "cover" };

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en" suppressHydrationWarning>
      <head>
        {/* Before the first paint, or a dark page would flash white. Its hash is in the content security policy. */}
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: a constant of ours, without any input */}
        <script dangerouslySetInnerHTML={{ __html: THEME_SCRIPT }} />
      </head>
      <body className="min-h-dvh bg-paper text-sm text-ink antialiased">
        <a
          href="#main"
          className="sr-only z-50 rounded bg-surface px-3 py-2 focus:not-sr-only focus:absolute focus:top-2 focus:left-2"
        >
          Skip to content
        </a>
        <Providers>{children}</Providers>
      </body>
    </html>
  );
}
