"use client";
import { AppShell } from "@/components/shell/app-shell";
import { EmptyState } from "@/components/ui/states";
import type { Me } from "@/lib/api-types";
import { IssueForm } from "./issue-form";

export function NewIssuePage() {
  return <AppShell>{(me) => <Page me={me} />}</AppShell>;
}

function Page({ me }: { me: Me }) {
  const teams = me.teams.filter((team) => team.role !== "viewer");
  const first = teams[0];
  return (
    <main id="main" className="mx-auto max-w-6xl px-4 pt-5 pb-16">
      <h1 className="text-xl font-semibold tracking-tight">New issue</h1>
      <p className="mt-1 mb-5 text-muted">Write it as you would in the incident channel. The investigation starts at once.</p>
      {first ? (
        <IssueForm teams={teams} team={first.key} />
      ) : (
        <EmptyState title="You may read issues, but not report them">
          Ask an admin of your team to make you a responder.
        </EmptyState>
      )}
    </main>
  );
}
