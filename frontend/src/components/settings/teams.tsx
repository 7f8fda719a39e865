"use client";
import { Plus } from "lucide-react";
import Link from "next/link";
import { lazy, Suspense, useState } from "react";
import { Button } from "@/components/ui/button";
import { type Column, DataTable } from "@/components/ui/data-table";
import { SkeletonRows } from "@/components/ui/skeleton";
import { EmptyState, ErrorState } from "@/components/ui/states";
import { useTeams } from "@/hooks/use-members";
import type { TeamWithMembers } from "@/lib/api-types";
import { count } from "@/lib/format";
import { ROLE_NAMES } from "@/lib/roles";

const CreateTeam = lazy(() => import("./team-dialogs").then((module) => ({ default: module.CreateTeam })));
const RenameTeam = lazy(() => import("./team-dialogs").then((module) => ({ default: module.RenameTeam })));

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
      <Suspense>
        {isCreating && <CreateTeam onClose={() => setCreating(false)} />}
        {renamed && <RenameTeam team={renamed} onClose={() => setRenamed(null)} />}
      </Suspense>
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
