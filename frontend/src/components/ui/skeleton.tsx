/** A gray bar where text will be; as high as what it stands for, so that nothing moves when that comes. */
export function Skeleton({ className = "h-4 w-full" }: { className?: string }) {
  return <span aria-hidden className={`skeleton block rounded bg-raised ${className}`} />;
}

const WIDTHS = ["68%", "44%", "57%", "38%", "62%"];

/** Rows that are on their way. `label` says what of: "Loading issues". */
export function SkeletonRows({ label, rows = 5, rowClass = "h-12" }: { label: string; rows?: number; rowClass?: string }) {
  return (
    <div aria-busy="true" className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface">
      <p role="status" className="sr-only">
        {label}…
      </p>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike and never move
        <div key={row} aria-hidden className={`flex items-center px-4 ${rowClass}`}>
          <span className="skeleton block h-4 rounded bg-raised" style={{ width: WIDTHS[row % WIDTHS.length] }} />
        </div>
      ))}
    </div>
  );
}
