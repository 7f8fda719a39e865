"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { tokens } from "@/lib/api/tokens";

const KEY = ["tokens"];

/** One's own API tokens that were not revoked. */
export function useTokens() {
  return useQuery({ queryKey: KEY, queryFn: tokens.tokens });
}

export function useCreateToken() {
  const client = useQueryClient();
  return useMutation({ mutationFn: tokens.createToken, onSuccess: () => client.invalidateQueries({ queryKey: KEY }) });
}

export function useRevokeToken() {
  const client = useQueryClient();
  return useMutation({ mutationFn: tokens.revokeToken, onSettled: () => client.invalidateQueries({ queryKey: KEY }) });
}
