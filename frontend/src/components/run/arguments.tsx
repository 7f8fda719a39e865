"use client";
import { useState } from "react";
import { CopyButton } from "@/components/ui/copy-button";
import { Output } from "@/components/ui/output";
import { asText } from "@/lib/arguments-text";

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
        <button
          type="button"
          aria-pressed={isRaw}
          onClick={() => setRaw(!isRaw)}
          className="min-h-8 rounded px-1.5 text-xs text-muted hover:text-ink aria-pressed:text-accent pointer-coarse:min-h-11"
        >
          JSON
        </button>
        {isRaw && <CopyButton text={() => asText(values)} label="Copy the arguments" />}
      </div>
    </div>
  );
}

export function KeyValues({ entries }: { entries: readonly (readonly [name: string, value: unknown])[] }) {
  return (
    <dl className="grid grid-cols-[minmax(3rem,auto)_minmax(0,1fr)] gap-x-3 gap-y-0.5 text-xs">
      {entries.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-muted">{name}</dt>
          <dd className="max-h-40 overflow-y-auto font-mono break-words whitespace-pre-wrap">
            {typeof value === "string" ? value || "(empty)" : JSON.stringify(value, null, 1)}
          </dd>
        </div>
      ))}
    </dl>
  );
}
