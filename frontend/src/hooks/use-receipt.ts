"use client";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "@/lib/api";
import type { Receipt } from "@/lib/api-types";
import { problemOf } from "@/lib/problem";

/** Characters of a result that are loaded at once. */
const PART = 100_000;
/** Receipts reach the server in batches, some seconds after their call: a missing one is asked for again. */
const LATE_RETRIES = 5;

export interface ShownReceipt {
  receipt: Receipt;
  /** What is loaded of the result so far, and how many of its characters that are. */
  text: string;
  loaded: number;
}

/** A receipt with as much of its result as was asked for. */
export function useReceipt(id: string) {
  const query = useInfiniteQuery({
    queryKey: ["receipt", id],
    queryFn: ({ pageParam }) => api.receipt(id, pageParam, PART),
    initialPageParam: 0,
    getNextPageParam: (last: Receipt) => last.next_offset,
    staleTime: Number.POSITIVE_INFINITY,
    retry: (failures, error) => failures < LATE_RETRIES && [0, 404, 500, 502, 503].includes(problemOf(error)?.status ?? 0),
    retryDelay: 1_500,
  });
  const pages = query.data?.pages ?? [];
  const [first, last] = [pages[0], pages.at(-1)];
  const shown: ShownReceipt | undefined = first && {
    receipt: first,
    text: pages.map((part) => part.result).join(""),
    loaded: last?.next_offset ?? first.total_chars,
  };
  return { ...query, shown };
}

/** The calls that were made to see whether this one still holds, newest first, and the way to make one more. */
export function useRechecks(id: string) {
  const client = useQueryClient();
  const queryKey = ["rechecks", id];
  const earlier = useQuery({ queryKey, queryFn: () => api.receipts({ repeats: id, limit: 5 }) });
  const again = useMutation({
    mutationFn: () => api.recheck(id),
    onSuccess: () => client.invalidateQueries({ queryKey }),
  });
  return { earlier: earlier.data?.results ?? [], again };
}
