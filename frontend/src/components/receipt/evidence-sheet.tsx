"use client";
import { useQuery } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight, ExternalLink } from "lucide-react";
import { Diff } from "@/components/solution/diff";
import { InlineText } from "@/components/text/inline-text";
import { Button, buttonClass } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { Output } from "@/components/ui/output";
import { Sheet } from "@/components/ui/sheet";
import { useCommands } from "@/hooks/use-commands";
import { api } from "@/lib/api";
import { evidenceAnchor } from "@/lib/citations";
import { codeAddress } from "@/lib/code-host";
import { parseExcerpt } from "@/lib/code-result";
import type { Evidence } from "@/lib/event-types.gen";
import { shortSha } from "@/lib/format";
import { CodeView } from "./code-view";
import { ReceiptBody } from "./receipt-panel";

interface Props {
  evidence: readonly Evidence[];
  number: number;
  /** Name of the repository that the issue is about. */
  repository: string;
  mayAct: boolean;
  onShow: (number: number) => void;
  onReceipt: (id: string) => void;
  onClose: () => void;
}

/** One fact that was found: what it says, the code that it is about, and the record of the call that proves it. */
export default function EvidenceSheet({ evidence, number, repository, mayAct, onShow, onReceipt, onClose }: Props) {
  const at = evidence.findIndex((fact) => fact.number === number);
  const fact = evidence[at];
  const [previous, next] = [at < 0 ? undefined : evidence[at - 1], evidence[at + 1]];
  const steps = { previous: previous && (() => onShow(previous.number)), next: next && (() => onShow(next.number)) };
  useCommands({ "evidence.previous": steps.previous, "evidence.next": steps.next });
  return (
    <Sheet title={fact ? `Evidence ${number} of ${evidence.length}` : `Evidence ${number}`} placement="reading" onClose={onClose}>
      <div className="sticky top-0 z-10 flex items-center gap-1 border-b border-line bg-surface px-3 py-1">
        <Step name="Previous" Icon={ChevronLeft} onClick={steps.previous} />
        <Step name="Next" Icon={ChevronRight} onClick={steps.next} />
        <CopyButton
          text={() => `${location.origin}${location.pathname}${location.search}#${evidenceAnchor(number)}`}
          label="Copy link"
          isLabeled
          className="ml-auto"
        />
      </div>
      {fact ? (
        <div className="space-y-4 p-4" key={fact.number}>
          <Fact fact={fact} repository={repository} />
          <hr className="border-line" />
          <ReceiptBody id={fact.receipt_id} mayAct={mayAct} onReceipt={onReceipt} markedLine={fact.line} />
        </div>
      ) : (
        <p className="p-4 text-muted">This run has found no evidence with this number.</p>
      )}
    </Sheet>
  );
}

function Step({ name, Icon, onClick }: { name: string; Icon: typeof ChevronLeft; onClick: (() => void) | undefined }) {
  return (
    <Button variant="quiet" className="px-2" disabled={!onClick} onClick={onClick}>
      <Icon className="size-4" aria-hidden />
      {name}
      <span className="sr-only"> evidence</span>
    </Button>
  );
}

function Fact({ fact, repository }: { fact: Evidence; repository: string }) {
  const excerpt = fact.excerpt ? parseExcerpt(fact.excerpt) : null;
  return (
    <section aria-label={`Evidence ${fact.number}`} className="space-y-2">
      <p className="text-base leading-relaxed">
        <InlineText text={fact.statement} />
      </p>
      <CodePlace fact={fact} repository={repository} />
      {excerpt ? (
        <CodeView label={`Excerpt of evidence ${fact.number}`} lines={excerpt} marked={fact.line} className="max-h-80" />
      ) : (
        fact.excerpt && <ExcerptText label={`Excerpt of evidence ${fact.number}`} text={fact.excerpt} />
      )}
    </section>
  );
}

/** What a commit has changed, or whatever else is no code with line numbers. */
function ExcerptText({ label, text }: { label: string; text: string }) {
  const isChange = text.split("\n").every((line) => /^[-+]/.test(line));
  if (isChange) return <Diff text={text} label={label} className="max-h-80" />;
  return (
    <Output label={label} className="max-h-80">
      {text}
    </Output>
  );
}

/** The file, its line and its commit, to be copied or opened where the repository is hosted. */
function CodePlace({ fact, repository }: { fact: Evidence; repository: string }) {
  const repositories = useQuery({ queryKey: ["repositories"], queryFn: () => api.repositories(), staleTime: 300_000 });
  const { path, line, commit } = fact;
  if (!path && !commit) return null;
  const source = repositories.data?.results.find(({ name }) => name === repository)?.source ?? "";
  const address = codeAddress(source, { path, line, commit });
  const place = `${path}${path && line !== null ? `:${line}` : ""}`;
  const told = [place, commit && shortSha(commit)].filter(Boolean).join(" @ ");
  return (
    <div className="flex flex-wrap items-center gap-x-2">
      <p className="min-w-0 font-mono text-xs break-all text-muted">{told}</p>
      <span className="flex items-center">
        <CopyButton text={address || told} label={address ? "Copy permalink to the code" : "Copy the place in the code"} />
        {address && (
          <a href={address} target="_blank" rel="noreferrer noopener" className={buttonClass("quiet", "px-2")}>
            <ExternalLink className="size-3.5" aria-hidden />
            {new URL(address).host}
          </a>
        )}
      </span>
    </div>
  );
}
