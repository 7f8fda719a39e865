"use client";
import { type RefObject, useCallback, useEffect, useRef, useState } from "react";

export interface Follow {
  /** Goes after what is followed: its position is the end. */
  end: RefObject<HTMLDivElement | null>;
  /** What covers the bottom of the screen. */
  footer: RefObject<HTMLDivElement | null>;
  /** Whether there is more below that is not being followed. */
  isBehind: boolean;
  toLatest: () => void;
}

/** Less than this from the end counts as being there. */
const NEAR_PX = 160;

/**
 * Keeps the end in view while what is before it grows, but only for who is there: scrolling up lets go, coming back to the
 * end takes hold again. Not the page's end: on a phone the evidence and the facts come after the timeline.
 */
export function useFollow(revision: number, isOn: boolean): Follow {
  const end = useRef<HTMLDivElement>(null);
  const footer = useRef<HTMLDivElement>(null);
  // Pixels of what is followed that are below the screen; negative where there is room left.
  const left = useRef(Number.POSITIVE_INFINITY);
  const [isBehind, setBehind] = useState(false);
  const measure = useCallback(() => {
    const bottom = footer.current?.getBoundingClientRect().top ?? window.innerHeight;
    return end.current ? end.current.getBoundingClientRect().bottom - bottom : Number.POSITIVE_INFINITY;
  }, []);
  useEffect(() => {
    const onScroll = () => {
      left.current = measure();
      if (left.current < NEAR_PX) setBehind(false);
    };
    onScroll();
    addEventListener("scroll", onScroll, { passive: true });
    return () => removeEventListener("scroll", onScroll);
  }, [measure]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new revision of the page is looked at
  useEffect(() => {
    if (!isOn) return;
    const below = measure();
    if (left.current >= NEAR_PX) setBehind(below >= NEAR_PX);
    else if (below > 0) window.scrollBy({ top: below });
  }, [revision, isOn]);
  useEffect(() => {
    if (!isOn) return;
    // The end of what was followed: the answer is at the top. Who reads further down is left there.
    return () => {
      setBehind(false);
      if (Math.abs(left.current) < NEAR_PX) window.scrollTo({ top: 0 });
    };
  }, [isOn]);
  const toLatest = useCallback(() => {
    left.current = 0;
    window.scrollBy({ top: measure(), behavior: "smooth" });
  }, [measure]);
  return { end, footer, isBehind, toLatest };
}
