"use client";
import { X } from "lucide-react";
import { type ReactNode, type RefObject, useEffect, useId, useRef } from "react";
import { Button } from "./button";
import { StatusRegion } from "./status-region";

/** Opens the browser's own modal: focus stays inside, Escape closes, and focus goes back to where it was. */
export function useModal(): RefObject<HTMLDialogElement | null> {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const opener = document.activeElement;
    const element = dialog.current;
    if (element && !element.open) element.showModal();
    // By itself the browser takes the first that can have focus: a box that scrolls, or the button that closes.
    element?.querySelector<HTMLElement>("[data-first-focus]")?.focus();
    return () => {
      // Taken off the page without being closed, the browser leaves focus nowhere.
      if (document.activeElement === document.body && opener instanceof HTMLElement) opener.focus();
    };
  }, []);
  return dialog;
}

const PLACEMENTS = {
  center: "m-auto max-h-[calc(100dvh-2rem)] w-[calc(100%-2rem)] max-w-lg rounded-lg border",
  top: "mx-auto mt-[12dvh] mb-auto max-h-[70dvh] w-[calc(100%-2rem)] max-w-xl rounded-lg border",
  side: "ml-auto mr-0 my-0 h-dvh max-h-none w-full max-w-2xl sm:border-l",
  // A sheet from below on phones, where the thumb is; what lies under it stays in view.
  reading:
    "ml-auto mr-0 my-0 h-dvh max-h-none w-full max-w-2xl sm:border-l max-sm:mt-auto max-sm:h-[90dvh] max-sm:max-w-none max-sm:rounded-t-xl max-sm:border-t",
  wide: "ml-auto mr-0 my-0 h-dvh max-h-none w-full max-w-5xl sm:border-l",
};

/** As long as desktops take two clicks for one. */
const DOUBLE_CLICK_MS = 500;

interface Props {
  title: string;
  onClose: () => void;
  children: ReactNode;
  /** Buttons below, always in view. */
  footer?: ReactNode;
  /** `side`: a panel at the right edge, the whole screen on phones; `reading`: the same, a sheet from below on phones;
   * `wide`: a broader one; `top`: near the top. */
  placement?: keyof typeof PLACEMENTS;
  /** For dialogs that show what they are: the title is then only spoken. */
  isTitleHidden?: boolean;
}

/** A modal. It is open while it is mounted; `onClose` is to take it off the page. */
export function Dialog({ title, onClose, children, footer, placement = "center", isTitleHidden = false }: Props) {
  const dialog = useModal();
  const titleId = useId();
  // A selection that begins inside and ends on the backdrop is no click on the backdrop.
  const isFromBackdrop = useRef(false);
  const openedAt = useRef(0);
  useEffect(() => {
    openedAt.current = performance.now();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a dialog by itself; the click is on the backdrop
    <dialog
      ref={dialog}
      aria-labelledby={titleId}
      onClose={onClose}
      onPointerDown={(event) => {
        // Nor is the second click of a double one on what has opened it.
        isFromBackdrop.current = event.target === dialog.current && performance.now() - openedAt.current > DOUBLE_CLICK_MS;
      }}
      onClick={(event) => {
        if (event.target === dialog.current && isFromBackdrop.current) dialog.current.close();
      }}
      className={`flex-col border-line bg-surface p-0 text-ink shadow-xl open:flex ${PLACEMENTS[placement]}`}
    >
      {isTitleHidden ? (
        <h2 id={titleId} className="sr-only">
          {title}
        </h2>
      ) : (
        <div className="flex items-center gap-2 border-b border-line px-4 py-2">
          <h2 id={titleId} className="min-w-0 flex-1 truncate font-semibold">
            {title}
          </h2>
          <Button variant="quiet" onClick={() => dialog.current?.close()} aria-label="Close" className="-mr-2 px-2">
            <X className="size-4" aria-hidden />
          </Button>
        </div>
      )}
      <div className="min-h-0 flex-1 overflow-y-auto overscroll-contain">{children}</div>
      {footer && <div className="flex flex-wrap justify-end gap-2 border-t border-line px-4 py-3">{footer}</div>}
      <StatusRegion />
    </dialog>
  );
}
