"use client";
import { FileText } from "lucide-react";
import { InlineText } from "@/components/text/inline-text";
import { Output } from "@/components/ui/output";
import { Panel } from "@/components/ui/panel";
import { evidenceAnchor } from "@/lib/citations";
import type { Evidence } from "@/lib/event-types.gen";
import { shortSha } from "@/lib/format";
import { toolLine } from "@/lib/tool-lines";

interface Props {
  evidence: readonly Evidence[];
  hasEnded: boolean;
  onReceipt: (id: string) => void;
}

/** The facts found, numbered as the solution cites them; each leads to the record of the call that proves it. */
export function EvidenceList({ evidence, hasEnded, onReceipt }: Props) {
  return (
    <Panel title="Evidence" aside={evidence.length ? String(evidence.length) : ""}>
      {evidence.length === 0 ? (
        <p className="px-3 py-2.5 text-muted">{hasEnded ? "Nothing was found." : "Nothing found yet."}</p>
      ) : (
        <ol className="divide-y divide-line">
          {evidence.map((fact) => (
            <EvidenceItem key={fact.number} fact={fact} onReceipt={onReceipt} />
          ))}
        </ol>
      )}
    </Panel>
  );
}

function EvidenceItem({ fact, onReceipt }: { fact: Evidence; onReceipt: (id: string) => void }) {
  return (
    <li id={evidenceAnchor(fact.number)} tabIndex={-1} className="citable scroll-mt-16 px-3 py-2.5">
      <div className="flex gap-2">
        <span className="font-mono text-xs leading-5 font-medium text-accent">[{fact.number}]</span>
        <div className="min-w-0 flex-1 space-y-1">
          <p>
            <InlineText text={fact.statement} />
          </p>
          <Place fact={fact} />
          {fact.excerpt && (
            <details className="group/excerpt">
              <summary className="inline-flex items-center rounded text-xs text-muted underline decoration-dotted underline-offset-2 hover:text-ink pointer-coarse:min-h-11">
                <span className="group-open/excerpt:hidden">Show excerpt</span>
                <span className="hidden group-open/excerpt:inline">Hide excerpt</span>
              </summary>
              <Output label={`Excerpt of evidence ${fact.number}`} className="mt-1 max-h-60">
                {fact.excerpt}
              </Output>
            </details>
          )}
          <button
            type="button"
            onClick={() => onReceipt(fact.receipt_id)}
            className="inline-flex items-center gap-1 rounded text-xs text-accent hover:underline pointer-coarse:min-h-11"
          >
            <FileText className="size-3.5" aria-hidden />
            Receipt<span className="sr-only"> of evidence {fact.number}</span>
            <span className="text-muted">· {toolLine(fact.tool, {}).verb}</span>
          </button>
        </div>
      </div>
    </li>
  );
}

function Place({ fact }: { fact: Evidence }) {
  if (!fact.path && !fact.commit) return null;
  return (
    <p className="font-mono text-xs break-all text-muted">
      {fact.path}
      {fact.path && fact.line !== null && `:${fact.line}`}
      {fact.commit && <span>{`${fact.path ? " @ " : ""}${shortSha(fact.commit)}`}</span>}
    </p>
  );
}
