"use client";
import { ChevronDown, UserPlus } from "lucide-react";
import { type FormEvent, lazy, Suspense, useState } from "react";
import { Button, buttonClass } from "@/components/ui/button";
import { type Column, DataTable } from "@/components/ui/data-table";
import { describedBy, Field, inputClass } from "@/components/ui/field";
import { Menu, MenuItem } from "@/components/ui/menu";
import { ProblemNote } from "@/components/ui/problem-note";
import { SkeletonRows } from "@/components/ui/skeleton";
import { ErrorState } from "@/components/ui/states";
import { useAddMember, useChangeMember, useMembers } from "@/hooks/use-members";
import type { Member } from "@/lib/api-types";
import type { Role } from "@/lib/decisions";
import { notify } from "@/lib/notices";
import { ROLE_NAMES, ROLE_RIGHTS, ROLES } from "@/lib/roles";
import { RoleField } from "./role-field";
import { useTeamSettings } from "./settings-frame";

// What most visits never open.
const ConfirmDialog = lazy(() => import("@/components/ui/confirm-dialog").then((module) => ({ default: module.ConfirmDialog })));
const CreatePerson = lazy(() => import("./create-person").then((module) => ({ default: module.CreatePerson })));
const RemoveMember = lazy(() => import("./remove-member").then((module) => ({ default: module.RemoveMember })));

/** Who is in the team; its admins add, remove, and change roles. */
export function Members() {
  const { team } = useTeamSettings();
  // What was typed, and what was refused, belongs to one team.
  return <MembersOf key={team.id} />;
}

function MembersOf() {
  const { me, team } = useTeamSettings();
  const members = useMembers(team.id);
  const [isCreating, setCreating] = useState(false);
  if (members.isPending) return <SkeletonRows label="Loading members" rows={4} />;
  if (members.error) return <ErrorState error={members.error} onRetry={() => void members.refetch()} />;
  const isAdmin = team.role === "admin";
  return (
    <div className="space-y-5">
      {isAdmin && (
        <section aria-label="Add to the team" className="rounded-lg border border-line bg-surface p-4">
          <AddMember teamId={team.id} />
          {members.data.may_create_people && (
            <p className="mt-3 flex flex-wrap items-center gap-x-2 border-t border-line pt-3 text-[0.8125rem] text-muted">
              Somebody who has no account here yet?
              <Button onClick={() => setCreating(true)}>
                <UserPlus className="size-4" aria-hidden />
                Create a person
              </Button>
            </p>
          )}
        </section>
      )}
      <MemberTable members={members.data.results} teamId={team.id} isAdmin={isAdmin} myName={me.user?.username ?? ""} />
      {!isAdmin && <p className="text-[0.8125rem] text-muted">Admins of the team can add people and change roles.</p>}
      <Suspense>{isCreating && <CreatePerson team={team} onClose={() => setCreating(false)} />}</Suspense>
    </div>
  );
}

function AddMember({ teamId }: { teamId: number }) {
  const add = useAddMember(teamId);
  const [username, setUsername] = useState("");
  const [role, setRole] = useState<Role>("responder");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate(
      { username: username.trim(), role },
      {
        onSuccess: (member) => {
          notify(`${member.name || member.username} is in the team as ${member.role}.`);
          setUsername("");
        },
      },
    );
  };
  return (
    <form onSubmit={submit}>
      <div className="grid items-start gap-3 sm:grid-cols-[minmax(0,1fr)_12rem_auto]">
        <Field id="username" label="User name" hint="Whole, as the person signs in.">
          <input
            id="username"
            required
            maxLength={150}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            value={username}
            onChange={(event) => setUsername(event.target.value)}
            aria-describedby={describedBy("username")}
            className={inputClass}
          />
        </Field>
        <RoleField id="role" value={role} onChange={setRole} />
        <Button type="submit" variant="primary" isBusy={add.isPending} className="sm:mt-6.5">
          Add
        </Button>
      </div>
      {add.error && (
        <div className="mt-3">
          <ProblemNote error={add.error} />
        </div>
      )}
    </form>
  );
}

