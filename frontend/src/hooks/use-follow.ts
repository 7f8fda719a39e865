"use client";
import { useCallback, useEffect, useRef, useState } from "react";

export interface Follow {
  /** Whether there is more below that is not being followed. */
  isBehind: boolean;
  toLatest: () => void;
}

/** Less than this from the end counts as being there. */
const NEAR_PX = 160;

const distanceToEnd = (): number => document.documentElement.scrollHeight - window.scrollY - window.innerHeight;

/**
 * Keeps the end of the page in view while it grows, but only for who is there: scrolling up lets go, coming back to the
 * end takes hold again.
 */
export function useFollow(revision: number, isOn: boolean): Follow {
  const isAtEnd = useRef(false);
  const [isBehind, setBehind] = useState(false);
  useEffect(() => {
    const onScroll = () => {
      isAtEnd.current = distanceToEnd() < NEAR_PX;
      if (isAtEnd.current) setBehind(false);
    };
    onScroll();
    addEventListener("scroll", onScroll, { passive: true });
    return () => removeEventListener("scroll", onScroll);
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new revision of the page is looked at
  useEffect(() => {
    if (!isOn) return;
    if (isAtEnd.current) window.scrollTo({ top: document.documentElement.scrollHeight });
    else setBehind(distanceToEnd() >= NEAR_PX);
  }, [revision, isOn]);
  useEffect(() => {
    if (!isOn) return;
    // The end of what was followed: the answer is at the top.
    return () => {
      setBehind(false);
      if (isAtEnd.current) window.scrollTo({ top: 0 });
    };
  }, [isOn]);
  const toLatest = useCallback(() => {
    isAtEnd.current = true;
    window.scrollTo({ top: document.documentElement.scrollHeight, behavior: "smooth" });
  }, []);
  return { isBehind, toLatest };
}
