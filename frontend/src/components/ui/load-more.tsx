"use client";
import { useEffect, useEffectEvent, useRef } from "react";
import { Button } from "./button";
import { ProblemNote } from "./problem-note";

interface Props {
  hasMore: boolean;
  isLoading: boolean;
  onMore: () => void;
  error?: unknown;
  /** Loads by itself when the end comes near. The button stays, for the keyboard and for when that failed. */
  isAutomatic?: boolean;
}

/** How far below the screen the end may be for the next page to be asked for. */
const AHEAD = "600px";

export function LoadMore({ hasMore, isLoading, onMore, error, isAutomatic = false }: Props) {
  const end = useRef<HTMLDivElement>(null);
  const more = useEffectEvent(onMore);
  const mayLoad = isAutomatic && hasMore && !isLoading && !error;
  useEffect(() => {
    if (!mayLoad || !end.current) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && more(), { rootMargin: AHEAD });
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [mayLoad]);
  if (!hasMore && !error) return null;
  return (
    <div ref={end} className="mt-4 flex min-h-9 flex-col items-center gap-2">
      <ProblemNote error={error} onRetry={onMore} />
      {hasMore && !error && (
        <Button onClick={onMore} isBusy={isLoading}>
          Load more
        </Button>
      )}
    </div>
  );
}
