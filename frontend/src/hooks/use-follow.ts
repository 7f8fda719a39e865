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
/** With more room than this part of the screen under the end, somebody reads what comes after it. */
const PAST_THE_END = 0.6;

const isBefore = (left: number): boolean => left >= NEAR_PX;
const isAt = (left: number): boolean => !isBefore(left) && left > -PAST_THE_END * window.innerHeight;

/**
 * Keeps the end in view while what is before it grows, but only for who is there: scrolling up lets go, coming back to the
 * end takes hold again. `isHeld`: the address names a place, and nothing but the reader moves away from it. Not the page's end: on a phone the evidence and the facts come after the timeline.
 */
export function useFollow(revision: number, isOn: boolean, isHeld = false): Follow {
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
      if (!isBefore(left.current)) setBehind(false);
    };
    onScroll();
    addEventListener("scroll", onScroll, { passive: true });
    return () => removeEventListener("scroll", onScroll);
  }, [measure]);
  const keepUp = useCallback(() => {
    const below = measure();
    if (isHeld || isBefore(left.current)) return setBehind(isBefore(below));
    if (below > 0) window.scrollBy({ top: below });
    left.current = measure();
  }, [measure, isHeld]);
  useEffect(() => {
    // Before its history had come the page was short, and everybody was at its end: who opens a long run begins at its top.
    if (isOn) left.current = measure();
  }, [isOn, measure]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new revision of the page is looked at
  useEffect(() => {
    if (isOn) keepUp();
  }, [revision, isOn, keepUp]);
  useEffect(() => {
    if (!isOn) return;
    // Rows are laid out when they come into view, and the footer grows with what is asked: no revision tells of that.
    const observer = new ResizeObserver(keepUp);
    for (const element of [end.current?.parentElement, footer.current]) if (element) observer.observe(element);
    return () => observer.disconnect();
  }, [isOn, keepUp]);
  useEffect(() => {
    if (!isOn) return;
    // The end of what was followed: the answer is at the top. Who reads further down is left there.
    return () => {
      setBehind(false);
      if (isAt(left.current)) window.scrollTo({ top: 0 });
    };
  }, [isOn]);
  const toLatest = useCallback(() => {
    left.current = 0;
    window.scrollBy({ top: measure(), behavior: "smooth" });
  }, [measure]);
  return { end, footer, isBehind, toLatest };
}
