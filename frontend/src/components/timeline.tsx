"use client";
import { memo } from "react";
import type { RunState, TimelineItem } from "@/lib/run-state";
import { StepItem } from "./step-item";
import { EffectRow, InputRow, MessageRow, NoticeRow, RestartRow } from "./timeline-rows";

interface Props {
  run: RunState;
  onReceipt: (id: string) => void;
}

/** What happened, in its order. Rows far from the screen are laid out late: long runs stay light. */
export const Timeline = memo(function Timeline({ run, onReceipt }: Props) {
  const latest = run.timeline.findLast((item) => item.type === "step");
  const title = latest ? run.steps[latest.id]?.title : undefined;
  return (
    <>
      <ol data-testid="timeline" data-seq={run.lastSeq} className="space-y-4">
        {run.timeline.map((item) => (
          <li key={`${item.type}-${item.id}`} className="later">
            <Row item={item} run={run} onReceipt={onReceipt} />
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

function Row({ item, run, onReceipt }: { item: TimelineItem } & Props) {
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
  }
}
