"use client";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { describedBy, Field, inputClass } from "@/components/ui/field";
import { ProblemNote } from "@/components/ui/problem-note";
import { useCreateTeam, useRenameTeam } from "@/hooks/use-members";
import type { TeamWithMembers } from "@/lib/api-types";
import { notify } from "@/lib/notices";
import { fieldError } from "@/lib/problem";

/** A new team, with its maker as its admin. */
export function CreateTeam({ onClose }: { onClose: () => void }) {
  const create = useCreateTeam();
  const [key, setKey] = useState("");
  const [name, setName] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate(
      { key, name },
      {
        onSuccess: (team) => {
          notify(`Created ${team.name}. You are its admin.`);
          onClose();
        },
      },
    );
  };
  const keyError = fieldError(create.error, "key");
  const nameError = fieldError(create.error, "name");
  return (
    <Dialog title="Create a team" onClose={onClose}>
      <form onSubmit={submit} className="space-y-4 p-4">
        <Field id="team-name" label="Name" error={nameError}>
          <input
            id="team-name"
            required
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.target.value)}
            aria-invalid={nameError ? true : undefined}
            aria-describedby={describedBy("team-name")}
            className={inputClass}
          />
        </Field>
        <Field
          id="team-key"
          label="Key"
          hint="2 to 10 capital letters and digits. Starts the keys of its issues (SAH makes SAH-12) and never changes."
          error={keyError}
        >
          <input
            id="team-key"
            required
            maxLength={10}
            pattern="[A-Z][A-Z0-9]{1,9}"
            title="2 to 10 capital letters and digits, a letter first"
            spellCheck={false}
            autoComplete="off"
            value={key}
            onChange={(event) => setKey(event.target.value.toUpperCase())}
            aria-invalid={keyError ? true : undefined}
            aria-describedby={describedBy("team-key")}
            className={`${inputClass} max-w-40 font-mono`}
          />
        </Field>
        {!keyError && !nameError && <ProblemNote error={create.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" isBusy={create.isPending}>
            Create the team
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Another name for a team; its key stays. */
export function RenameTeam({ team, onClose }: { team: TeamWithMembers; onClose: () => void }) {
  const rename = useRenameTeam(team.id);
  const [name, setName] = useState(team.name);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    rename.mutate(
      { name, was: team.name },
      {
        onSuccess: (changed) => {
          notify(`The team is called ${changed.name} now.`);
          onClose();
        },
      },
    );
  };
  return (
    <Dialog title={`Rename ${team.name}`} onClose={onClose}>
      <form onSubmit={submit} className="space-y-4 p-4">
        <Field id="new-name" label="Name" hint={`The key ${team.key} stays.`}>
          <input
            id="new-name"
            required
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.target.value)}
            aria-describedby={describedBy("new-name")}
            className={inputClass}
          />
        </Field>
        <ProblemNote error={rename.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" isBusy={rename.isPending}>
            Rename the team
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
