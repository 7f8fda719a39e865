/** The last light before dawn: when the people who use this are awake. */
export function BrandMark({ className = "" }: { className?: string }) {
  return (
    <svg viewBox="0 0 24 24" className={className} aria-hidden="true" focusable="false">
      <path d="M5.5 13.5a6.5 6.5 0 0 1 13 0z" fill="var(--ember)" />
      <path d="M2.5 16.5h19M6.5 20h11" stroke="currentColor" strokeWidth="1.7" strokeLinecap="round" fill="none" />
    </svg>
  );
}
