"use client";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { StatusRegion } from "@/components/ui/status-region";
import { problemOf } from "@/lib/problem";

/** Trying again helps where the server was not reached or failed; never where it refused. */
function mayRetry(failures: number, error: Error): boolean {
  const status = problemOf(error)?.status ?? 0;
  return failures < 3 && (status === 0 || status >= 500);
}

export function Providers({ children }: { children: ReactNode }) {
  const [client] = useState(() => new QueryClient({ defaultOptions: { queries: { retry: mayRetry, staleTime: 10_000 } } }));
  return (
    <QueryClientProvider client={client}>
      {children}
      <StatusRegion />
    </QueryClientProvider>
  );
}
