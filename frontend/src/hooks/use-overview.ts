"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { readOverview } from "@/lib/api/overview";
import { type Asked, askedFor, overviewQuery } from "@/lib/overview";

const REFRESH_MS = 10_000;

/** What the address asks for, renewed while the page is seen. */
export function useOverview() {
  const router = useRouter();
  const pathname = usePathname();
  const asked = askedFor(useSearchParams());
  const query = useQuery({
    queryKey: ["overview", asked.team, asked.days],
    queryFn: ({ signal }) => readOverview(asked.team, asked.days, signal),
    refetchInterval: REFRESH_MS,
    placeholderData: keepPreviousData,
  });
  const ask = (change: Partial<Asked>) =>
    router.replace(`${pathname}${overviewQuery({ ...asked, ...change })}`, { scroll: false });
  return { ...query, asked, ask };
}
