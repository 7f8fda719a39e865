"use client";
import { Copy } from "lucide-react";
import { useMemo, useState } from "react";
import { Button } from "@/components/ui/button";
import { Output } from "@/components/ui/output";
import type { ShownReceipt } from "@/hooks/use-receipt";
import { bytes, count } from "@/lib/format";

/** Laid out in pieces, those far from the screen later: 50,000 lines open at once, and can still be searched. */
const LINES_A_PIECE = 200;

interface Props {
  shown: ShownReceipt;
  isLoading: boolean;
  onMore: () => void;
}

/** What the call gave back: the first part, and more of it on demand. */
export function ReceiptResult({ shown: { receipt, text, loaded }, isLoading, onMore }: Props) {
  const [copied, setCopied] = useState("");
  const pieces = useMemo(() => inPieces(text), [text]);
  const isWhole = loaded >= receipt.total_chars;
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(text);
  };
  return (
    <section aria-label="Result">
      <div className="mb-1 flex items-center justify-between">
        <h4 className="text-xs font-semibold text-muted">Result, {bytes(receipt.result_bytes)}</h4>
        <Button variant="quiet" className="px-2" onClick={() => void copy()}>
          <Copy className="size-3.5" aria-hidden />
          {copied && copied === text ? "Copied" : isWhole ? "Copy" : "Copy what is shown"}
        </Button>
      </div>
      <Output label={isWhole ? "Whole result" : "Beginning of the result"}>
        {pieces.map((piece, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a receipt never changes, it is only shown further
          <code key={index} className="later block">
            {piece}
          </code>
        ))}
      </Output>
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

function inPieces(text: string): string[] {
  if (!text) return ["(empty)"];
  const lines = text.split("\n");
  const pieces: string[] = [];
  for (let start = 0; start < lines.length; start += LINES_A_PIECE)
    pieces.push(lines.slice(start, start + LINES_A_PIECE).join("\n"));
  return pieces;
}
