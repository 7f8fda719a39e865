import { clockTime, fullTime } from "@/lib/format";
import { eventAnchor } from "@/lib/places";

/** A time; with `seq` it is the link to the event of that moment. */
export function At({ at, seq, className = "" }: { at: string; seq?: number; className?: string }) {
  const time = (
    <time dateTime={at} title={fullTime(at)} className={seq === undefined ? `text-xs text-muted ${className}` : ""}>
      {clockTime(at)}
    </time>
  );
  if (seq === undefined) return time;
  return (
    <a
      href={`#${eventAnchor(seq)}`}
      aria-label={`Link to event ${seq}, ${clockTime(at)}`}
      className={`-my-1 inline-block rounded py-1 text-xs text-muted hover:text-accent hover:underline ${className}`}
    >
      {time}
    </a>
  );
}
