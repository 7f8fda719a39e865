"use client";
import { Paperclip } from "lucide-react";
import { type ClipboardEvent, lazy, Suspense, useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { describedBy, Field, inputClass } from "@/components/ui/field";
import { Tabs } from "@/components/ui/tabs";
import { useAttachments } from "@/hooks/use-attachments";
import { useFileDrop } from "@/hooks/use-file-drop";
import { isInFence, isNearLimit, looksLikeOutput, MAX_REPORT_CHARS, withFence } from "@/lib/report-text";
import { AttachmentNotes } from "./attachment-notes";
import type { FieldsProps } from "./fields";

// Markdown is as heavy as the rest of this page together, and most reports are filed without a look at it.
const ReportPreview = lazy(() => import("./report-preview"));

const TABS = [
  { id: "write", label: "Write" },
  { id: "preview", label: "Preview" },
] as const;

/** The report itself: typed, pasted, or dropped as files. */
export function ReportEditor({ draft, change, errorOf }: FieldsProps) {
  const [view, setView] = useState<"write" | "preview">("write");
  const [pasted, setPasted] = useState<{ text: string; at: number } | null>(null);
  const error = errorOf("body");
  // What is wrong must be seen, also by who was looking at the preview.
  useEffect(() => {
    if (error) setView("write");
  }, [error]);
  const setBody = (body: string) => change({ body });
  const attachments = useAttachments(draft.body, setBody);
  const isOver = useFileDrop(attachments.add);
  const onPaste = (event: ClipboardEvent<HTMLTextAreaElement>) => {
    const files = [...event.clipboardData.files];
    if (files.length > 0) {
      event.preventDefault();
      attachments.add(files);
      return;
    }
    const text = event.clipboardData.getData("text/plain").replaceAll("\r\n", "\n");
    const at = event.currentTarget.selectionStart;
    setPasted(looksLikeOutput(text) && !isInFence(draft.body, at) ? { text, at } : null);
  };
  const fencedBody = pasted && withFence(draft.body, pasted.text, pasted.at);
  return (
    <div>
      <Tabs label="Report" tabs={TABS} selected={view} onSelect={setView} panelClass="pt-3">
        {/* Hidden, not taken away: the cursor and what can be undone stay. */}
        <div hidden={view !== "write"} className={isOver ? "rounded-md outline-2 outline-offset-4 outline-accent" : ""}>
          <BodyField body={draft.body} error={error} onChange={setBody} onPaste={onPaste} onInvalid={() => setView("write")} />
        </div>
        {view === "preview" && (
          <Suspense fallback={<p className="min-h-80 text-muted">Loading the preview…</p>}>
            <ReportPreview text={draft.body} />
          </Suspense>
        )}
      </Tabs>
      <div className="mt-2 flex flex-wrap items-center gap-x-3 gap-y-1">
        <AttachButton onFiles={attachments.add} />
        <span className="text-xs text-muted">Text files; their content becomes part of the report.</span>
        <CharacterCount length={draft.body.length} text={draft.body} />
      </div>
      <AttachmentNotes
        attachments={attachments}
        pastedLines={fencedBody && pasted ? pasted.text.trim().split("\n").length : 0}
        onFence={() => {
          if (fencedBody) setBody(fencedBody);
          setPasted(null);
        }}
        onLeave={() => setPasted(null)}
      />
    </div>
  );
}

interface BodyProps {
  body: string;
  error: string | undefined;
  onChange: (body: string) => void;
  onPaste: (event: ClipboardEvent<HTMLTextAreaElement>) => void;
  onInvalid: () => void;
}

function BodyField({ body, error, onChange, onPaste, onInvalid }: BodyProps) {
  return (
    <Field
      id="body"
      label="What happens"
      error={error}
      hint="Markdown. Paste tracebacks, log lines and request ids as they are; drop files here."
    >
      <textarea
        id="body"
        required
        rows={14}
        value={body}
        onChange={(event) => onChange(event.target.value)}
        onPaste={onPaste}
        onInvalid={onInvalid}
        aria-invalid={error ? true : undefined}
        aria-describedby={describedBy("body")}
        className={`${inputClass} resize-y font-mono text-[0.8125rem] leading-relaxed`}
      />
    </Field>
  );
}

function CharacterCount({ length, text }: { length: number; text: string }) {
  const isOver = length > MAX_REPORT_CHARS;
  return (
    <span role="status" className={`ml-auto text-xs ${isOver ? "font-medium text-bad" : "text-muted"}`}>
      {isNearLimit(text) &&
        `${length.toLocaleString("en")} of ${MAX_REPORT_CHARS.toLocaleString("en")} characters${isOver ? ": too long to file" : ""}`}
    </span>
  );
}

function AttachButton({ onFiles }: { onFiles: (files: readonly File[]) => void }) {
  const picker = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button onClick={() => picker.current?.click()}>
        <Paperclip className="size-3.5" aria-hidden />
        Attach logs or traces
      </Button>
      <input
        ref={picker}
        type="file"
        multiple
        accept=".log,.txt,.json,.md,text/*"
        aria-label="Files to attach"
        className="sr-only"
        tabIndex={-1}
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          event.target.value = "";
        }}
      />
    </>
  );
}
