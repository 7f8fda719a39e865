"use client";
import { keepPreviousData, useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { type AuditQuery, audit } from "@/lib/api/audit";
import { notify } from "@/lib/notices";
import { saveFile } from "@/lib/save-file";

const LIVE_MS = 5_000;

/** The log page by page, newest first. `isLive` asks again every five seconds. */
export function useAudit(query: AuditQuery, isLive: boolean) {
  return useInfiniteQuery({
    queryKey: ["audit", query],
    queryFn: ({ pageParam, signal }) => audit.audit(query, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: isLive ? LIVE_MS : false,
  });
}

/** Hands what is filtered over as a table. */
export function useExportAudit() {
  return useMutation({
    mutationFn: audit.exportAudit,
    onSuccess: ({ csv, hasMore }, { team }) => {
      const day = new Date().toISOString().slice(0, 10);
      saveFile(["audit", team, day].filter(Boolean).join("-").concat(".csv"), csv, "text/csv");
      if (hasMore) notify("The table holds the newest 10,000 entries. Choose days to get the others.");
    },
  });
}
