"use client";
import { Arguments } from "@/components/run/arguments";
import { ProblemNote } from "@/components/ui/problem-note";
import { Sheet } from "@/components/ui/sheet";
import { useReceipt } from "@/hooks/use-receipt";
import type { Receipt } from "@/lib/api-types";
import { byCaller, callerName } from "@/lib/caller-name";
import { bytes, count, duration, fullTime, TOOL_STATE_NAMES } from "@/lib/format";
import { ReceiptResult } from "./receipt-result";
import { Recheck } from "./recheck";

interface Props {
  id: string;
  /** Whether the person may have the call made again. */
  mayAct: boolean;
  /** Shows another receipt in place of this one. */
  onReceipt: (id: string) => void;
  /** The line of code that the evidence is about. */
  markedLine?: number | null;
}

/** The gateway's own record of a tool call, with its result. */
export default function ReceiptPanel({ id, ...rest }: Props & { onClose: () => void }) {
  return (
    <Sheet title="Receipt" placement="reading" onClose={rest.onClose}>
      <div className="p-4">
        <ReceiptBody id={id} mayAct={rest.mayAct} onReceipt={rest.onReceipt} />
      </div>
    </Sheet>
  );
}

/** The record itself, also as a part of the sheet of the evidence that rests on it. */
export function ReceiptBody({ id, mayAct, onReceipt, markedLine = null }: Props) {
  const query = useReceipt(id);
  const { shown } = query;
  return (
    <div className="space-y-4">
      {query.isPending && <p className="text-muted">{query.failureCount ? "Not there yet; asking again…" : "Loading…"}</p>}
      <ProblemNote error={query.error} onRetry={() => void (shown ? query.fetchNextPage() : query.refetch())} />
      {shown && (
        <>
          <Heading receipt={shown.receipt} />
          <Recheck key={id} receipt={shown.receipt} mayAct={mayAct} onReceipt={onReceipt} />
          <section aria-label="Arguments">
            <h4 className="mb-1 text-xs font-semibold text-muted">Arguments</h4>
            <Arguments values={shown.receipt.arguments} />
          </section>
          <ReceiptResult
            key={`result ${id}`}
            shown={shown}
            markedLine={markedLine}
            isLoading={query.isFetchingNextPage}
            onMore={() => void query.fetchNextPage()}
          />
          <Facts receipt={shown.receipt} onReceipt={onReceipt} />
        </>
      )}
    </div>
  );
}

function Heading({ receipt }: { receipt: Receipt }) {
  return (
    <div>
      <h3 className="font-mono font-semibold break-all">{receipt.tool}</h3>
      <p className="mt-0.5 text-xs text-muted">
        {TOOL_STATE_NAMES[receipt.status]} · {duration(receipt.duration_ms)}
        {receipt.is_cached && " · from the cache"} · {fullTime(receipt.called_at)} · {byCaller(receipt)}
      </p>
    </div>
  );
}

function Facts({ receipt, onReceipt }: { receipt: Receipt; onReceipt: (id: string) => void }) {
  const { repeats } = receipt;
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 gap-y-0.5 text-xs text-muted">
      <dt>Called by</dt>
      <dd className="break-words">{callerName(receipt)}</dd>
      {receipt.repository && (
        <>
          <dt>Repository</dt>
          <dd className="break-words">{receipt.repository}</dd>
        </>
      )}
      <dt>Only reads</dt>
      <dd>{receipt.is_read === null ? "not known" : receipt.is_read ? "yes" : "no"}</dd>
      <dt>Cached</dt>
      <dd>{receipt.is_cached ? "yes" : "no"}</dd>
      <dt>Size</dt>
      <dd>
        {bytes(receipt.result_bytes)}, {count(receipt.total_chars)} characters kept
      </dd>
      <dt>Secrets taken out</dt>
      <dd>{count(receipt.redactions)}</dd>
      <dt>Trace</dt>
      <dd className="font-mono break-all">{receipt.trace_id || "none"}</dd>
      <dt>SHA-256</dt>
      <dd className="font-mono break-all">{receipt.result_hash}</dd>
      <dt>Receipt</dt>
      <dd className="font-mono break-all">{receipt.id}</dd>
      {repeats && (
        <>
          <dt>Repeats</dt>
          <dd className="font-mono break-all">
            <button type="button" className="underline" onClick={() => onReceipt(repeats)}>
              {repeats}
            </button>
          </dd>
        </>
      )}
    </dl>
  );
}
