"use client";
import { useSearchParams } from "next/navigation";
import { AppShell } from "@/components/shell/app-shell";
import { NavLink } from "@/components/shell/nav-link";
import { Button, buttonClass } from "@/components/ui/button";
import { ProblemNote } from "@/components/ui/problem-note";
import { SkeletonRows } from "@/components/ui/skeleton";
import { EmptyState, ErrorState } from "@/components/ui/states";
import { useLink, useLinkPreview } from "@/hooks/use-slack";
import type { SlackLinkPreview } from "@/lib/api/slack";
import type { Me } from "@/lib/api-types";

const ACCOUNTS = "/settings/accounts/";
const MAY: Record<SlackLinkPreview["role"], string> = {
  admin: "report, steer, answer, and approve what only admins may",
  responder: "report, steer and answer",
  viewer: "only read",
  "": "nothing: ask an admin of the team to add you",
};

/** Where `/sahur link` leads: who is signed in says that the person in Slack is they. */
export function SlackLinkPage() {
  return (
    <AppShell>
      {(me) => (
        <main id="main" className="mx-auto max-w-xl px-4 pt-10 pb-16">
          <h1 className="mb-5 text-xl font-semibold tracking-tight">Link with Slack</h1>
          <Ticket me={me} />
        </main>
      )}
    </AppShell>
  );
}

/** What the ticket in the address would do, and the way to confirm it. */
export function Ticket({ me }: { me: Me }) {
  const ticket = useSearchParams().get("ticket") ?? "";
  const preview = useLinkPreview(ticket);
  if (!ticket) {
    return (
      <EmptyState title="Begin in Slack">
        Type <code>/sahur link</code> there: it answers with a link to this page.
      </EmptyState>
    );
  }
  if (preview.isPending) return <SkeletonRows label="Looking at the link" rows={2} />;
  if (preview.error) return <ErrorState error={preview.error} title="This link cannot be used" />;
  return <Confirm ticket={ticket} me={me} asker={preview.data} />;
}

function Confirm({ ticket, me, asker }: { ticket: string; me: Me; asker: SlackLinkPreview }) {
  const link = useLink();
  const account = me.user?.name || me.user?.username || "";
  if (link.isSuccess || asker.standing === "yours") return <Done asker={asker} account={account} />;
  if (asker.standing === "taken") {
    return (
      <EmptyState title={`${asker.name} is linked to another account`}>
        Whoever has that account takes the link away first: in Slack with <code>/sahur unlink</code>, or an admin of the team
        does.
      </EmptyState>
    );
  }
  return (
    <section aria-labelledby="question" className="space-y-4 rounded-lg border border-line bg-surface p-5">
      <h2 id="question" className="text-base font-semibold break-words">
        Is {asker.name} in Slack you?
      </h2>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5 break-words">
        <dt className="text-muted">In Slack</dt>
        <dd>
          {asker.name} <span className="font-mono text-xs text-muted">{asker.user}</span>
        </dd>
        <dt className="text-muted">Workspace</dt>
        <dd>
          {asker.workspace_name || "without a name"} <span className="font-mono text-xs text-muted">{asker.workspace}</span>
        </dd>
        <dt className="text-muted">Account here</dt>
        <dd>
          {account} {me.user?.username !== account && <span className="text-muted">{me.user?.username}</span>}
        </dd>
        <dt className="text-muted">You may then</dt>
        <dd>{MAY[asker.role]}</dd>
      </dl>
      <p className="text-muted">
        Confirm only if you typed /sahur link there yourself, just now. Whoever writes in Slack as {asker.name} acts in your name
        then.
      </p>
      <ProblemNote error={link.error} />
      <div className="flex flex-wrap justify-end gap-2">
        <NavLink href="/" className={buttonClass()}>
          That is not me
        </NavLink>
        <Button variant="primary" isBusy={link.isPending} onClick={() => link.mutate(ticket)}>
          Yes, link me
        </Button>
      </div>
    </section>
  );
}

function Done({ asker, account }: { asker: SlackLinkPreview; account: string }) {
  const action = (
    <NavLink href={ACCOUNTS} className={buttonClass()}>
      See your links
    </NavLink>
  );
  return (
    <EmptyState title="You are linked" action={action}>
      {asker.name} in {asker.workspace_name || asker.workspace} is {account}. You can close this page and go on in Slack.
    </EmptyState>
  );
}
