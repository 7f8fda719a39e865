"use client";
import type { ComponentProps, ReactNode } from "react";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { ProblemNote } from "./problem-note";

interface Props extends Pick<ComponentProps<typeof Dialog>, "title" | "placement" | "onClose"> {
  children: ReactNode;
  /** The verb: "Save view", never "OK". */
  submitLabel: string;
  isBusy: boolean;
  /** False while there is nothing to be sent. */
  isReady?: boolean;
  /** What was refused and is not told at a field. */
  error: unknown;
  /** The form checks its fields itself, with words of its own. */
  noValidate?: boolean;
  onSubmit: () => void;
}

/** A form in a modal. It stays open until its owner takes it away, so that a refusal is read where it was asked for. */
export function FormDialog(props: Props) {
  const { title, placement, children, submitLabel, isBusy, isReady = true, error, noValidate, onSubmit, onClose } = props;
  return (
    <Dialog title={title} placement={placement} onClose={onClose}>
      <form
        noValidate={noValidate}
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady && !isBusy) onSubmit();
        }}
        className="space-y-4 p-4"
      >
        {children}
        <ProblemNote error={error} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" disabled={!isReady} isBusy={isBusy}>
            {submitLabel}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
