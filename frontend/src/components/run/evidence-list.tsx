"use client";
import { useState } from "react";
import { InlineText } from "@/components/text/inline-text";
import { Button } from "@/components/ui/button";
import { Panel } from "@/components/ui/panel";
import { evidenceAnchor } from "@/lib/citations";
import type { Evidence } from "@/lib/event-types.gen";
import { shortSha } from "@/lib/format";

interface Props {
  evidence: readonly Evidence[];
  hasEnded: boolean;
}

/** So many are listed at once; the others one click away. */
const SHOWN = 30;

/** The facts found, numbered as the solution cites them; each opens with its code and the call that proves it. */
export function EvidenceList({ evidence, hasEnded }: Props) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? evidence : evidence.slice(0, SHOWN);
  return (
    <Panel title="Evidence" aside={evidence.length ? String(evidence.length) : ""}>
      {evidence.length === 0 ? (
        <p className="px-3 py-2.5 text-muted">{hasEnded ? "Nothing was found." : "Nothing found yet."}</p>
      ) : (
        <ol className="divide-y divide-line">
          {shown.map((fact) => (
            <EvidenceItem key={fact.number} fact={fact} />
          ))}
        </ol>
      )}
      {shown.length < evidence.length && (
        <Button variant="quiet" className="w-full rounded-none border-t border-line" onClick={() => setWhole(true)}>
          Show {evidence.length - shown.length} more
        </Button>
      )}
    </Panel>
  );
}

/** The whole row leads there. The name is that of a citation, since it goes where a citation goes. */
function EvidenceItem({ fact }: { fact: Evidence }) {
  return (
    <li id={`fact-${fact.number}`} className="relative flex gap-2 px-3 py-2.5 hover:bg-raised">
      <a
        href={`#${evidenceAnchor(fact.number)}`}
        aria-label={`Evidence ${fact.number}`}
        className="h-fit font-mono text-xs leading-5 font-medium text-accent after:absolute after:inset-0"
      >
        [{fact.number}]
      </a>
      <div className="min-w-0 flex-1 space-y-1 text-[0.8125rem]">
        <p>
          <InlineText text={fact.statement} />
        </p>
        <Place fact={fact} />
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
