"use client";
import { X } from "lucide-react";
import { useEffect, useId, useState, useSyncExternalStore } from "react";
import { currentNotices, currentPlace, dismiss, enterPlace, type Notice, subscribeNotices } from "@/lib/notices";

/** Long enough to read a line and to find the button beside it. */
const SHOWN_MS = 8_000;
const NONE: readonly Notice[] = [];

/**
 * Where `notify` speaks. It is there before the first notice, or screen readers would not hear that one. A dialog has one
 * of its own: what is outside of it is then covered and silent.
 */
export function StatusRegion() {
  const place = useId();
  const all = useSyncExternalStore(subscribeNotices, currentNotices, () => NONE);
  const top = useSyncExternalStore(subscribeNotices, currentPlace, () => "");
  const notices = top === place ? all : NONE;
  useEffect(() => enterPlace(place), [place]);
  const [isHeld, setHeld] = useState(false);
  return (
    <div
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      className="pointer-events-none fixed inset-x-4 bottom-[calc(1rem+var(--bottom-bar,0px)+env(safe-area-inset-bottom))] z-50 flex flex-col items-center gap-2 print:hidden"
    >
      <div role="status" className="contents">
        {notices.map((notice) => (
          <Shown key={notice.id} notice={notice} isHeld={isHeld} />
        ))}
      </div>
    </div>
  );
}

function Shown({ notice, isHeld }: { notice: Notice; isHeld: boolean }) {
  const isBad = notice.tone === "bad";
  useEffect(() => {
    if (isBad || isHeld) return;
    const timer = setTimeout(() => dismiss(notice.id), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [notice.id, isBad, isHeld]);
  return (
    <div
      className={`pointer-events-auto flex max-w-lg items-center gap-1 rounded-lg border bg-surface py-1 pr-1 pl-3 shadow-lg ${isBad ? "border-bad/50 text-bad" : "border-line-strong/60"}`}
    >
      <p className="min-w-0 break-words">{notice.text}</p>
      <button
        type="button"
        onClick={() => dismiss(notice.id)}
        aria-label={`Dismiss: ${notice.text}`}
        className="grid size-8 shrink-0 place-items-center rounded-md text-muted hover:bg-raised pointer-coarse:size-11"
      >
        <X className="size-4" aria-hidden />
      </button>
    </div>
  );
}
