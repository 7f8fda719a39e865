"use client";
import { SendHorizontal } from "lucide-react";
import type { FormEvent, KeyboardEvent } from "react";
import { useDraft } from "@/hooks/use-draft";
import { Button } from "./ui/button";
import { inputClass } from "./ui/field";

interface Props {
  /** Drafts are kept per run. */
  runId: string;
  onSend: (text: string) => void;
}

/** Says something to the running investigation. Enter sends, Shift+Enter starts a line. */
export function Composer({ runId, onSend }: Props) {
  const [text, setText] = useDraft(`message.${runId}`);
  const submit = (event: FormEvent | KeyboardEvent) => {
    event.preventDefault();
    if (!text.trim()) return;
    onSend(text.trim());
    setText("");
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // While an input method composes a word, Enter belongs to it.
    if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) submit(event);
  };
  return (
    <form onSubmit={submit} className="flex items-end gap-2">
      <label className="min-w-0 flex-1">
        <span className="sr-only">Message to the investigation</span>
        <textarea
          rows={1}
          maxLength={20_000}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKeyDown}
          placeholder="Add what you know…"
          className={`${inputClass} block field-sizing-content max-h-40 resize-none`}
        />
      </label>
      <Button type="submit" variant="primary" disabled={!text.trim()} className="min-h-9">
        <SendHorizontal className="size-4" aria-hidden />
        <span className="sr-only sm:not-sr-only">Send</span>
      </Button>
    </form>
  );
}
