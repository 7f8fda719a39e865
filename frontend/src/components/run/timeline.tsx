"use client";
import { memo, useMemo } from "react";
import type { RunState, TimelineItem } from "@/lib/run-state";
import { HypothesisRow } from "./hypothesis-row";
import { StepItem } from "./step-item";
import { BudgetRow, EffectRow, ForkRow, InputRow, MessageRow, NoticeRow, RestartRow } from "./timeline-rows";

interface Props {
  issueKey: string;
  run: RunState;
  onReceipt: (id: string) => void;
}

/** What happened, in its order. Rows far from the screen are laid out late: long runs stay light. */
export const Timeline = memo(function Timeline({ issueKey, run, onReceipt }: Props) {
  const known = useMemo(() => new Set(run.evidence.map(({ number }) => number)), [run.evidence]);
  const latest = run.timeline.findLast((item) => item.type === "step");
  const title = latest ? run.steps[latest.id]?.title : undefined;
  return (
    <>
      <ol data-testid="timeline" data-seq={run.lastSeq} className="space-y-4">
        {run.timeline.map((item) => (
          <li key={`${item.type}-${item.id}`} className="later">
            <Row item={item} run={run} known={known} issueKey={issueKey} onReceipt={onReceipt} />
          </li>
        ))}
      </ol>
      {/* Said once a step, not with every word that streams in. */}
      <p className="sr-only" role="status">
        {title ?? ""}
      </p>
    </>
  );
});

interface RowProps extends Props {
  item: TimelineItem;
  /** Numbers of the evidence that was found. */
  known: ReadonlySet<number>;
}

function Row({ item, run, known, issueKey, onReceipt }: RowProps) {
  switch (item.type) {
    case "step": {
      const step = run.steps[item.id];
      return step ? <StepItem step={step} onReceipt={onReceipt} /> : null;
    }
    case "message": {
      const message = run.messages[item.id];
      return message ? <MessageRow message={message} /> : null;
    }
    case "input": {
      const input = run.inputs[item.id];
      return input ? <InputRow input={input} /> : null;
    }
    case "notice":
      return <NoticeRow notice={item} />;
    case "restart":
      return <RestartRow at={item.at} stage={item.stage} />;
    case "effect":
      return <EffectRow effect={item} />;
    case "hypothesis":
      return <HypothesisRow row={item} known={known} />;
    case "budget":
      return <BudgetRow row={item} />;
    case "fork":
      return <ForkRow row={item} issueKey={issueKey} />;
  }
}
