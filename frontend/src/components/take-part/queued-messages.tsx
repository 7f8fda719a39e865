"use client";
import { useMutation } from "@tanstack/react-query";
import { Zap } from "lucide-react";
import { Button } from "@/components/ui/button";
import { ProblemNote } from "@/components/ui/problem-note";
import { api } from "@/lib/api";
import type { RunMessage, RunState } from "@/lib/run-state";

interface Props {
  runId: string;
  run: RunState;
  mayAct: boolean;
}

/** What was said and the model does not have yet. Whoever cannot wait has it used now, also what somebody else said. */
export function QueuedMessages({ runId, run, mayAct }: Props) {
  const queued = Object.values(run.messages).filter(({ state }) => state === "queued");
  if (queued.length === 0) return null;
  return (
    <section aria-label="Waiting for the model" className="rounded-lg border border-line bg-surface text-[0.8125rem]">
      <ul className="max-h-40 divide-y divide-line overflow-y-auto">
        {queued.map((message) => (
          <QueuedRow key={message.id} runId={runId} message={message} mayAct={mayAct} />
        ))}
      </ul>
    </section>
  );
}

function QueuedRow({ runId, message, mayAct }: { runId: string; message: RunMessage; mayAct: boolean }) {
  const hurry = useMutation({ mutationFn: () => api.makeMessageUrgent(runId, message.id) });
  return (
    <li className="px-3 py-1.5">
      <div className="flex items-center gap-3">
        <p className="min-w-0 flex-1 truncate" title={message.text}>
          <span className="font-medium">{message.author}:</span> {message.text}
        </p>
        {message.isUrgent ? (
          <span className="inline-flex items-center gap-1 text-xs text-warn">
            <Zap className="size-3" aria-hidden />
            Used now: the model is interrupted
          </span>
        ) : (
          <>
            <span className="hidden text-xs text-muted sm:inline">Queued for the next model call</span>
            {mayAct && (
              <Button
                variant="quiet"
                className="px-2"
                isBusy={hurry.isPending || hurry.isSuccess}
                onClick={() => hurry.mutate()}
                aria-label={`Use now: ${message.text.slice(0, 60)}`}
                title="Interrupts what the model is saying and asks it anew with this message"
              >
                <Zap className="size-3.5" aria-hidden />
                Use now
              </Button>
            )}
          </>
        )}
      </div>
      <ProblemNote error={hurry.error} />
    </li>
  );
}
