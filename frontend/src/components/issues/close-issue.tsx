"use client";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { Field, inputClass } from "@/components/ui/field";
import { ProblemNote } from "@/components/ui/problem-note";
import { Sheet } from "@/components/ui/sheet";
import { useDraft } from "@/hooks/use-draft";
import { useIssueActions } from "@/hooks/use-issue";
import type { Issue } from "@/lib/api-types";
import { EMPTY_OUTCOME, type Outcome, outcomeBody } from "@/lib/outcome";
import { problemOf } from "@/lib/problem";
import { OutcomeFields } from "./outcome-fields";

/** Closing asks how it ended: later investigations of similar issues read that, and evaluations hold answers against it. */
export function CloseIssue({ issue, onClose }: { issue: Issue; onClose: () => void }) {
  const [text, setText] = useDraft(`resolution.${issue.key}`);
  const [outcome, setOutcome] = useState<Outcome>(EMPTY_OUTCOME);
  const { change } = useIssueActions(issue.key, () => undefined);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate(
      { status: "closed", resolution: text.trim(), outcome: outcomeBody(outcome) },
      {
        onSuccess: () => {
          setText("");
          onClose();
        },
      },
    );
  };
  const problem = problemOf(change.error);
  const isAtCommit = problem?.field.includes("commit");
  return (
    <Sheet title={`Close ${issue.key}`} placement="center" onClose={onClose}>
      <form onSubmit={submit} className="space-y-4 p-4">
        <Field
          id="resolution"
          label="How was it resolved?"
          isOptional
          hint="Which change mended it, or why nothing was to be done."
        >
          <textarea
            id="resolution"
            rows={4}
            maxLength={20_000}
            value={text}
            onChange={(event) => setText(event.target.value)}
            aria-describedby="resolution-note"
            className={`${inputClass} resize-y`}
          />
        </Field>
        <OutcomeFields outcome={outcome} problem={isAtCommit ? (problem?.detail ?? "") : ""} onChange={setOutcome} />
        {!isAtCommit && <ProblemNote error={change.error} />}
        <div className="flex justify-end">
          <Button type="submit" variant="primary" isBusy={change.isPending}>
            Close issue
          </Button>
        </div>
      </form>
    </Sheet>
  );
}
