"use client";
import { Fragment, useSyncExternalStore } from "react";
import { capsOf, isMac } from "@/lib/keys";

const noChanges = () => () => {};

/** Keys as they are printed on this keyboard: held together, or one after the other. */
export function KeyCaps({ keys, className = "inline-flex" }: { keys: string; className?: string }) {
  const onMac = useSyncExternalStore(noChanges, isMac, () => false);
  const strokes = capsOf(keys, onMac);
  return (
    <span className={`items-center gap-1 ${className}`}>
      {strokes.map((caps, index) => (
        <Fragment key={caps.join()}>
          {index > 0 && <span className="text-xs text-faint">then</span>}
          {caps.map((cap) => (
            <kbd
              key={cap}
              className="inline-grid h-5 min-w-5 place-items-center rounded border border-line bg-raised px-1 font-sans text-2xs text-muted"
            >
              {cap}
            </kbd>
          ))}
        </Fragment>
      ))}
    </span>
  );
}
