"use client";
import { useRouter } from "next/navigation";
import type { FormEvent, KeyboardEvent } from "react";
import { Button } from "@/components/ui/button";
import { ProblemNote } from "@/components/ui/problem-note";
import { SelectField } from "@/components/ui/select-field";
import { TextField } from "@/components/ui/text-field";
import { useFileIssue, useIssueDraft } from "@/hooks/use-new-issue";
import { useSimilarToReport } from "@/hooks/use-similar-issues";
import { issueAddress } from "@/lib/addresses";
import type { Me } from "@/lib/api-types";
import { formErrors } from "@/lib/form-errors";
import { SEVERITIES, SEVERITY_NAMES } from "@/lib/format";
import { CodeFields } from "./code-fields";
import { FIELDS, type FieldsProps } from "./fields";
import { ReportEditor } from "./report-editor";
import { SimilarHint, SimilarWhileTyping } from "./similar-while-typing";

/** The report, what code it is about, and beside it what was reported before that looks the same. */
export function IssueForm({ teams, team }: { teams: Me["teams"]; team: string }) {
  const router = useRouter();
  const { draft, change, forget } = useIssueDraft(team);
  const file = useFileIssue((key) => {
    forget();
    router.push(issueAddress(key));
  });
  const similar = useSimilarToReport(draft);
  const { at, rest } = formErrors(file.error, FIELDS);
  const isSent = file.isPending || file.isSuccess;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isSent) file.mutate(draft);
  };
  const fields: FieldsProps = { draft, change, errorOf: at };
  return (
    <div className="grid gap-5 lg:grid-cols-[minmax(0,1fr)_20rem]">
      <form
        aria-label="Report"
        onSubmit={submit}
        onKeyDown={submitByKey}
        className="min-w-0 space-y-4 rounded-lg border border-line bg-surface p-4 sm:p-6"
      >
        <TitleField {...fields} />
        <ReportEditor {...fields} />
        <div className="grid gap-4 sm:grid-cols-2">
          <CodeFields {...fields} />
          <SeverityField {...fields} />
          {teams.length > 1 && <TeamField teams={teams} {...fields} />}
        </div>
        <ProblemNote error={rest} />
        <div className="flex flex-wrap items-center justify-end gap-x-3 gap-y-2">
          <SimilarHint similar={similar} />
          <p className="hidden text-xs text-muted sm:block">Ctrl+Enter files it. The draft is kept in this browser.</p>
          <Button type="submit" variant="primary" isBusy={isSent}>
            File issue
          </Button>
        </div>
      </form>
      <SimilarWhileTyping similar={similar} />
    </div>
  );
}

function submitByKey(event: KeyboardEvent<HTMLFormElement>): void {
  if (event.key !== "Enter" || !(event.metaKey || event.ctrlKey) || event.nativeEvent.isComposing) return;
  event.preventDefault();
  event.currentTarget.requestSubmit();
}

function TitleField({ draft, change, errorOf }: FieldsProps) {
  return (
    <TextField
      id="title"
      label="Title"
      isOptional
      hint="Without one, the first line of the report."
      maxLength={300}
      placeholder="Checkout answers 500 since this morning"
      value={draft.title}
      onChange={(title) => change({ title })}
      error={errorOf("title")}
    />
  );
}

function SeverityField({ draft, change, errorOf }: FieldsProps) {
  return (
    <SelectField
      id="severity"
      label="Severity"
      hint="How bad it is, for whoever reads the report."
      choices={[{ value: "", label: "Not said" }, ...SEVERITIES.map((value) => ({ value, label: SEVERITY_NAMES[value] }))]}
      value={draft.severity}
      onChange={(severity) => change({ severity })}
      error={errorOf("severity")}
    />
  );
}

function TeamField({ teams, draft, change, errorOf }: FieldsProps & { teams: Me["teams"] }) {
  return (
    <SelectField
      id="team"
      label="Team"
      hint="Its members see the issue."
      choices={teams.map(({ key, name }) => ({ value: key, label: name }))}
      value={draft.team}
      onChange={(team) => change({ team })}
      error={errorOf("team")}
    />
  );
}
