"use client";
import { RefreshCw } from "lucide-react";
import { Button } from "@/components/ui/button";
import { ProblemNote } from "@/components/ui/problem-note";
import { RelativeTime } from "@/components/ui/relative-time";
import { useRepositoryChanges } from "@/hooks/use-repository-settings";
import type { Checkout, Repository } from "@/lib/api-types";
import { bytes, fullTime } from "@/lib/format";
import { notify } from "@/lib/notices";
import { indexState } from "@/lib/repository-view";
import { IndexBadge, IndexProgress } from "./index-badge";

/** Each revision that was asked for, with how far it is, and the way to ask again. */
export function IndexTab({ repository, isAdmin }: { repository: Repository; isAdmin: boolean }) {
  return (
    <div className="space-y-4">
      <p className="font-mono text-xs break-all text-muted">{repository.source}</p>
      {repository.checkouts.length === 0 && <p className="text-muted">No run has asked for this repository yet.</p>}
      <ul className="space-y-3">
        {repository.checkouts.map((checkout) => (
          <CheckoutItem key={`${checkout.revision} ${checkout.host}`} checkout={checkout} />
        ))}
      </ul>
      {isAdmin && <IndexActions repository={repository} />}
    </div>
  );
}

function CheckoutItem({ checkout }: { checkout: Checkout }) {
  const state = indexState(checkout);
  const name = checkout.revision || "Default branch";
  return (
    <li className="space-y-2 rounded-lg border border-line p-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h3 className="font-medium break-all">
          {name}
          {checkout.host && <span className="font-normal text-muted"> on {checkout.host}</span>}
        </h3>
        <IndexBadge state={state} />
      </div>
      <IndexProgress state={state} label={`${state.label} ${name}`} />
      {(state.detail || state.next) && (
        <p className={`break-words ${state.tone === "bad" ? "text-bad" : "text-muted"}`}>
          {[state.detail, state.next].filter(Boolean).join(" ")}
        </p>
      )}
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-[0.8125rem]">
        {checkout.commit && <Fact name="Commit" value={<code className="text-xs break-all">{checkout.commit}</code>} />}
        {checkout.ready_at && <Fact name="Ready since" value={fullTime(checkout.ready_at)} />}
        {checkout.checked_at && <Fact name="Remote checked" value={<RelativeTime at={checkout.checked_at} />} />}
        {checkout.size_bytes !== null && <Fact name="Size on disk" value={bytes(checkout.size_bytes)} />}
      </dl>
    </li>
  );
}

function Fact({ name, value }: { name: string; value: React.ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd>{value}</dd>
    </>
  );
}

function IndexActions({ repository }: { repository: Repository }) {
  const { index } = useRepositoryChanges();
  const ask = (rebuild: boolean) =>
    index.mutate(
      { id: repository.id, rebuild },
      { onSuccess: () => notify(rebuild ? "The whole index is made anew." : "The remote is looked at now.") },
    );
  return (
    <div className="space-y-3 border-t border-line pt-4">
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => ask(false)} isBusy={index.isPending && !index.variables.rebuild} disabled={index.isPending}>
          <RefreshCw className="size-4" aria-hidden />
          Check the remote now
        </Button>
        <Button onClick={() => ask(true)} isBusy={index.isPending && index.variables.rebuild} disabled={index.isPending}>
          Rebuild the index
        </Button>
      </div>
      <p className="text-xs text-muted">
        The first indexes what is new, also after a failure. The second makes all of the index again; meanwhile runs read the old
        one.
      </p>
      <ProblemNote error={index.error} />
    </div>
  );
}
