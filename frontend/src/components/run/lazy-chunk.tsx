"use client";
import { type ReactNode, useEffect, useRef, useState } from "react";

/** How far from the screen rows are made ready. */
const MARGIN = "1200px 0px";

interface Props {
  /** Pixels that the rows take, roughly, before they were first drawn. */
  estimate: number;
  /** Draw them also far from the screen: they are the first or the last ones, or one of them is asked for. */
  isWanted: boolean;
  /** Keep them once they were drawn, with what was unfolded in them; else only their height is kept. */
  isKept: boolean;
  children: () => ReactNode;
}

/**
 * Some consecutive rows of a long list, which are drawn when they come near the screen: a run of twenty thousand events
 * opens as fast as a short one. For printing all of them are drawn.
 */
export function LazyChunk({ estimate, isWanted, isKept, children }: Props) {
  const box = useRef<HTMLOListElement>(null);
  const height = useRef(estimate);
  const [isNear, setNear] = useState(false);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (!entry) return;
        if (!entry.isIntersecting && entry.boundingClientRect.height > 0) height.current = entry.boundingClientRect.height;
        setNear((was) => entry.isIntersecting || (was && isKept));
      },
      { rootMargin: MARGIN },
    );
    observer.observe(element);
    const draw = () => setNear(true);
    addEventListener("beforeprint", draw);
    return () => {
      observer.disconnect();
      removeEventListener("beforeprint", draw);
    };
  }, [isKept]);
  const isDrawn = isNear || isWanted;
  return (
    <ol ref={box} style={isDrawn ? undefined : { height: height.current }}>
      {isDrawn && children()}
    </ol>
  );
}
