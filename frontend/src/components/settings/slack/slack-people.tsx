"use client";
import { useDeferredValue, useState } from "react";
import { LoadMore } from "@/components/ui/load-more";
import { SkeletonRows } from "@/components/ui/skeleton";
import { ErrorState } from "@/components/ui/states";
import { TextField } from "@/components/ui/text-field";
import { useSlackChannels, useSlackPeople } from "@/hooks/use-slack";
import { GuestRoles } from "./guest-roles";
import { LinkTable } from "./link-table";

/** Who was seen in the workspaces that one looks after, whose accounts they are, and what guests may do. */
export function SlackPeople() {
  const [typed, setTyped] = useState("");
  const query = useDeferredValue(typed.trim());
  const people = useSlackPeople(query);
  const workspaces = useSlackChannels().data?.workspaces ?? [];
  const rows = people.data?.pages.flatMap(({ results }) => results) ?? [];
  return (
    <section aria-labelledby="people-title" className="space-y-3">
      <h2 id="people-title" className="font-semibold">
        People
      </h2>
      <p className="max-w-3xl text-[0.8125rem] text-muted">
        Who is linked to an account does in Slack what the account may do in the team. People link themselves with /sahur link, or
        are linked by their e-mail where they are full members of the workspace.
      </p>
      <GuestRoles workspaces={workspaces} />
      {(rows.length > 0 || typed !== "") && (
        <div className="max-w-sm">
          <TextField id="slack-people" label="Find somebody" type="search" maxLength={100} value={typed} onChange={setTyped} />
        </div>
      )}
      {people.isPending && <SkeletonRows label="Loading people" rows={2} />}
      {people.error && <ErrorState error={people.error} onRetry={() => void people.refetch()} />}
      {people.data && rows.length === 0 && (
        <p className="text-muted">{query ? "Nobody of that name was seen." : "Nobody has spoken to SAHUR in Slack yet."}</p>
      )}
      {rows.length > 0 && <LinkTable label="People of Slack" people={rows} showsAccount />}
      {people.data && (
        <LoadMore hasMore={people.hasNextPage} isLoading={people.isFetchingNextPage} onMore={() => void people.fetchNextPage()} />
      )}
    </section>
  );
}
