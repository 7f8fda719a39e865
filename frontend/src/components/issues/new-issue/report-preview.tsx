"use client";
import { Markdown } from "@/components/text/markdown";

/** The report as readers will see it. */
export default function ReportPreview({ text }: { text: string }) {
  return (
    <div className="min-h-80 rounded-md border border-line px-3 py-2">
      {text.trim() ? <Markdown text={text} /> : <p className="text-muted">Nothing is written yet.</p>}
    </div>
  );
}
