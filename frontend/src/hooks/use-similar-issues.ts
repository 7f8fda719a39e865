"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api } from "@/lib/api";
import { keeper } from "@/lib/keeping";

const PAUSE_MS = 600;
/** Fewer letters say nothing yet. */
const MIN_CHARS = 8;
/** Of a long report the beginning and the end are sent: the server reads no more. */
const SENT_CHARS = 20_000;
const FRESH_MS = 5 * 60_000;

function clipped(text: string): string {
  if (text.length <= SENT_CHARS) return text;
  const half = SENT_CHARS / 2;
  return `${text.slice(0, half)}\n${text.slice(-half)}`;
}

/** The value as it was when it last stood still for a moment. */
function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

/** Past issues that a report resembles while it is written: asked after each pause; a question that is outdated is given up. */
export function useSimilarToReport({ title, body, team }: { title: string; body: string; team: string }) {
  const asked = useSettled(`${keeper()}\n${title}\n${clipped(body)}`);
  const [author = "", first = "", ...rest] = asked.split("\n");
  const isEnough = asked.slice(author.length).trim().length >= MIN_CHARS;
  // Somebody else may have signed in since it was typed.
  const isAuthors = () => author === keeper();
  const query = useQuery({
    queryKey: ["similar", team, asked],
    queryFn: ({ signal }) => api.similarToReport({ team, title: first, body: rest.join("\n") }, signal),
    select: (found) => found.results,
    enabled: () => isEnough && isAuthors(),
    placeholderData: keepPreviousData,
    staleTime: FRESH_MS,
    gcTime: 60_000,
    retry: false,
  });
  return { ...query, isEnough, found: isEnough && isAuthors() ? query.data : undefined };
}

/** Issues of the same team that this one resembles. */
export function useSimilarToIssue(key: string) {
  return useQuery({
    queryKey: ["similar", key],
    queryFn: ({ signal }) => api.similarToIssue(key, signal),
    select: (found) => found.results,
    staleTime: FRESH_MS,
  });
}
