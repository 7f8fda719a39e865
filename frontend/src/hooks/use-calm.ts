"use client";
import { type RefObject, useEffect, useEffectEvent } from "react";

const PAUSE_MS = 400;
/** So little is scrolled that the top of the list is what one sees. */
const TOP_PX = 120;

/**
 * Calls `act` once while `isWanted`, as soon as rows may move: the top of the list is in view, and neither the pointer nor
 * the focus is in it.
 */
export function useCalm(list: RefObject<HTMLElement | null>, isWanted: boolean, act: () => void): void {
  const tryNow = useEffectEvent(() => {
    const element = list.current;
    const isTouched = element?.matches(":hover") || element?.contains(document.activeElement);
    if (isWanted && scrollY < TOP_PX && !isTouched && document.visibilityState === "visible") act();
  });
  useEffect(() => {
    if (!isWanted) return;
    const timer = setInterval(() => tryNow(), PAUSE_MS);
    return () => clearInterval(timer);
  }, [isWanted]);
}
