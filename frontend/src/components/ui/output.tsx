import type { ReactNode } from "react";

/** Text of a machine in a box of its own, which scrolls and can be reached by keyboard to do so. */
export function Output({ label, className = "", children }: { label: string; className?: string; children: ReactNode }) {
  return (
    <section aria-label={label} tabIndex={0} className={`overflow-auto rounded border border-line bg-raised p-2 ${className}`}>
      <pre className="font-mono text-xs leading-relaxed">{children}</pre>
    </section>
  );
}
