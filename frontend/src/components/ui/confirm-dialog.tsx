"use client";
import { type FormEvent, type ReactNode, useId, useState } from "react";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { Field, inputClass } from "./field";
import { ProblemNote } from "./problem-note";

interface Props {
  title: string;
  /** What will happen, and whether it can be undone. */
  children: ReactNode;
  /** The verb: "Remove the member", never "OK". */
  confirmLabel: string;
  /** What must be typed first, for what destroys something that others use. */
  phrase?: string;
  isDanger?: boolean;
  isBusy?: boolean;
  error?: unknown;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks once more. It stays open until its owner takes it away, so that a refusal can be read where it was asked for. */
export function ConfirmDialog(props: Props) {
  const { title, children, confirmLabel, phrase, isDanger = true, isBusy = false, error, onConfirm, onClose } = props;
  const [typed, setTyped] = useState("");
  const id = useId();
  const isMeant = phrase === undefined || typed.trim() === phrase;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isMeant && !isBusy) onConfirm();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={submit}>
        <div className="space-y-4 px-4 py-4">
          <div className="text-muted">{children}</div>
          {phrase !== undefined && (
            <Field id={id} label={`Type ${phrase} to go on`}>
              <input
                data-first-focus
                id={id}
                value={typed}
                onChange={(event) => setTyped(event.target.value)}
                autoComplete="off"
                autoCapitalize="none"
                spellCheck={false}
                className={inputClass}
              />
            </Field>
          )}
          <ProblemNote error={error} />
        </div>
        <div className="flex justify-end gap-2 border-t border-line px-4 py-3">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant={isDanger ? "danger" : "primary"} disabled={!isMeant} isBusy={isBusy}>
            {confirmLabel}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
