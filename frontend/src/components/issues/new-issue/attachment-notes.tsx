"use client";
import { FileWarning, X } from "lucide-react";
import { Button } from "@/components/ui/button";
import type { Attachments } from "@/hooks/use-attachments";

interface Props {
  attachments: Attachments;
  /** Lines just pasted that look like output and stand in no code block; 0 for none. */
  pastedLines: number;
  onFence: () => void;
  onLeave: () => void;
}

/** What became of files and of what was pasted. */
export function AttachmentNotes({ attachments, pastedLines, onFence, onLeave }: Props) {
  return (
    <>
      <div role="status">
        {attachments.added && <p className="mt-2 text-xs text-muted">{attachments.added}</p>}
        {pastedLines > 0 && (
          <div className="mt-2 flex flex-wrap items-center gap-2 rounded-md border border-line bg-raised px-3 py-2 text-[0.8125rem]">
            <p className="min-w-40 flex-1">
              The {pastedLines} lines you pasted look like a trace or a log. In a code block they keep their form.
            </p>
            <Button onClick={onFence}>Put them in a code block</Button>
            <Button variant="quiet" onClick={onLeave}>
              Leave them
            </Button>
          </div>
        )}
      </div>
      <div role="alert">
        {attachments.refused.map((file) => (
          <div
            key={file.name}
            className="mt-2 flex items-start gap-2 rounded-md border border-warn/40 bg-warn-soft px-3 py-2 text-[0.8125rem] text-warn"
          >
            <FileWarning className="mt-0.5 size-4 shrink-0" aria-hidden />
            <div className="min-w-0 flex-1 break-words">
              <p className="font-medium">{file.name} was not attached.</p>
              <p>{file.reason}</p>
              {file.end && (
                <Button className="mt-1.5" onClick={() => attachments.addEnd(file)}>
                  Attach its end
                </Button>
              )}
            </div>
            <Button
              variant="quiet"
              className="px-2"
              aria-label={`Dismiss the note on ${file.name}`}
              onClick={() => attachments.dismiss(file.name)}
            >
              <X className="size-4" aria-hidden />
            </Button>
          </div>
        ))}
      </div>
    </>
  );
}
