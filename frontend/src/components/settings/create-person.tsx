"use client";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { describedBy, Field, inputClass } from "@/components/ui/field";
import { ProblemNote } from "@/components/ui/problem-note";
import { useCreatePerson } from "@/hooks/use-members";
import type { Me } from "@/lib/api-types";
import type { Role } from "@/lib/decisions";
import { fieldError } from "@/lib/problem";
import { RoleField } from "./role-field";
import { ShownOnce } from "./shown-once";

/** A new account, in the team at once; its one-time password is shown here and never again. */
export function CreatePerson({ team, onClose }: { team: Me["teams"][number]; onClose: () => void }) {
  const create = useCreatePerson(team.id);
  const [person, setPerson] = useState({ username: "", name: "", email: "" });
  const [role, setRole] = useState<Role>("responder");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate({ ...person, role, team: team.id });
  };
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
  const field = (id: keyof typeof person, maxLength: number) => ({
    id: `person-${id}`,
    maxLength,
    value: person[id],
    onChange: (event: { target: { value: string } }) => setPerson({ ...person, [id]: event.target.value }),
    "aria-invalid": fieldError(create.error, id) ? true : undefined,
    "aria-describedby": describedBy(`person-${id}`),
    className: inputClass,
    autoComplete: "off",
  });
  const isAtField = ["username", "name", "email"].some((name) => fieldError(create.error, name));
  return (
    <Dialog title="Create a person" onClose={onClose}>
      <form onSubmit={submit} className="space-y-4 p-4">
        <Field
          id="person-username"
          label="User name"
          hint="What the person signs in with: letters, digits and @ . + - _"
          error={fieldError(create.error, "username")}
        >
          <input {...field("username", 150)} required autoCapitalize="none" spellCheck={false} />
        </Field>
        <Field id="person-name" label="Name" isOptional error={fieldError(create.error, "name")}>
          <input {...field("name", 150)} />
        </Field>
        <Field id="person-email" label="Email" isOptional error={fieldError(create.error, "email")}>
          <input {...field("email", 254)} type="email" />
        </Field>
        <RoleField id="person-role" value={role} onChange={setRole} />
        {!isAtField && <ProblemNote error={create.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" isBusy={create.isPending}>
            Create and add to {team.name}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
