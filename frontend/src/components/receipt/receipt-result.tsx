"use client";
import { useMemo } from "react";
import { Diff } from "@/components/solution/diff";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { Output } from "@/components/ui/output";
import type { ShownReceipt } from "@/hooks/use-receipt";
import { parseCode, splitDiff } from "@/lib/code-result";
import { bytes, count } from "@/lib/format";
import { CodeView } from "./code-view";

/** Laid out in pieces, those far from the screen later: 50,000 lines open at once, and can still be searched. */
const LINES_A_PIECE = 200;

interface Props {
  shown: ShownReceipt;
  markedLine: number | null;
  isLoading: boolean;
  onMore: () => void;
}

/** What the call gave back: the first part, and more of it on demand. */
export function ReceiptResult({ shown: { receipt, text, loaded }, markedLine, isLoading, onMore }: Props) {
  const isWhole = loaded >= receipt.total_chars;
  return (
    <section aria-label="Result">
      <div className="mb-1 flex items-center justify-between">
        <h4 className="text-xs font-semibold text-muted">Result, {bytes(receipt.result_bytes)}</h4>
        <CopyButton text={text} label={isWhole ? "Copy" : "Copy what is shown"} isLabeled />
      </div>
      <ResultText text={text} label={isWhole ? "Whole result" : "Beginning of the result"} markedLine={markedLine} />
      {!isWhole && (
        <div className="mt-2 flex flex-wrap items-center gap-3">
          <Button isBusy={isLoading} onClick={onMore}>
            Show more
          </Button>
          <p className="text-xs text-muted">
            {count(loaded)} of {count(receipt.total_chars)} characters
          </p>
        </div>
      )}
    </section>
  );
}

type TextProps = Pick<Props, "markedLine"> & { text: string; label: string };

/** As what it is: code with its line numbers, a diff, or text. */
function ResultText({ text, label, markedLine }: TextProps) {
  const code = useMemo(() => parseCode(text), [text]);
  const commit = useMemo(() => (code ? null : splitDiff(text)), [code, text]);
  if (code) {
    return (
      <div className="space-y-2">
        <p className="font-mono text-xs break-all text-muted">
          {code.path} at {code.commit}
        </p>
        <CodeView label={label} lines={code.lines} marked={markedLine} />
        {code.rest && <PlainText text={code.rest} label="What was told after it" />}
      </div>
    );
  }
  if (commit) {
    return (
      <div className="space-y-2">
        {commit.head && <PlainText text={commit.head} label="What was told before the diff" />}
        <Diff text={commit.diff} />
      </div>
    );
  }
  return <PlainText text={text} label={label} />;
}

function PlainText({ text, label }: Omit<TextProps, "markedLine">) {
  const pieces = useMemo(() => inPieces(text), [text]);
  return (
    <Output label={label}>
      {pieces.map((piece, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a receipt never changes, it is only shown further
        <code key={index} className="later block">
          {piece}
        </code>
      ))}
    </Output>
  );
}

function inPieces(text: string): string[] {
  if (!text) return ["(empty)"];
  const lines = text.split("\n");
  const pieces: string[] = [];
  for (let start = 0; start < lines.length; start += LINES_A_PIECE)
    pieces.push(lines.slice(start, start + LINES_A_PIECE).join("\n"));
  return pieces;
}
