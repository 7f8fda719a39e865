"use client";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { ProblemNote } from "@/components/ui/problem-note";
import { SelectField } from "@/components/ui/select-field";
import { TextField } from "@/components/ui/text-field";
import { useRepositoryChanges } from "@/hooks/use-repository-settings";
import type { Repository } from "@/lib/api-types";
import { formErrors } from "@/lib/form-errors";
import { notify } from "@/lib/notices";
import { pollChoices } from "@/lib/repository-view";
import { BranchField, TestCommandField } from "./repository-fields";

const FIELDS = ["name", "default_branch", "poll_seconds", "test_command"] as const;

/** What can be changed of it. Its address cannot: another one is another repository. */
export function GeneralTab({ repository, onRemoved }: { repository: Repository; onRemoved: () => void }) {
  const { name, default_branch, poll_seconds, test_command } = repository;
  const [values, setValues] = useState({ name, default_branch, poll_seconds, test_command });
  const { change } = useRepositoryChanges();
  const { at, rest } = formErrors(change.error, FIELDS);
  const edit = (part: Partial<typeof values>) => setValues((known) => ({ ...known, ...part }));
  const isChanged = FIELDS.some((field) => values[field] !== repository[field]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // Only what was changed: another branch, even the same one sent again, is looked at anew.
    const changed = Object.fromEntries(
      FIELDS.filter((field) => values[field] !== repository[field]).map((field) => [field, values[field]]),
    );
    change.mutate({ id: repository.id, ...changed }, { onSuccess: () => notify(`${values.name} was changed.`) });
  };
  return (
    <div className="space-y-6">
      <form onSubmit={submit} className="space-y-4">
        <TextField
          id="name"
          label="Name"
          hint="What reports call it by."
          isCode
          required
          maxLength={200}
          value={values.name}
          onChange={(name) => edit({ name })}
          error={at("name")}
        />
        <BranchField
          value={values.default_branch}
          onChange={(default_branch) => edit({ default_branch })}
          error={at("default_branch")}
        />
        <PollField
          value={values.poll_seconds}
          known={poll_seconds}
          onChange={(poll_seconds) => edit({ poll_seconds })}
          error={at("poll_seconds")}
        />
        <TestCommandField
          value={values.test_command}
          onChange={(test_command) => edit({ test_command })}
          error={at("test_command")}
        />
        <ProblemNote error={rest} />
        <div className="flex justify-end">
          <Button type="submit" variant="primary" disabled={!isChanged} isBusy={change.isPending}>
            Save changes
          </Button>
        </div>
      </form>
      <RemoveRepository repository={repository} onRemoved={onRemoved} />
    </div>
  );
}

interface PollProps {
  value: number;
  /** What is set now: offered also where it is none of the usual ones. */
  known: number;
  onChange: (seconds: number) => void;
  error: string | undefined;
}

function PollField({ value, known, onChange, error }: PollProps) {
  return (
    <SelectField
      id="poll_seconds"
      label="Ask the remote for news"
      hint="A repository that no run has read for two weeks is asked once a day."
      choices={pollChoices(known).map(({ seconds, label }) => ({ value: String(seconds), label }))}
      value={String(value)}
      onChange={(seconds) => onChange(Number(seconds))}
      error={error}
    />
  );
}

function RemoveRepository({ repository, onRemoved }: { repository: Repository; onRemoved: () => void }) {
  const [isAsking, setAsking] = useState(false);
  const { remove } = useRepositoryChanges();
  const confirm = () =>
    remove.mutate(repository.id, {
      onSuccess: () => {
        notify(`${repository.name} was removed.`);
        onRemoved();
      },
    });
  return (
    <section
      aria-label="Remove"
      className="flex flex-wrap items-center justify-between gap-3 rounded-lg border border-bad/40 p-3"
    >
      <p className="max-w-sm text-[0.8125rem] text-muted">
        Its clone and index are deleted on every host. Issues keep what was found.
      </p>
      <Button variant="danger" onClick={() => setAsking(true)}>
        Remove repository
      </Button>
      {isAsking && (
        <ConfirmDialog
          title={`Remove ${repository.name}`}
          confirmLabel="Remove repository"
          phrase={repository.name}
          isBusy={remove.isPending}
          error={remove.error}
          onConfirm={confirm}
          onClose={() => setAsking(false)}
        >
          Runs can no longer read it, and its credential and webhook are forgotten. Issues that were investigated with it stay as
          they are. This cannot be undone; it can be added again and is then cloned from the beginning.
        </ConfirmDialog>
      )}
    </section>
  );
}
