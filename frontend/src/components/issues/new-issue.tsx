"use client";
import { useRouter } from "next/navigation";
import type { FormEvent, KeyboardEvent } from "react";
import { AppShell } from "@/components/shell/app-shell";
import { Button } from "@/components/ui/button";
import { describedBy, Field, inputClass } from "@/components/ui/field";
import { ProblemNote } from "@/components/ui/problem-note";
import { type IssueDraft, useFileIssue, useIssueDraft, useRepositories } from "@/hooks/use-new-issue";
import { issueAddress } from "@/lib/addresses";
import type { Me } from "@/lib/api-types";
import { problemOf } from "@/lib/problem";
import { stateLine } from "@/lib/repository-state";

export function NewIssue() {
  return <AppShell>{(me) => <Page me={me} />}</AppShell>;
}

function Page({ me }: { me: Me }) {
  const teams = me.teams.filter((team) => team.role !== "viewer");
  const first = teams[0];
  return (
    <main id="main" className="mx-auto max-w-3xl px-4 pt-5 pb-16">
      <h1 className="text-xl font-semibold tracking-tight">New issue</h1>
      <p className="mt-1 mb-5 text-muted">Write it as you would in the incident channel. The investigation starts at once.</p>
      {first ? (
        <IssueForm teams={teams} team={first.key} />
      ) : (
        <p>You may read issues, but not report them. Ask an admin of your team.</p>
      )}
    </main>
  );
}

const FIELDS = ["team", "title", "body", "repository", "revision"] as const;
type FieldName = (typeof FIELDS)[number];

function IssueForm({ teams, team }: { teams: Me["teams"]; team: string }) {
  const router = useRouter();
  const { draft, change, forget } = useIssueDraft(team);
  const file = useFileIssue((key) => {
    forget();
    router.push(issueAddress(key));
  });
  if (!draft) return null;
  const problem = problemOf(file.error);
  const atField = FIELDS.find((name) => name === problem?.field);
  const errorOf = (name: FieldName) =>
    atField === name ? [problem?.detail, problem?.next_step].filter(Boolean).join(" ") : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    file.mutate(draft);
  };
  const submitByKey = (event: KeyboardEvent<HTMLFormElement>) => {
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) event.currentTarget.requestSubmit();
  };
  return (
    <form onSubmit={submit} onKeyDown={submitByKey} className="space-y-4 rounded-lg border border-line bg-surface p-4 sm:p-6">
      <ReportFields draft={draft} change={change} errorOf={errorOf} />
      <div className="grid gap-4 sm:grid-cols-2">
        <CodeFields draft={draft} change={change} errorOf={errorOf} />
        {teams.length > 1 && (
          <Field id="team" label="Team" error={errorOf("team")}>
            <select
              id="team"
              value={draft.team}
              onChange={(event) => change({ team: event.target.value })}
              className={inputClass}
            >
              {teams.map(({ key, name }) => (
                <option key={key} value={key}>
                  {name}
                </option>
              ))}
            </select>
          </Field>
        )}
      </div>
      {!atField && <ProblemNote error={file.error} />}
      <div className="flex items-center justify-end gap-3">
        <p className="hidden text-xs text-muted sm:block">Ctrl+Enter files it. The draft is kept in this tab.</p>
        <Button type="submit" variant="primary" isBusy={file.isPending || file.isSuccess}>
          File issue
        </Button>
      </div>
    </form>
  );
}

interface FieldsProps {
  draft: IssueDraft;
  change: (part: Partial<IssueDraft>) => void;
  errorOf: (name: FieldName) => string | undefined;
}

function ReportFields({ draft, change, errorOf }: FieldsProps) {
  return (
    <>
      <Field id="title" label="Title" isOptional hint="Without one, the first line of the report." error={errorOf("title")}>
        <input
          id="title"
          maxLength={300}
          value={draft.title}
          onChange={(event) => change({ title: event.target.value })}
          placeholder="Checkout answers 500 since this morning"
          aria-invalid={errorOf("title") ? true : undefined}
          aria-describedby={describedBy("title")}
          className={inputClass}
        />
      </Field>
      <Field
        id="body"
        label="What happens"
        error={errorOf("body")}
        hint="Markdown. Paste tracebacks, log lines and request ids as they are."
      >
        <textarea
          id="body"
          required
          rows={12}
          value={draft.body}
          onChange={(event) => change({ body: event.target.value })}
          aria-invalid={errorOf("body") ? true : undefined}
          aria-describedby={describedBy("body")}
          className={`${inputClass} resize-y font-mono text-[0.8125rem] leading-relaxed`}
        />
      </Field>
    </>
  );
}

function CodeFields({ draft, change, errorOf }: FieldsProps) {
  const repositories = useRepositories();
  const chosen = repositories.data?.find(({ name }) => name === draft.repository.trim());
  return (
    <>
      <Field
        id="repository"
        label="Repository"
        isOptional
        hint={(chosen && stateLine(chosen)) ?? "One of your team's by name, or an https or ssh URL."}
        error={errorOf("repository") ?? problemOf(repositories.error)?.detail}
      >
        <input
          id="repository"
          list="repositories"
          maxLength={1000}
          spellCheck={false}
          autoCapitalize="none"
          value={draft.repository}
          onChange={(event) => change({ repository: event.target.value })}
          aria-describedby={describedBy("repository")}
          aria-invalid={errorOf("repository") ? true : undefined}
          className={`${inputClass} font-mono`}
        />
        <datalist id="repositories">
          {repositories.data?.map(({ id, name, source }) => (
            <option key={id} value={name}>
              {source}
            </option>
          ))}
        </datalist>
      </Field>
      <Field id="revision" label="Revision" isOptional hint="Branch, tag or commit that was running." error={errorOf("revision")}>
        <input
          id="revision"
          maxLength={200}
          spellCheck={false}
          value={draft.revision}
          onChange={(event) => change({ revision: event.target.value })}
          placeholder="default branch"
          aria-describedby={describedBy("revision")}
          className={`${inputClass} font-mono`}
        />
      </Field>
    </>
  );
}
