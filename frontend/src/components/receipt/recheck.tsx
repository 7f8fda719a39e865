"use client";
import { CircleCheck, CircleDashed, CircleHelp, RefreshCw } from "lucide-react";
import type { ReactNode } from "react";
import { Diff } from "@/components/solution/diff";
import { Button } from "@/components/ui/button";
import { ProblemNote } from "@/components/ui/problem-note";
import { useRechecks } from "@/hooks/use-receipt";
import type { Receipt, Recheck as Rechecked } from "@/lib/api-types";
import { byCaller } from "@/lib/caller-name";
import { fullTime } from "@/lib/format";
import { verdictOf } from "@/lib/recheck-verdict";

type Verdict = Rechecked["verdict"];

const WORDS: Record<Verdict, string> = {
  same: "Still true: the same answer",
  changed: "The answer has changed",
  failed: "Not checked: the call gave no answer",
};
const LOOKS: Record<Verdict, [look: string, icon: ReactNode]> = {
  same: ["text-good", <CircleCheck key="same" className="size-4 shrink-0" aria-hidden />],
  changed: ["text-warn", <CircleDashed key="changed" className="size-4 shrink-0" aria-hidden />],
  failed: ["text-bad", <CircleHelp key="failed" className="size-4 shrink-0" aria-hidden />],
};

interface Props {
  receipt: Receipt;
  mayAct: boolean;
  onReceipt: (id: string) => void;
}

/** "Still true?": makes a reading call again and tells whether its answer is the same; and who asked so before. */
export function Recheck({ receipt, mayAct, onReceipt }: Props) {
  const { earlier, again } = useRechecks(receipt.id);
  const done = again.data;
  const before = earlier.filter((each) => each.id !== done?.receipt.id);
  if (!mayAct && before.length === 0) return null;
  return (
    <section aria-label="Still true?" className="space-y-2 rounded-md border border-line p-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        {mayAct && !receipt.recheck_refusal && (
          <Button isBusy={again.isPending} onClick={() => again.mutate()}>
            {!again.isPending && <RefreshCw className="size-3.5" aria-hidden />}
            Still true?
          </Button>
        )}
        <p className="min-w-0 flex-1 text-xs text-muted">
          {receipt.recheck_refusal || "Makes the same call again, which only reads, and compares the answers."}
        </p>
      </div>
      <ProblemNote error={again.error} />
      <div role="status" className="space-y-2 empty:hidden">
        {done && <Line verdict={done.verdict} call={done.receipt} onReceipt={onReceipt} />}
        {done?.diff && <Diff text={done.diff} className="max-h-80" />}
        {done?.is_diff_cut && <p className="text-xs text-muted">Only the beginning of what has changed is shown.</p>}
      </div>
      {before.map((call) => (
        <Line key={call.id} verdict={verdictOf(receipt, call)} call={call} onReceipt={onReceipt} />
      ))}
    </section>
  );
}

interface LineProps {
  verdict: Verdict;
  call: Rechecked["receipt"];
  onReceipt: (id: string) => void;
}

function Line({ verdict, call, onReceipt }: LineProps) {
  const [look, icon] = LOOKS[verdict];
  return (
    <div className="flex flex-wrap items-center gap-x-2 text-xs">
      <span className={`inline-flex items-center gap-1.5 font-medium ${look}`}>
        {icon}
        {WORDS[verdict]}
      </span>
      <span className="text-muted">
        {fullTime(call.called_at)}, {byCaller(call)}
      </span>
      <Button variant="quiet" className="ml-auto px-2" onClick={() => onReceipt(call.id)}>
        Its receipt
      </Button>
    </div>
  );
}
