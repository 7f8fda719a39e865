"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { views } from "@/lib/api/views";
import type { SavedView } from "@/lib/api-types";

const VIEWS = ["views"];

/** The saved views of the signed-in person. */
export function useViews() {
  return useQuery({ queryKey: VIEWS, queryFn: views.views, select: (page) => page.results, staleTime: 60_000 });
}

/** Keeps a search under a name: a new view, or a view that gets another name or search. */
export function useSaveView(onSaved: (view: SavedView) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, name, query }: { id?: string; name: string; query: string }) =>
      id ? views.changeView(id, { name, query }) : views.saveView(name, query),
    onSuccess: async (view) => {
      await client.invalidateQueries({ queryKey: VIEWS });
      onSaved(view);
    },
  });
}

export function useDeleteView(onDeleted: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => views.deleteView(id),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: VIEWS });
      onDeleted();
    },
  });
}
