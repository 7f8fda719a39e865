"use client";
import { useState } from "react";
import { FormDialog } from "@/components/ui/form-dialog";
import { TextField } from "@/components/ui/text-field";
import { useCreateTeam, useRenameTeam } from "@/hooks/use-members";
import type { TeamWithMembers } from "@/lib/api-types";
import { formErrors } from "@/lib/form-errors";
import { notify } from "@/lib/notices";

/** A new team, with its maker as its admin. */
export function CreateTeam({ onClose }: { onClose: () => void }) {
  const create = useCreateTeam();
  const [key, setKey] = useState("");
  const [name, setName] = useState("");
  const { at, rest } = formErrors(create.error, ["key", "name"]);
  const onSuccess = (team: TeamWithMembers) => {
    notify(`Created ${team.name}. You are its admin.`);
    onClose();
  };
  return (
    <FormDialog
      title="Create a team"
      submitLabel="Create the team"
      isBusy={create.isPending}
      error={rest}
      onSubmit={() => create.mutate({ key, name }, { onSuccess })}
      onClose={onClose}
    >
      <TextField id="team-name" label="Name" required maxLength={100} value={name} onChange={setName} error={at("name")} />
      <TextField
        id="team-key"
        label="Key"
        hint="2 to 10 capital letters and digits. Starts the keys of its issues (SAH makes SAH-12) and never changes."
        isCode
        required
        maxLength={10}
        pattern="[A-Z][A-Z0-9]{1,9}"
        title="2 to 10 capital letters and digits, a letter first"
        value={key}
        onChange={(typed) => setKey(typed.toUpperCase())}
        error={at("key")}
        className="max-w-40"
      />
    </FormDialog>
  );
}

/** Another name for a team; its key stays. */
export function RenameTeam({ team, onClose }: { team: TeamWithMembers; onClose: () => void }) {
  const rename = useRenameTeam(team.id);
  const [name, setName] = useState(team.name);
  const { at, rest } = formErrors(rename.error, ["name"]);
  const onSuccess = (changed: TeamWithMembers) => {
    notify(`The team is called ${changed.name} now.`);
    onClose();
  };
  return (
    <FormDialog
      title={`Rename ${team.name}`}
      submitLabel="Rename the team"
      isBusy={rename.isPending}
      error={rest}
      onSubmit={() => rename.mutate({ name, was: team.name }, { onSuccess })}
      onClose={onClose}
    >
      <TextField
        id="new-name"
        label="Name"
        hint={`The key ${team.key} stays.`}
        required
        maxLength={100}
        value={name}
        onChange={setName}
        error={at("name")}
      />
    </FormDialog>
  );
}
