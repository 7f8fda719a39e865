"use client";
import { useState } from "react";
import { FormDialog } from "@/components/ui/form-dialog";
import { useDraft } from "@/hooks/use-draft";
import { useIssueActions } from "@/hooks/use-issue";
import type { Issue } from "@/lib/api-types";
import { formErrors } from "@/lib/form-errors";
import { EMPTY_OUTCOME, type Outcome, outcomeBody } from "@/lib/outcome";
import { OutcomeFields, ResolutionField } from "./outcome-fields";

/** Closing asks how it ended: later investigations of similar issues read that, and evaluations hold answers against it. */
export function CloseIssue({ issue, onClose }: { issue: Issue; onClose: () => void }) {
  const [text, setText] = useDraft(`resolution.${issue.key}`);
  const [outcome, setOutcome] = useState<Outcome>(EMPTY_OUTCOME);
  const { change } = useIssueActions(issue.key, () => undefined);
  const { at, rest } = formErrors(change.error, ["commit"]);
  const onSuccess = () => {
    setText("");
    onClose();
  };
  const body = { status: "closed", resolution: text.trim(), outcome: outcomeBody(outcome) } as const;
  return (
    <FormDialog
      title={`Close ${issue.key}`}
      submitLabel="Close issue"
      isBusy={change.isPending}
      error={rest}
      onSubmit={() => change.mutate(body, { onSuccess })}
      onClose={onClose}
    >
      <ResolutionField
        label="How was it resolved?"
        hint="Which change mended it, or why nothing was to be done."
        value={text}
        onChange={setText}
      />
      <OutcomeFields outcome={outcome} problem={at("commit") ?? ""} onChange={setOutcome} />
    </FormDialog>
  );
}
