import type { ReactNode } from "react";
import { InlineText } from "@/components/text/inline-text";

interface PartProps {
  title: string;
  /** Its name among all parts of the page, where the title alone is that of another one, too. */
  label?: string;
  aside?: ReactNode;
  children: ReactNode;
}

/** One part of the answer under its heading. */
export function Part({ title, label = title, aside, children }: PartProps) {
  return (
    <section aria-label={label}>
      <h3 className="mb-1 text-xs font-semibold text-muted">
        {title}
        {aside && <span className="font-normal"> {aside}</span>}
      </h3>
      {children}
    </section>
  );
}

interface LinesProps {
  title: string;
  label?: string;
  lines: readonly string[];
  known: ReadonlySet<number>;
}

/** A list of statements; nothing where there is none. */
export function Lines({ title, label, lines, known }: LinesProps) {
  if (lines.length === 0) return null;
  return (
    <Part title={title} label={label}>
      <LineList lines={lines} known={known} />
    </Part>
  );
}

export function LineList({ lines, known }: Omit<LinesProps, "title" | "label">) {
  return (
    <ul className="space-y-1">
      {lines.map((line) => (
        <li key={line} className="flex gap-2">
          <span aria-hidden className="text-faint">
            –
          </span>
          <InlineText text={line} known={known} />
        </li>
      ))}
    </ul>
  );
}
