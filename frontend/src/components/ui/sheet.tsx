"use client";
import { X } from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";
import { Button } from "./button";

interface Props {
  title: string;
  onClose: () => void;
  children: ReactNode;
  /** `side`: a panel at the right edge, the whole screen on phones; `wide`: a broader one. `center`: a small dialog. */
  placement?: "side" | "wide" | "center";
}

const PLACEMENTS = {
  side: "ml-auto mr-0 my-0 h-dvh max-h-none w-full max-w-2xl border-l",
  wide: "ml-auto mr-0 my-0 h-dvh max-h-none w-full max-w-5xl border-l",
  center: "m-auto w-[calc(100%-2rem)] max-w-lg rounded-lg border",
};

/** A modal on the browser's own dialog: focus stays inside, Escape closes, focus returns to where it was. */
export function Sheet({ title, onClose, children, placement = "side" }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    if (element && !element.open) element.showModal();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a dialog by itself; the click is on the backdrop
    <dialog
      ref={dialog}
      aria-label={title}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === dialog.current) dialog.current.close();
      }}
      className={`flex-col border-line bg-surface p-0 text-ink open:flex ${PLACEMENTS[placement]}`}
    >
      <div className="flex items-center gap-2 border-b border-line px-4 py-2.5">
        <h2 className="min-w-0 flex-1 truncate font-semibold">{title}</h2>
        <Button variant="quiet" onClick={() => dialog.current?.close()} aria-label="Close" className="px-2">
          <X className="size-4" aria-hidden />
        </Button>
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto">{children}</div>
    </dialog>
  );
}
