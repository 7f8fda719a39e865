"use client";
import { useEffect } from "react";
import { TextField } from "@/components/ui/text-field";
import { useRepositories } from "@/hooks/use-new-issue";
import type { Repository } from "@/lib/api-types";
import { problemOf } from "@/lib/problem";
import { stateLine } from "@/lib/repository-state";
import type { FieldsProps } from "./fields";

/** Which code was running: one of the team's repositories or a URL, and a revision. */
export function CodeFields({ draft, change, errorOf }: FieldsProps) {
  const repositories = useRepositories();
  const ofTeam = repositories.data?.filter(({ team }) => team === draft.team) ?? [];
  useOnlyOne(ofTeam, draft, change);
  return (
    <>
      <TextField
        id="repository"
        label="Repository"
        isOptional
        hint={problemOf(repositories.error)?.detail ?? repositoryHint(ofTeam, draft.repository.trim(), repositories.isPending)}
        isCode
        list="repositories"
        maxLength={1000}
        placeholder="Name or URL"
        value={draft.repository}
        onChange={(repository) => change({ repository })}
        error={errorOf("repository")}
      />
      <datalist id="repositories">
        {ofTeam.map((repository) => (
          <option key={repository.id} value={repository.name}>
            {[stateLine(repository), repository.source].filter(Boolean).join(" · ")}
          </option>
        ))}
      </datalist>
      <TextField
        id="revision"
        label="Revision"
        isOptional
        hint="Branch, tag or commit that was running."
        isCode
        maxLength={200}
        placeholder="default branch"
        value={draft.revision}
        onChange={(revision) => change({ revision })}
        error={errorOf("revision")}
      />
    </>
  );
}

/** The only repository of the team is offered to a report that nothing was written in yet; who takes it out is not asked again. */
function useOnlyOne(ofTeam: readonly Repository[], draft: FieldsProps["draft"], change: FieldsProps["change"]): void {
  const only = ofTeam.length === 1 ? ofTeam[0]?.name : undefined;
  const isBlank = !draft.title && !draft.body && !draft.repository;
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked once for each team, not after each letter
  useEffect(() => {
    if (only && isBlank) change({ repository: only });
  }, [only]);
}

function repositoryHint(known: readonly Repository[], typed: string, isPending: boolean): string {
  const chosen = known.find(({ name }) => name === typed);
  if (chosen) return stateLine(chosen) ?? "It is cloned and indexed with its first report.";
  if (isPending) return "Looking up the team's repositories…";
  const without = typed ? "" : " Without one no code is read.";
  if (known.length === 0) return `The team has none yet: give an https or ssh URL.${without}`;
  return `One of the team's by name (${known[0]?.name}${known.length > 1 ? ", …" : ""}), or an https or ssh URL.${without}`;
}
