"use client";
import { useState } from "react";
import { FormDialog } from "@/components/ui/form-dialog";
import { useBulkClose } from "@/hooks/use-bulk-close";
import { useDraft } from "@/hooks/use-draft";
import type { CloseResult } from "@/lib/api-types";
import { notify } from "@/lib/notices";
import { EMPTY_OUTCOME, type Outcome, outcomeBody } from "@/lib/outcome";
import { OutcomeFields, ResolutionField } from "./outcome-fields";

interface Props {
  /** Those that are still selected: what was closed leaves the selection. */
  keys: readonly string[];
  onClosed: (keys: string[]) => void;
  onClose: () => void;
}

/** Closes all selected issues with one resolution. What could not be closed stays selected, with the reason beside it. */
export function BulkClose({ keys, onClosed, onClose }: Props) {
  const [text, setText] = useDraft("resolution.selected");
  const [outcome, setOutcome] = useState<Outcome>(EMPTY_OUTCOME);
  const { close, failed } = useBulkClose(onClosed);
  const submit = () => {
    const count = keys.length;
    const body = { keys: [...keys], resolution: text.trim(), outcome: outcomeBody(outcome) };
    const onSuccess = ({ refused }: { refused: number }) => {
      if (refused > 0) return;
      notify(`${issues(count)} closed.`);
      setText("");
      onClose();
    };
    close.mutate(body, { onSuccess });
  };
  return (
    <FormDialog
      title={`Close ${issues(keys.length)}`}
      submitLabel={failed.length > 0 || close.isError ? "Try again" : `Close ${issues(keys.length)}`}
      isBusy={close.isPending}
      error={close.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <p className="text-[0.8125rem] break-words text-muted">{keys.join(", ")}</p>
      <Failures failed={failed} />
      <ResolutionField
        label="How were they resolved?"
        hint="The same for all of them: which change mended it, or why nothing was to be done."
        value={text}
        onChange={setText}
      />
      <OutcomeFields outcome={outcome} problem="" onChange={setOutcome} />
    </FormDialog>
  );
}

const issues = (count: number): string => (count === 1 ? "1 issue" : `${count} issues`);

/** Per issue, in the server's own words. */
function Failures({ failed }: { failed: readonly CloseResult[] }) {
  if (failed.length === 0) return null;
  return (
    <div role="alert" className="rounded-md border border-bad/40 bg-bad-soft px-3 py-2 text-[0.8125rem] text-bad">
      <p className="font-medium">{failed.length === 1 ? "One could not be closed:" : `${failed.length} could not be closed:`}</p>
      <ul className="mt-1 space-y-1">
        {failed.map(({ key, problem }) => (
          <li key={key}>
            <span className="font-mono">{key}</span> {problem?.detail} {problem?.next_step}
          </li>
        ))}
      </ul>
    </div>
  );
}
