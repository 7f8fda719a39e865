"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { useRouter } from "next/navigation";
import { type FormEvent, useId, useState } from "react";
import { Button } from "@/components/ui/button";
import { inputClass } from "@/components/ui/field";
import { Panel } from "@/components/ui/panel";
import { ProblemNote } from "@/components/ui/problem-note";
import { TextField } from "@/components/ui/text-field";
import { useDraft } from "@/hooks/use-draft";
import { runAddress } from "@/lib/addresses";
import { api } from "@/lib/api";
import type { Issue, RunSummary } from "@/lib/api-types";
import { formErrors } from "@/lib/form-errors";
import { messageDraft } from "@/lib/keeping";

/** Goes on after a run has ended: a further one, which hears first what is said here, with another model maybe. */
export default function FollowUp({ issue, run }: { issue: Issue; run: RunSummary }) {
  const id = useId();
  const [text, setText] = useDraft(messageDraft(run.id));
  const [model, setModel] = useState("");
  const [repository, setRepository] = useState("");
  const start = useStart(issue.key, run.id, () => setText(""));
  const { at, rest } = formErrors(start.error, issue.repository ? [] : ["repository"]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    start.mutate({ text: text.trim(), model, repository: repository.trim() });
  };
  return (
    <Panel title="Investigate further">
      <form onSubmit={submit} className="space-y-3 px-3 py-3">
        <label htmlFor={id} className="sr-only">
          What the further run should hear first
        </label>
        <textarea
          id={id}
          rows={2}
          maxLength={20_000}
          value={text}
          onChange={(event) => setText(event.target.value)}
          placeholder="What is missing or wrong, or what you know meanwhile (optional)…"
          className={`${inputClass} block field-sizing-content max-h-60 resize-none`}
        />
        {!issue.repository && (
          <RepositoryOfIssue team={issue.team} named={repository} onName={setRepository} error={at("repository")} />
        )}
        <div className="flex flex-wrap items-end justify-between gap-x-4 gap-y-3">
          <ModelChoice chosen={model} onChoose={setModel} />
          <Button type="submit" variant="primary" isBusy={start.isPending} className="min-h-9 max-sm:w-full">
            {!start.isPending && <RotateCw className="size-3.5" aria-hidden />}
            Start another run
          </Button>
        </div>
        <ProblemNote error={rest} />
      </form>
    </Panel>
  );
}

interface Wanted {
  text: string;
  model: string;
  repository: string;
}

/** Says it to the ended run, which keeps it for the next one, and starts that. Repeating either changes nothing. */
function useStart(issueKey: string, runId: string, onDone: () => void) {
  const client = useQueryClient();
  const router = useRouter();
  // What is asked for once more after a failure is the same request only as long as it says the same.
  const [asked, setAsked] = useState({ of: "", id: "" });
  return useMutation({
    mutationFn: async (wanted: Wanted) => {
      const of = JSON.stringify(wanted);
      const id = asked.of === of ? asked.id : crypto.randomUUID();
      setAsked({ of, id });
      if (wanted.text) await api.sendMessage(runId, wanted.text, id);
      return api.startRun(issueKey, id, wanted.model, wanted.repository);
    },
    onSuccess: async (run) => {
      onDone();
      await client.invalidateQueries({ queryKey: ["issue", issueKey] });
      router.push(runAddress(issueKey, run.number));
    },
  });
}

interface RepositoryProps {
  team: string;
  named: string;
  onName: (name: string) => void;
  error: string | undefined;
}

/** For an issue that was reported without one: nothing of its code was read. */
function RepositoryOfIssue({ team, named, onName, error }: RepositoryProps) {
  const id = useId();
  const repositories = useQuery({ queryKey: ["repositories"], queryFn: api.repositories, select: (page) => page.results });
  return (
    <>
      <TextField
        id={id}
        label="Repository"
        hint="The report names none, so no code was read. With one, the further run reads it."
        isCode
        list={`${id}-known`}
        maxLength={1000}
        placeholder="Name or URL"
        value={named}
        onChange={onName}
        error={error}
      />
      <datalist id={`${id}-known`}>
        {repositories.data
          ?.filter((repository) => repository.team === team)
          .map(({ id: key, name }) => (
            <option key={key} value={name} />
          ))}
      </datalist>
    </>
  );
}

function ModelChoice({ chosen, onChoose }: { chosen: string; onChoose: (model: string) => void }) {
  const id = useId();
  const choices = useQuery({ queryKey: ["model-choices"], queryFn: api.modelChoices, staleTime: 5 * 60_000 });
  const models = choices.data?.results ?? [];
  // With one model there is nothing to choose; the button works without the list.
  if (models.length < 2) return <span />;
  return (
    <label htmlFor={id} className="flex min-w-0 flex-wrap items-center gap-x-2 text-[0.8125rem]">
      <span className="text-muted">Model</span>
      <select
        id={id}
        value={chosen}
        onChange={(event) => onChoose(event.target.value)}
        className="min-h-9 max-w-full rounded-md border border-line-strong bg-surface px-2 pointer-coarse:min-h-11"
      >
        {models.map(({ name, is_default, rest }) => (
          <option key={name} value={is_default ? "" : name}>
            {name}
            {is_default && " (as configured)"}
            {rest && " (left alone after failures)"}
          </option>
        ))}
      </select>
    </label>
  );
}
