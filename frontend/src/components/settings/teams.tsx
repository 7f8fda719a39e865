"use client";
import { Plus } from "lucide-react";
import Link from "next/link";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { type Column, DataTable } from "@/components/ui/data-table";
import { Dialog } from "@/components/ui/dialog";
import { describedBy, Field, inputClass } from "@/components/ui/field";
import { ProblemNote } from "@/components/ui/problem-note";
import { SkeletonRows } from "@/components/ui/skeleton";
import { EmptyState, ErrorState } from "@/components/ui/states";
import { useCreateTeam, useRenameTeam, useTeams } from "@/hooks/use-members";
import type { TeamWithMembers } from "@/lib/api-types";
import { count } from "@/lib/format";
import { notify } from "@/lib/notices";
import { fieldError, problemOf } from "@/lib/problem";
import { ROLE_NAMES } from "@/lib/roles";

/** The teams one is in; staff make further ones, admins give theirs another name. */
export function Teams() {
  const teams = useTeams();
  const [isCreating, setCreating] = useState(false);
  const [renamed, setRenamed] = useState<TeamWithMembers | null>(null);
  if (teams.isPending) return <SkeletonRows label="Loading teams" rows={2} />;
  if (teams.error) return <ErrorState error={teams.error} onRetry={() => void teams.refetch()} />;
  const { results, may_create } = teams.data;
  const create = may_create && (
    <Button variant="primary" onClick={() => setCreating(true)}>
      <Plus className="size-4" aria-hidden />
      Create a team
    </Button>
  );
  return (
    <>
      {results.length === 0 ? (
        <EmptyState title="You are in no team" action={create}>
          Issues and repositories belong to teams. An admin of a team can add you by your user name.
        </EmptyState>
      ) : (
        <>
          <DataTable label="Teams" columns={columnsOf(setRenamed)} rows={results} rowKey={({ id }) => id} />
          {create && <div className="mt-4 flex justify-end">{create}</div>}
        </>
      )}
      {isCreating && <CreateTeam onClose={() => setCreating(false)} />}
      {renamed && <RenameTeam team={renamed} onClose={() => setRenamed(null)} />}
    </>
  );
}

function columnsOf(onRename: (team: TeamWithMembers) => void): Column<TeamWithMembers>[] {
  return [
    {
      id: "name",
      header: "Team",
      cell: ({ key, name }) => (
        <Link href={`/settings/members/?team=${key}`} prefetch={false} className="text-accent hover:underline">
          {name}
        </Link>
      ),
    },
    { id: "key", header: "Key", cell: ({ key }) => <span className="font-mono text-xs">{key}</span> },
    { id: "role", header: "Your role", cell: ({ role }) => ROLE_NAMES[role] },
    { id: "members", header: "Members", isNumber: true, cell: ({ members }) => count(members) },
    {
      id: "actions",
      header: "Actions",
      isHeaderHidden: true,
      isNumber: true,
      cell: (team) =>
        team.role === "admin" && (
          <Button variant="quiet" aria-label={`Rename ${team.name}`} onClick={() => onRename(team)}>
            Rename
          </Button>
        ),
    },
  ];
}

function CreateTeam({ onClose }: { onClose: () => void }) {
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

function RenameTeam({ team, onClose }: { team: TeamWithMembers; onClose: () => void }) {
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
        {problemOf(rename.error) && <ProblemNote error={rename.error} />}
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
