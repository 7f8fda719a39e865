"use client";
import { Plus } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { Boundary } from "@/components/shell/boundary";
import { Button } from "@/components/ui/button";
import { SkeletonRows } from "@/components/ui/skeleton";
import { EmptyState, ErrorState } from "@/components/ui/states";
import { useTeamRepositories } from "@/hooks/use-repository-settings";
import { useTeamSettings } from "../settings-frame";
import { RepositoryRow } from "./repository-row";

const AddRepository = lazy(async () => ({ default: (await import("./add-repository")).AddRepository }));
const RepositoryDialog = lazy(async () => ({ default: (await import("./repository-dialog")).RepositoryDialog }));

/** What the team's runs may read, how far each index is, and, for admins, all that can be set of it. */
export function RepositorySettings() {
  const { team } = useTeamSettings();
  const repositories = useTeamRepositories(team.key);
  const [isAdding, setAdding] = useState(false);
  const [opened, setOpened] = useState("");
  const isAdmin = team.role === "admin";
  const shown = repositories.data?.find(({ id }) => id === opened);
  const add = isAdmin && (
    <Button variant="primary" onClick={() => setAdding(true)}>
      <Plus className="size-4" aria-hidden />
      Add repository
    </Button>
  );
  return (
    <>
      <div className="mb-3 flex min-h-9 flex-wrap items-center justify-between gap-3">
        <p className="text-[0.8125rem] text-muted">
          {isAdmin
            ? "Kept cloned and indexed, so that a run can read them at once. Reports call them by name."
            : "Admins of the team add and change them."}
        </p>
        {Boolean(repositories.data?.length) && add}
      </div>
      {repositories.isPending && <SkeletonRows label="Loading repositories" rows={3} rowClass="h-20" />}
      {!repositories.data && <ErrorState error={repositories.error} onRetry={() => void repositories.refetch()} />}
      {repositories.data?.length === 0 && (
        <EmptyState title="No repositories yet" action={add}>
          Without one, an investigation has only the report and the tools of the upstreams to go by.
        </EmptyState>
      )}
      {Boolean(repositories.data?.length) && (
        <Boundary what="The list of repositories" resetKey={team.key}>
          <ul className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface">
            {repositories.data?.map((repository) => (
              <RepositoryRow
                key={repository.id}
                repository={repository}
                isAdmin={isAdmin}
                onOpen={() => setOpened(repository.id)}
              />
            ))}
          </ul>
        </Boundary>
      )}
      <Suspense>
        {isAdding && <AddRepository team={team} onClose={() => setAdding(false)} />}
        {shown && <RepositoryDialog repository={shown} isAdmin={isAdmin} onClose={() => setOpened("")} />}
      </Suspense>
    </>
  );
}
