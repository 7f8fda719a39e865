"use client";
import { useQuery } from "@tanstack/react-query";
import { Copy } from "lucide-react";
import { useMemo, useState } from "react";
import { api } from "@/lib/api";
import type { Receipt } from "@/lib/api-types";
import { bytes, count, duration, fullTime, TOOL_STATE_NAMES } from "@/lib/format";
import { problemOf } from "@/lib/problem";
import { Arguments } from "./arguments";
import { Button } from "./ui/button";
import { Output } from "./ui/output";
import { ProblemNote } from "./ui/problem-note";
import { Sheet } from "./ui/sheet";

/** Receipts reach the server in batches, some seconds after their call: a missing one is asked for again. */
const LATE_RETRIES = 5;

/** The gateway's own record of a tool call, with the whole result. */
export function ReceiptPanel({ id, onClose }: { id: string; onClose: () => void }) {
  const receipt = useQuery({
    queryKey: ["receipt", id],
    queryFn: () => api.receipt(id),
    staleTime: Number.POSITIVE_INFINITY,
    retry: (failures, error) => failures < LATE_RETRIES && [0, 404, 500, 502, 503].includes(problemOf(error)?.status ?? 0),
    retryDelay: 1_500,
  });
  return (
    <Sheet title="Receipt" onClose={onClose}>
      <div className="space-y-4 p-4">
        {receipt.isPending && <p className="text-muted">{receipt.failureCount ? "Not there yet; asking again…" : "Loading…"}</p>}
        <ProblemNote error={receipt.error} onRetry={() => void receipt.refetch()} />
        {receipt.data && <Record receipt={receipt.data} />}
      </div>
    </Sheet>
  );
}

function Record({ receipt }: { receipt: Receipt }) {
  return (
    <>
      <div>
        <h3 className="font-mono font-semibold break-all">{receipt.tool}</h3>
        <p className="mt-0.5 text-xs text-muted">
          {TOOL_STATE_NAMES[receipt.status]} · {duration(receipt.duration_ms)}
          {receipt.is_cached && " · from the cache"} · {fullTime(receipt.called_at)}
        </p>
      </div>
      <section aria-label="Arguments">
        <h4 className="mb-1 text-xs font-semibold text-muted">Arguments</h4>
        <Arguments values={receipt.arguments} />
      </section>
      <Result receipt={receipt} />
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 gap-y-0.5 text-xs text-muted">
        <dt>Redactions</dt>
        <dd>{count(receipt.redactions)}</dd>
        <dt>SHA-256</dt>
        <dd className="font-mono break-all">{receipt.result_hash}</dd>
        <dt>Receipt</dt>
        <dd className="font-mono break-all">{receipt.id}</dd>
      </dl>
    </>
  );
}

/** Laid out in pieces, those far from the screen later: 50,000 lines open at once, and can still be searched. */
const LINES_A_PIECE = 200;

function Result({ receipt }: { receipt: Receipt }) {
  const [isCopied, setCopied] = useState(false);
  const pieces = useMemo(() => inPieces(receipt.result), [receipt.result]);
  const copy = async () => {
    await navigator.clipboard.writeText(receipt.result);
    setCopied(true);
  };
  return (
    <section aria-label="Result">
      <div className="mb-1 flex items-center justify-between">
        <h4 className="text-xs font-semibold text-muted">Result, {bytes(receipt.result_bytes)}</h4>
        <Button variant="quiet" className="px-2" onClick={() => void copy()}>
          <Copy className="size-3.5" aria-hidden />
          {isCopied ? "Copied" : "Copy"}
        </Button>
      </div>
      <Output label="Whole result" className="">
        {pieces.map((piece, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a receipt never changes
          <code key={index} className="later block">
            {piece}
          </code>
        ))}
      </Output>
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
