"use client";
import { type ReactNode, useState } from "react";
import { Dialog } from "@/components/ui/dialog";
import { describedBy, Field, inputClass } from "@/components/ui/field";
import { FormDialog } from "@/components/ui/form-dialog";
import { SelectField } from "@/components/ui/select-field";
import { TextField } from "@/components/ui/text-field";
import { useCreateToken } from "@/hooks/use-tokens";
import { formErrors } from "@/lib/form-errors";
import { EMPTY_TOKEN, LIFETIMES, newToken, type TokenForm, type TokenProblems } from "@/lib/token-form";
import { RoleField } from "./role-field";
import { ShownOnce } from "./shown-once";

/** A new token; its key is shown here and never again. */
export function CreateToken({ onClose }: { onClose: () => void }) {
  const create = useCreateToken();
  const [form, setForm] = useState(EMPTY_TOKEN);
  const [problems, setProblems] = useState<TokenProblems>({});
  if (create.data) {
    return (
      <Dialog title={`Created ${create.data.name}`} onClose={onClose}>
        <ShownOnce label="Key" secret={create.data.key} onDone={onClose}>
          Send it as the header <code className="font-mono text-xs">Authorization: Bearer …</code> to the API, or give it to an
          MCP client as its bearer token.
        </ShownOnce>
      </Dialog>
    );
  }
  const change = (part: Partial<TokenForm>) => setForm({ ...form, ...part });
  const submit = () => {
    const checked = newToken(form, Date.now());
    setProblems("problems" in checked ? checked.problems : {});
    if ("token" in checked) create.mutate(checked.token);
  };
  const { at, rest } = formErrors(create.error, ["name", "tools", "expires_at"]);
  const errorOf = (field: keyof TokenProblems) => problems[field] ?? at(field);
  return (
    <FormDialog
      title="Create a token"
      submitLabel="Create the token"
      isBusy={create.isPending}
      error={rest}
      noValidate
      onSubmit={submit}
      onClose={onClose}
    >
      <TextField
        id="token-name"
        label="Name"
        hint="What will use it: a script, an agent, a pipeline."
        maxLength={100}
        autoComplete="off"
        value={form.name}
        onChange={(name) => change({ name })}
        error={errorOf("name")}
      />
      <RoleField id="token-role" value={form.role} onChange={(role) => change({ role })} />
      <ToolsField form={form} change={change} error={errorOf("tools")} />
      <ExpiryField form={form} change={change} error={errorOf("expires_at")} />
    </FormDialog>
  );
}

interface PartProps {
  form: TokenForm;
  change: (part: Partial<TokenForm>) => void;
  error: string | undefined;
}

const TOOL_CHOICES: readonly { value: TokenForm["tools"]; label: ReactNode }[] = [
  { value: "all", label: "All tools of the gateway" },
  { value: "some", label: "Only these" },
  { value: "none", label: "None: only the API" },
];

function ToolsField({ form, change, error }: PartProps) {
  return (
    <fieldset className="space-y-1.5">
      <legend className="mb-1 text-[0.8125rem] font-medium">Tools</legend>
      {TOOL_CHOICES.map(({ value, label }) => (
        <label key={value} className="flex min-h-6 items-center gap-2 text-[0.8125rem] pointer-coarse:min-h-11">
          <input
            type="radio"
            name="tools"
            checked={form.tools === value}
            onChange={() => change({ tools: value })}
            className="size-4 accent-accent"
          />
          {label}
        </label>
      ))}
      {form.tools === "some" && (
        <Field id="token-globs" label="Names of tools" hint="With commas between: code__*, issues__read" error={error}>
          <textarea
            id="token-globs"
            rows={2}
            spellCheck={false}
            autoCapitalize="none"
            value={form.globs}
            onChange={(event) => change({ globs: event.target.value })}
            aria-invalid={error ? true : undefined}
            aria-describedby={describedBy("token-globs")}
            className={`${inputClass} font-mono`}
          />
        </Field>
      )}
    </fieldset>
  );
}

function ExpiryField({ form, change, error }: PartProps) {
  const hint = form.lifetime === "never" ? "It works until somebody revokes it. A date is safer." : undefined;
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <SelectField
        id="token-lifetime"
        label="Expires after"
        hint={hint}
        choices={LIFETIMES}
        value={form.lifetime}
        onChange={(lifetime) => change({ lifetime })}
        error={form.lifetime === "date" ? undefined : error}
      />
      {form.lifetime === "date" && (
        <TextField
          id="token-day"
          label="Last day"
          type="date"
          value={form.lastDay}
          onChange={(lastDay) => change({ lastDay })}
          error={error}
        />
      )}
    </div>
  );
}
