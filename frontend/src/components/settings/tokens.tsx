"use client";
import { Plus } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { Button } from "@/components/ui/button";
import { type Column, DataTable } from "@/components/ui/data-table";
import { RelativeTime } from "@/components/ui/relative-time";
import { SkeletonRows } from "@/components/ui/skeleton";
import { EmptyState, ErrorState } from "@/components/ui/states";
import { useNow } from "@/hooks/use-now";
import { useTokens } from "@/hooks/use-tokens";
import type { Token } from "@/lib/api-types";
import { fullTime } from "@/lib/format";
import { ROLE_NAMES } from "@/lib/roles";
import { expiryState } from "@/lib/token-form";

const CreateToken = lazy(() => import("./create-token").then((module) => ({ default: module.CreateToken })));
const RevokeToken = lazy(() => import("./revoke-token").then((module) => ({ default: module.RevokeToken })));

/** One's own API tokens. Those of others nobody sees here: staff revoke them in Django admin. */
export function Tokens() {
  const tokens = useTokens();
  const [isCreating, setCreating] = useState(false);
  const [revoked, setRevoked] = useState<Token | null>(null);
  if (tokens.isPending) return <SkeletonRows label="Loading tokens" rows={3} />;
  if (tokens.error) return <ErrorState error={tokens.error} onRetry={() => void tokens.refetch()} />;
  const create = (
    <Button variant="primary" onClick={() => setCreating(true)}>
      <Plus className="size-4" aria-hidden />
      Create a token
    </Button>
  );
  return (
    <>
      {tokens.data.results.length === 0 ? (
        <EmptyState title="No API tokens" action={create}>
          With a token, scripts and agents use the API and the tool gateway in your name, with at most the role you give them.
        </EmptyState>
      ) : (
        <>
          <DataTable label="API tokens" columns={columnsOf(setRevoked)} rows={tokens.data.results} rowKey={({ id }) => id} />
          <div className="mt-4 flex flex-wrap items-center justify-between gap-3">
            <p className="text-[0.8125rem] text-muted">
              A token never does more than you may, and manages neither people nor tokens.
            </p>
            {create}
          </div>
        </>
      )}
      <Suspense>
        {isCreating && <CreateToken onClose={() => setCreating(false)} />}
        {revoked && <RevokeToken token={revoked} onClose={() => setRevoked(null)} />}
      </Suspense>
    </>
  );
}

function columnsOf(onRevoke: (token: Token) => void): Column<Token>[] {
  return [
    {
      id: "name",
      header: "Name",
      cell: ({ name, prefix }) => (
        <span className="block break-words">
          {name}
          <span className="block font-mono text-xs font-normal text-muted">sahur_{prefix}_…</span>
        </span>
      ),
    },
    { id: "role", header: "At most", cell: ({ role }) => ROLE_NAMES[role] },
    { id: "tools", header: "Tools", cell: ({ tools }) => <Tools tools={tools} /> },
    { id: "expires", header: "Expires", cell: ({ expires_at }) => <Expiry at={expires_at} /> },
    {
      id: "used",
      header: "Last used",
      cell: ({ last_used_at }) => (last_used_at ? <RelativeTime at={last_used_at} /> : <span className="text-muted">never</span>),
    },
    {
      id: "actions",
      header: "Actions",
      isHeaderHidden: true,
      isNumber: true,
      cell: (token) => (
        <Button variant="quiet" aria-label={`Revoke ${token.name}`} onClick={() => onRevoke(token)}>
          Revoke
        </Button>
      ),
    },
  ];
}

const MOST_SHOWN = 3;

function Tools({ tools }: { tools: readonly string[] }) {
  if (tools.length === 0) return <span className="text-muted">none</span>;
  if (tools.includes("*")) return "all";
  const more = tools.length - MOST_SHOWN;
  return (
    <span className="font-mono text-xs break-all" title={tools.join(", ")}>
      {tools.slice(0, MOST_SHOWN).join(", ")}
      {more > 0 && ` and ${more} more`}
    </span>
  );
}

function Expiry({ at }: { at: string | null }) {
  const state = expiryState(at, useNow(60_000));
  if (at === null) return <span className="text-muted">never</span>;
  if (state === "over") return <span className="text-bad">expired</span>;
  return (
    <time dateTime={at} title={at} className={`whitespace-nowrap ${state === "soon" ? "text-warn" : ""}`}>
      {fullTime(at).replace(/, \d\d:\d\d$/, "")}
      {state === "soon" && <span className="block text-xs">soon</span>}
    </time>
  );
}
