"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { installation, type PriceValues } from "@/lib/api/installation";

/** The server keeps the gateway's answer for some seconds; asking more often would show nothing new. */
const UPSTREAMS_MS = 10_000;
const MODELS_MS = 30_000;
const SLACK_MS = 30_000;

export function useModels() {
  return useQuery({ queryKey: ["models"], queryFn: installation.models, refetchInterval: MODELS_MS });
}

export function usePriceChanges() {
  const client = useQueryClient();
  const onSuccess = () => client.invalidateQueries({ queryKey: ["models"] });
  return {
    set: useMutation({
      mutationFn: ({ name, ...values }: PriceValues & { name: string }) => installation.setPrice(name, values),
      onSuccess,
    }),
    remove: useMutation({ mutationFn: installation.removePrice, onSuccess }),
  };
}

export function useUpstreams() {
  return useQuery({ queryKey: ["upstreams"], queryFn: installation.upstreams, refetchInterval: UPSTREAMS_MS });
}

export function useSlack() {
  return useQuery({ queryKey: ["slack"], queryFn: installation.slack, refetchInterval: SLACK_MS });
}

/** Asked only by a person: Slack is called for each answer. */
export function useSlackCheck() {
  return useQuery({ queryKey: ["slack", "check"], queryFn: installation.checkSlack, enabled: false, retry: false });
}
