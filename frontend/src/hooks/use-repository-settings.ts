"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "@/lib/api";
import { type Credential, type NewRepository, type RepositoryChange, repositorySettings } from "@/lib/api/repository-settings";
import type { Repository } from "@/lib/api-types";
import { isAtWork } from "@/lib/repository-view";

const QUERY_KEY = ["repositories"];
const WATCH_MS = 2_000;
const IDLE_MS = 30_000;

interface Page {
  results: Repository[];
  next: string | null;
}

/** The repositories of a team, looked at often while one of them is being cloned or indexed. */
export function useTeamRepositories(team: string) {
  return useQuery({
    queryKey: QUERY_KEY,
    queryFn: api.repositories,
    select: (page: Page) => page.results.filter((repository) => repository.team === team),
    refetchInterval: ({ state }) =>
      state.data?.results.some((repository) => repository.team === team && isAtWork(repository)) ? WATCH_MS : IDLE_MS,
  });
}

/** What changes the list. An answer that shows the repository is put into it at once; the list is read again in any case. */
export function useRepositoryChanges() {
  const client = useQueryClient();
  const show = (changed: Repository) =>
    client.setQueryData<Page>(QUERY_KEY, (page) =>
      page ? { ...page, results: page.results.map((known) => (known.id === changed.id ? changed : known)) } : page,
    );
  const refresh = () => client.invalidateQueries({ queryKey: QUERY_KEY });
  return {
    add: useMutation({ mutationFn: (body: NewRepository) => repositorySettings.add(body), onSuccess: refresh }),
    change: useMutation({
      mutationFn: ({ id, ...body }: RepositoryChange & { id: string }) => repositorySettings.change(id, body),
      onSuccess: show,
    }),
    index: useMutation({
      mutationFn: ({ id, rebuild }: { id: string; rebuild: boolean }) => repositorySettings.index(id, rebuild),
      onSuccess: show,
    }),
    setCredential: useMutation({
      mutationFn: ({ id, ...body }: Credential & { id: string }) => repositorySettings.setCredential(id, body),
      onSuccess: show,
    }),
    removeCredential: useMutation({ mutationFn: repositorySettings.removeCredential, onSuccess: refresh }),
    createWebhook: useMutation({ mutationFn: repositorySettings.createWebhook, onSuccess: refresh }),
    removeWebhook: useMutation({ mutationFn: repositorySettings.removeWebhook, onSuccess: refresh }),
    remove: useMutation({ mutationFn: repositorySettings.remove, onSuccess: refresh }),
  };
}
