import { evidenceAnchor } from "@/lib/citations";

/** The `[n]` that leads to evidence n. */
export function Citation({ number }: { number: number }) {
  return (
    <a
      href={`#${evidenceAnchor(number)}`}
      aria-label={`Evidence ${number}`}
      className="citation inline-flex min-w-5 justify-center rounded bg-accent-soft px-1 align-baseline font-mono text-xs font-medium text-accent no-underline hover:underline"
    >
      [{number}]
    </a>
  );
}
