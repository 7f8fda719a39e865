"use client";
import { ChevronRight } from "lucide-react";
import { type ReactNode, useState } from "react";

interface Props {
  /** Open as long as nobody has folded or unfolded it. */
  isOpenByItself: boolean;
  /** Being sent here by an address opens it once more: what the address names, if it is in here. */
  mark?: unknown;
  className?: string;
  summaryClass: string;
  /** The line that is always there. */
  summary: ReactNode;
  /** Drawn only while it is open. */
  children: ReactNode;
}

/** A line that unfolds. */
export function Fold({ isOpenByItself, mark, className, summaryClass, summary, children }: Props) {
  const [choice, setChoice] = useState<{ isOpen: boolean; mark: unknown } | null>(null);
  const isOpen = choice !== null && choice.mark === mark ? choice.isOpen : isOpenByItself;
  return (
    <details open={isOpen} className={className}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: browsers make a summary a button with these keys */}
      <summary
        onClick={(event) => {
          event.preventDefault();
          setChoice({ isOpen: !isOpen, mark });
        }}
        className={`flex items-center ${summaryClass}`}
      >
        <ChevronRight className={`size-3.5 shrink-0 text-faint transition-transform ${isOpen ? "rotate-90" : ""}`} aria-hidden />
        {summary}
      </summary>
      {isOpen && children}
    </details>
  );
}
