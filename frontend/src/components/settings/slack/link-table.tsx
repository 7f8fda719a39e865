"use client";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { type Column, DataTable } from "@/components/ui/data-table";
import { RelativeTime } from "@/components/ui/relative-time";
import { useUnlink } from "@/hooks/use-slack";
import type { SlackPerson } from "@/lib/api/slack";
import { notify } from "@/lib/notices";

interface Props {
  label: string;
  people: readonly SlackPerson[];
  /** Whose accounts they are; where all are one's own, that says nothing. */
  showsAccount?: boolean;
}

/** People of Slack with their links, and the way to take one away. */
export function LinkTable({ label, people, showsAccount = false }: Props) {
  const [unlinked, setUnlinked] = useState<SlackPerson | null>(null);
  const columns = [...BASE, ...(showsAccount ? [ACCOUNT] : [LINKED]), actionColumn(setUnlinked)];
  return (
    <>
      <DataTable label={label} columns={columns} rows={people} rowKey={({ id }) => id} />
      {unlinked && <Unlink person={unlinked} onClose={() => setUnlinked(null)} />}
    </>
  );
}

const personName = ({ name, user }: Pick<SlackPerson, "name" | "user">): string => name || user;

const BASE: readonly Column<SlackPerson>[] = [
  {
    id: "person",
    header: "In Slack",
    cell: (person) => (
      <span className="block break-words">
        {personName(person)}
        <span className="block text-xs font-normal text-muted">
          {person.name && <span className="font-mono">{person.user} </span>}
          in {person.workspace_name || person.workspace}
        </span>
      </span>
    ),
  },
];

const LINKED: Column<SlackPerson> = { id: "linked", header: "Linked", cell: (person) => <How person={person} /> };

const ACCOUNT: Column<SlackPerson> = {
  id: "account",
  header: "Account here",
  cell: (person) =>
    person.account ? (
      <span className="block break-words">
        {person.account_name || person.account}
        {person.account_name && <span className="text-muted"> {person.account}</span>}
        <span className="block text-xs text-muted">
          <How person={person} />
        </span>
      </span>
    ) : (
      <span className="text-muted">
        none: a guest
        {person.linked_by && person.linked_by !== "email" && (
          <span className="block text-xs break-words">link taken away by {person.linked_by}</span>
        )}
      </span>
    ),
};

function How({ person: { linked_by, linked_at } }: { person: SlackPerson }) {
  return (
    <>
      {linked_by === "email" ? "by e-mail" : `by ${linked_by}`}
      {linked_at && (
        <>
          , <RelativeTime at={linked_at} />
        </>
      )}
    </>
  );
}

const actionColumn = (onUnlink: (person: SlackPerson) => void): Column<SlackPerson> => ({
  id: "actions",
  header: "Actions",
  isHeaderHidden: true,
  isNumber: true,
  cell: (person) =>
    person.account && (
      <Button variant="quiet" aria-label={`Unlink ${personName(person)}`} onClick={() => onUnlink(person)}>
        Unlink
      </Button>
    ),
});

function Unlink({ person, onClose }: { person: SlackPerson; onClose: () => void }) {
  const unlink = useUnlink();
  const done = () => {
    notify(`${personName(person)} is no longer linked.`);
    onClose();
  };
  return (
    <ConfirmDialog
      title={`Unlink ${personName(person)}`}
      confirmLabel="Take the link away"
      isBusy={unlink.isPending}
      error={unlink.error}
      onConfirm={() => unlink.mutate(person.id, { onSuccess: done })}
      onClose={onClose}
    >
      In Slack they may do what guests may from now on. What they did stays in the account's name. They can link themselves again
      with /sahur link; by e-mail it is not done again.
    </ConfirmDialog>
  );
}
