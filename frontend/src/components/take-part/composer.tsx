"use client";
import { SendHorizontal, Zap } from "lucide-react";
import type { FormEvent, KeyboardEvent, ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { inputClass } from "@/components/ui/field";
import { useDraft } from "@/hooks/use-draft";
import { keep, kept, messageDraft } from "@/lib/keeping";

interface Props {
  /** Drafts are kept per run. */
  runId: string;
  onSend: (text: string, isUrgent: boolean, clientId: string) => void;
  /** What else can be done, beside the buttons. */
  children?: ReactNode;
}

const USE_NOW_NOTE = "Interrupts what the model is saying and asks it anew with your message. Ctrl+Enter or ⌘+Enter.";

/** Says something to the running investigation. Enter sends, with Ctrl or ⌘ it is used now; Shift+Enter starts a line. */
export function Composer({ runId, onSend, children }: Props) {
  const [text, setText] = useDraft(messageDraft(runId));
  const idName = `message-id.${runId}`;
  const isEmpty = !text.trim();
  const send = (isUrgent: boolean) => {
    if (isEmpty) return;
    onSend(text.trim(), isUrgent, kept("draft", idName) || crypto.randomUUID());
    setText("");
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send(false);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // While an input method composes a word, Enter belongs to it.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send(event.ctrlKey || event.metaKey);
  };
  return (
    <form onSubmit={submit} className="flex flex-wrap items-end gap-2">
      <label className="min-w-0 flex-1 basis-full sm:basis-0">
        <span className="sr-only">Message to the investigation</span>
        <textarea
          rows={1}
          maxLength={20_000}
          value={text}
          onChange={(event) => {
            // The same words sent from two tabs are one message; it stays until others are typed.
            keep("draft", idName, crypto.randomUUID());
            setText(event.target.value);
          }}
          onKeyDown={onKeyDown}
          placeholder="Add what you know…"
          className={`${inputClass} block field-sizing-content max-h-40 resize-none`}
        />
      </label>
      <SendButtons isEmpty={isEmpty} onUseNow={() => send(true)} />
      {children}
    </form>
  );
}

function SendButtons({ isEmpty, onUseNow }: { isEmpty: boolean; onUseNow: () => void }) {
  return (
    <>
      <Button
        type="submit"
        variant="primary"
        disabled={isEmpty}
        title="Taken in before the next model call"
        className="min-h-9 flex-1 sm:flex-none"
      >
        <SendHorizontal className="size-4" aria-hidden />
        Send
      </Button>
      <Button
        disabled={isEmpty}
        onClick={onUseNow}
        title={USE_NOW_NOTE}
        aria-describedby="use-now-note"
        className="min-h-9 flex-1 sm:flex-none"
      >
        <Zap className="size-4" aria-hidden />
        Use now
      </Button>
      <span id="use-now-note" className="sr-only">
        {USE_NOW_NOTE}
      </span>
    </>
  );
}
