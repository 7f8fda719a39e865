"use client";
import { useState } from "react";
import { Dialog } from "@/components/ui/dialog";
import { FormDialog } from "@/components/ui/form-dialog";
import { TextField } from "@/components/ui/text-field";
import { useCreatePerson } from "@/hooks/use-members";
import type { Me } from "@/lib/api-types";
import type { Role } from "@/lib/decisions";
import { formErrors } from "@/lib/form-errors";
import { RoleField } from "./role-field";
import { ShownOnce } from "./shown-once";

/** A new account, in the team at once; its one-time password is shown here and never again. */
export function CreatePerson({ team, onClose }: { team: Me["teams"][number]; onClose: () => void }) {
  const create = useCreatePerson(team.id);
  const [person, setPerson] = useState({ username: "", name: "", email: "" });
  const [role, setRole] = useState<Role>("responder");
  if (create.data) {
    const { username, one_time_password } = create.data;
    return (
      <Dialog title={`Created ${username}`} onClose={onClose}>
        <ShownOnce label={`One-time password of ${username}`} secret={one_time_password} onDone={onClose}>
          Hand it over in private. At the first sign-in it is replaced by a password that only {username} knows.
        </ShownOnce>
      </Dialog>
    );
  }
  const { at, rest } = formErrors(create.error, ["username", "name", "email"]);
  const field = (name: keyof typeof person) => ({
    id: `person-${name}`,
    autoComplete: "off",
    value: person[name],
    onChange: (value: string) => setPerson({ ...person, [name]: value }),
    error: at(name),
  });
  return (
    <FormDialog
      title="Create a person"
      submitLabel={`Create and add to ${team.name}`}
      isBusy={create.isPending}
      error={rest}
      onSubmit={() => create.mutate({ ...person, role, team: team.id })}
      onClose={onClose}
    >
      <TextField
        {...field("username")}
        label="User name"
        hint="What the person signs in with: letters, digits and @ . + - _"
        required
        maxLength={150}
        autoCapitalize="none"
        spellCheck={false}
      />
      <TextField {...field("name")} label="Name" isOptional maxLength={150} />
      <TextField {...field("email")} label="Email" isOptional type="email" maxLength={254} />
      <RoleField id="person-role" value={role} onChange={setRole} />
    </FormDialog>
  );
}