interface TableProps {
  members: readonly Member[];
  teamId: number;
  isAdmin: boolean;
  myName: string;
}

function MemberTable({ members, teamId, isAdmin, myName }: TableProps) {
  const [removed, setRemoved] = useState<Member | null>(null);
  const [stepsDown, setStepsDown] = useState<{ member: Member; role: Role } | null>(null);
  const change = useChangeMember(teamId);
  const give = (member: Member, role: Role) =>
    change.mutate(
      { id: member.id, change: { role, was: member.role } },
      { onSuccess: () => notify(`${member.name || member.username} is ${role} now.`), onSettled: () => setStepsDown(null) },
    );
  const columns: Column<Member>[] = [
    { id: "person", header: "Person", cell: (member) => <Person member={member} isMe={member.username === myName} /> },
    {
      id: "role",
      header: "Role",
      cell: (member) =>
        isAdmin ? (
          <RoleMenu
            member={member}
            onChoose={(role) =>
              member.username === myName && role !== "admin" ? setStepsDown({ member, role }) : give(member, role)
            }
          />
        ) : (
          ROLE_NAMES[member.role]
        ),
    },
  ];
  if (isAdmin) columns.push(removeColumn(setRemoved));
  return (
    <div className="space-y-3">
      {!stepsDown && <ProblemNote error={change.error} />}
      <DataTable label="Members" columns={columns} rows={members} rowKey={({ id }) => id} />
      <Suspense>
        {removed && (
          <RemoveMember member={removed} teamId={teamId} isMe={removed.username === myName} onClose={() => setRemoved(null)} />
        )}
        {stepsDown && (
          <ConfirmDialog
            title="Give up your own role"
            confirmLabel={`Become ${stepsDown.role}`}
            isBusy={change.isPending}
            onConfirm={() => give(stepsDown.member, stepsDown.role)}
            onClose={() => setStepsDown(null)}
          >
            You will not be able to manage this team any more. Only another admin can make you admin again.
          </ConfirmDialog>
        )}
      </Suspense>
    </div>
  );
}

const removeColumn = (onRemove: (member: Member) => void): Column<Member> => ({
  id: "actions",
  header: "Actions",
  isHeaderHidden: true,
  isNumber: true,
  cell: (member) => (
    <Button variant="quiet" aria-label={`Remove ${member.username}`} onClick={() => onRemove(member)}>
      Remove
    </Button>
  ),
});

function Person({ member, isMe }: { member: Member; isMe: boolean }) {
  return (
    <span className="flex flex-wrap items-baseline gap-x-2">
      <span>{member.name || member.username}</span>
      {member.name && <span className="font-normal text-muted">{member.username}</span>}
      {isMe && <span className="text-xs font-normal text-muted">you</span>}
      {!member.is_active && <span className="text-xs font-normal text-warn">account switched off</span>}
    </span>
  );
}

function RoleMenu({ member, onChoose }: { member: Member; onChoose: (role: Role) => void }) {
  const label = `Role of ${member.username}: ${ROLE_NAMES[member.role]}`;
  const trigger = (
    <>
      {ROLE_NAMES[member.role]}
      <ChevronDown className="size-3.5 text-muted" aria-hidden />
    </>
  );
  return (
    <Menu label={label} align="start" trigger={trigger} triggerClass={buttonClass("quiet", "-ml-3 text-ink")}>
      {ROLES.map((role) => (
        <MenuItem key={role} isChosen={role === member.role} onSelect={() => role !== member.role && onChoose(role)}>
          <span className="py-1">
            <span className="block font-medium">{ROLE_NAMES[role]}</span>
            <span className="block text-xs text-muted">{ROLE_RIGHTS[role]}</span>
          </span>
        </MenuItem>
      ))}
    </Menu>
  );
}
