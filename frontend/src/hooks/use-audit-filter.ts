"use client";
import { useSearchParams } from "next/navigation";
import { useEffect, useState } from "react";
import { type AuditFilter, auditAddress, filterIn } from "@/lib/audit-filter";

const SETTLE_MS = 300;

/** The filter, kept in the address. `settled` follows when the typing pauses: that is what the server is asked for. */
export function useAuditFilter(team: string) {
  const params = useSearchParams();
  const [filter, setFilter] = useState<AuditFilter>(() => filterIn(params));
  const [settled, setSettled] = useState(filter);
  useEffect(() => {
    if (filter === settled) return;
    const timer = setTimeout(() => {
      setSettled(filter);
      // Nothing else may be on its way: this would call off a navigation that has just begun.
      if (location.pathname === "/settings/audit/") window.history.replaceState(null, "", auditAddress(team, filter));
    }, SETTLE_MS);
    return () => clearTimeout(timer);
  }, [filter, settled, team]);
  return { filter, settled, setFilter };
}
