"use client";
import type { FormEvent } from "react";
import { useDraft } from "@/hooks/use-draft";
import { useIssueActions } from "@/hooks/use-issue";
import type { Issue } from "@/lib/api-types";
import { Button } from "./ui/button";
import { Field, inputClass } from "./ui/field";
import { ProblemNote } from "./ui/problem-note";
import { Sheet } from "./ui/sheet";

/** Closing asks how it ended: later investigations of similar issues read that. */
export function CloseIssue({ issue, onClose }: { issue: Issue; onClose: () => void }) {
  const [text, setText] = useDraft(`resolution.${issue.key}`);
  const { change } = useIssueActions(issue.key, () => undefined);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate(
      { status: "closed", resolution: text.trim() },
      {
        onSuccess: () => {
          setText("");
          onClose();
        },
      },
    );
  };
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
            className={`${inputClass} resize-y`}
          />
        </Field>
        <ProblemNote error={change.error} />
        <div className="flex justify-end">
          <Button type="submit" variant="primary" isBusy={change.isPending}>
            Close issue
          </Button>
        </div>
      </form>
    </Sheet>
  );
}
