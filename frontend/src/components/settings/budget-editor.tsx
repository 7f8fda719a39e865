"use client";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { inputClass } from "@/components/ui/field";
import { ProblemNote } from "@/components/ui/problem-note";
import { useSetBudget } from "@/hooks/use-budget";
import type { Limits, TeamBudget } from "@/lib/api-types";
import {
  type BudgetForm,
  type BudgetProblems,
  budgetChange,
  budgetForm,
  type LimitField,
  type LimitName,
  MEASURES,
  SCOPES,
  type Scope,
} from "@/lib/budget-form";
import { notify } from "@/lib/notices";
import { problemOf } from "@/lib/problem";

interface Props {
  teamId: number;
  /** What the form begins with. */
  budget: TeamBudget;
  /** Who has changed the budget since; empty: nobody. */
  changedBy: string;
  onSaved: (budget: TeamBudget) => void;
  /** Begin anew with what the server has now. */
  onReload: () => void;
}

const SCOPE_TEXTS = {
  run: { title: "Each run", lead: "At a limit, it concludes with what it has." },
  day: { title: "All runs of a day", lead: "At a limit, no run asks a model until the next day (UTC)." },
};

/** The limits of a team, to be changed together. */
export function BudgetEditor({ teamId, budget, changedBy, onSaved, onReload }: Props) {
  const [form, setForm] = useState(() => budgetForm(budget));
  const [problems, setProblems] = useState<BudgetProblems>({});
  const save = useSetBudget(teamId);
  const isChanged = JSON.stringify(form) !== JSON.stringify(budgetForm(budget));
  const isConflict = problemOf(save.error)?.status === 409 || changedBy !== "";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const checked = budgetChange(form, budget);
    setProblems("problems" in checked ? checked.problems : {});
    if (!("change" in checked)) return;
    save.mutate(checked.change, {
      onSuccess: (saved) => {
        setForm(budgetForm(saved));
        notify("Saved. The limits hold from the next stage of each run on.");
        onSaved(saved);
      },
    });
  };
  const setLimit = (name: LimitName, field: LimitField) => setForm({ ...form, limits: { ...form.limits, [name]: field } });
  return (
    <form onSubmit={submit} noValidate className="overflow-hidden rounded-lg border border-line bg-surface">
      <div className="grid divide-y divide-line lg:grid-cols-2 lg:divide-x lg:divide-y-0">
        {SCOPES.map((scope) => (
          <ScopeLimits
            key={scope}
            scope={scope}
            defaults={budget.defaults[scope]}
            limits={form.limits}
            problems={problems}
            onChange={setLimit}
          />
        ))}
      </div>
      <FirstRung form={form} setForm={setForm} problem={problems.ask_at} />
      <div className="space-y-3 border-t border-line px-4 py-3">
        {changedBy ? (
          <p role="status" className="text-[0.8125rem] text-warn">
            {changedBy} has changed the budget meanwhile.
          </p>
        ) : (
          <ProblemNote error={save.error} />
        )}
        <div className="flex flex-wrap justify-end gap-2">
          {isConflict ? (
            <Button onClick={onReload}>Show how it is now</Button>
          ) : (
            <Button disabled={!isChanged} onClick={() => setForm(budgetForm(budget))}>
              Discard changes
            </Button>
          )}
          <Button type="submit" variant="primary" disabled={!isChanged || isConflict} isBusy={save.isPending}>
            Save the limits
          </Button>
        </div>
      </div>
    </form>
  );
}

interface ScopeProps {
  scope: Scope;
  defaults: Limits;
  limits: BudgetForm["limits"];
  problems: BudgetProblems;
  onChange: (name: LimitName, field: LimitField) => void;
}

function ScopeLimits({ scope, defaults, limits, problems, onChange }: ScopeProps) {
  const { title, lead } = SCOPE_TEXTS[scope];
  return (
    <fieldset className="min-w-0 p-4">
      <legend className="sr-only">{title}</legend>
      <p className="text-[0.8125rem] font-medium" aria-hidden>
        {title}
      </p>
      <p className="mb-3 text-xs text-muted">{lead}</p>
      <div className="space-y-3">
        {MEASURES.map(({ measure, label, unit, write }) => {
          const name: LimitName = `${scope}_${measure}`;
          const given = defaults[measure];
          return (
            <LimitRow
              key={name}
              name={name}
              label={label}
              unit={unit}
              given={given === null ? "no limit" : write(given)}
              field={limits[name]}
              problem={problems[name]}
              onChange={(field) => onChange(name, field)}
            />
          );
        })}
      </div>
    </fieldset>
  );
}

interface RowProps {
  name: LimitName;
  label: string;
  unit: string;
  /** What the settings say, written. */
  given: string;
  field: LimitField;
  problem: string | undefined;
  onChange: (field: LimitField) => void;
}

function LimitRow({ name, label, unit, given, field, problem, onChange }: RowProps) {
  return (
    <div>
      <div className="grid grid-cols-[minmax(0,1fr)] items-center gap-2 sm:grid-cols-[6.5rem_minmax(0,1fr)]">
        <label htmlFor={name} className="text-[0.8125rem]">
          {label}
        </label>
        <select
          id={name}
          value={field.choice}
          onChange={(event) => onChange({ ...field, choice: event.target.value as LimitField["choice"] })}
          className={inputClass}
        >
          <option value="settings">Default ({given})</option>
          <option value="own">Own limit</option>
          <option value="none">No limit</option>
        </select>
        {field.choice === "own" && (
          <span className="flex items-center gap-2 sm:col-start-2">
            <input
              inputMode="decimal"
              aria-label={`${label}, ${unit}`}
              aria-invalid={problem ? true : undefined}
              aria-describedby={problem ? `${name}-note` : undefined}
              value={field.text}
              onChange={(event) => onChange({ ...field, text: event.target.value })}
              className={`${inputClass} text-right`}
            />
            <span className="w-18 shrink-0 text-xs text-muted">{unit}</span>
          </span>
        )}
      </div>
      {problem && (
        <p id={`${name}-note`} role="alert" className="mt-1 text-xs font-medium text-bad sm:ml-28">
          {problem}
        </p>
      )}
    </div>
  );
}

interface RungProps {
  form: BudgetForm;
  setForm: (form: BudgetForm) => void;
  problem: string | undefined;
}

function FirstRung({ form, setForm, problem }: RungProps) {
  return (
    <fieldset className="border-t border-line p-4">
      <legend className="sr-only">Before a limit is reached</legend>
      <div className="flex flex-wrap items-center gap-x-2 gap-y-2 text-[0.8125rem]">
        <label htmlFor="ask-at">At</label>
        <input
          id="ask-at"
          inputMode="numeric"
          aria-label="Percent of a limit"
          aria-invalid={problem ? true : undefined}
          aria-describedby={problem ? "ask-at-note" : undefined}
          value={form.askAt}
          onChange={(event) => setForm({ ...form, askAt: event.target.value })}
          className={`${inputClass} w-16! text-right`}
        />
        <span>percent of a limit</span>
        <select
          aria-label="What happens then"
          value={form.asks ? "ask" : "conclude"}
          onChange={(event) => setForm({ ...form, asks: event.target.value === "ask" })}
          className={`${inputClass} w-auto!`}
        >
          <option value="ask">ask people whether to go on</option>
          <option value="conclude">conclude with what is known</option>
        </select>
      </div>
      {problem && (
        <p id="ask-at-note" role="alert" className="mt-1 text-xs font-medium text-bad">
          {problem}
        </p>
      )}
    </fieldset>
  );
}
