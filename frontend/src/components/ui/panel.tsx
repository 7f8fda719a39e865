import type { ReactNode } from "react";

/** A titled box of the side column. */
export function Panel({ title, aside = "", children }: { title: string; aside?: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="overflow-hidden rounded-lg border border-line bg-surface">
      <h2 className="flex items-baseline justify-between border-b border-line px-3 py-2 text-[0.8125rem] font-semibold">
        {title}
        <span className="text-xs font-normal text-muted">{aside}</span>
      </h2>
      {children}
    </section>
  );
}
