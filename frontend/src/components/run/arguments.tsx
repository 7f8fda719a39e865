"use client";
import { useState } from "react";
import { CopyButton } from "@/components/ui/copy-button";
import { Output } from "@/components/ui/output";
import { asText } from "@/lib/arguments-text";
import { JsonToggle, KeyValues } from "./key-values";

/** The arguments of a tool call, one a line, or as the JSON that was sent. */
export function Arguments({ values }: { values: Record<string, unknown> }) {
  const [isRaw, setRaw] = useState(false);
  const entries = Object.entries(values);
  if (entries.length === 0) return <p className="text-xs text-muted">No arguments</p>;
  return (
    <div className="flex items-start gap-2">
      <div className="min-w-0 flex-1">
        {isRaw ? (
          <Output label="Arguments as JSON" className="max-h-72 *:break-words *:whitespace-pre-wrap">
            {asText(values)}
          </Output>
        ) : (
          <KeyValues entries={entries} />
        )}
      </div>
      <div className="-my-1 flex shrink-0 items-center">
        <JsonToggle isOn={isRaw} onChange={setRaw} />
        {isRaw && <CopyButton text={() => asText(values)} label="Copy the arguments" />}
      </div>
    </div>
  );
}
