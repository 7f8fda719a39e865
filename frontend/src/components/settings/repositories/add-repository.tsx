"use client";
import { useState } from "react";
import { FormDialog } from "@/components/ui/form-dialog";
import { SelectField } from "@/components/ui/select-field";
import { TextField } from "@/components/ui/text-field";
import { useRepositoryChanges } from "@/hooks/use-repository-settings";
import type { Me, Repository } from "@/lib/api-types";
import { formErrors } from "@/lib/form-errors";
import { notify } from "@/lib/notices";
import { type CredentialDraft, credentialBody, kindFor, NO_CREDENTIAL } from "@/lib/repository-view";
import { CREDENTIAL_FIELDS, type CredentialField, CredentialFields } from "./credential-fields";
import { BranchField, TestCommandField } from "./repository-fields";

const FIELDS = ["source", "name", "default_branch", "test_command", ...CREDENTIAL_FIELDS] as const;
const EMPTY = { source: "", name: "", default_branch: "", test_command: "" };

export function AddRepository({ team, onClose }: { team: Me["teams"][number]; onClose: () => void }) {
  const [values, setValues] = useState(EMPTY);
  const [credential, setCredential] = useState<CredentialDraft>(NO_CREDENTIAL);
  const { add } = useRepositoryChanges();
  const { at, rest } = formErrors(add.error, FIELDS);
  const change = (part: Partial<Values>) => setValues((known) => ({ ...known, ...part }));
  const onSuccess = ({ name }: Repository) => {
    notify(`${name} was added; its clone and index are being made.`);
    onClose();
  };
  return (
    <FormDialog
      title={`Add a repository to ${team.name}`}
      placement="side"
      submitLabel="Add repository"
      isBusy={add.isPending}
      error={rest}
      onSubmit={() => add.mutate({ ...values, team: team.key, credential: credentialBody(credential) }, { onSuccess })}
      onClose={onClose}
    >
      <PlaceFields values={values} onChange={change} errorAt={at} />
      <CredentialChoice source={values.source} draft={credential} onChange={setCredential} errorAt={at} />
      <TestCommandField
        value={values.test_command}
        onChange={(test_command) => change({ test_command })}
        error={at("test_command")}
      />
    </FormDialog>
  );
}

type Values = typeof EMPTY;

interface PlaceProps {
  values: Values;
  onChange: (part: Partial<Values>) => void;
  errorAt: (name: keyof Values) => string | undefined;
}

/** Where it lies, what it is called, and which branch is read. */
function PlaceFields({ values, onChange, errorAt }: PlaceProps) {
  return (
    <>
      <TextField
        id="source"
        label="Address"
        isCode
        required
        maxLength={1000}
        placeholder="https://github.com/example/shop.git"
        hint="An https or ssh URL."
        value={values.source}
        onChange={(source) => onChange({ source })}
        error={errorAt("source")}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          id="name"
          label="Name"
          isOptional
          isCode
          hint="Without one, the last part of the address."
          maxLength={200}
          value={values.name}
          onChange={(name) => onChange({ name })}
          error={errorAt("name")}
        />
        <BranchField
          value={values.default_branch}
          onChange={(default_branch) => onChange({ default_branch })}
          error={errorAt("default_branch")}
        />
      </div>
    </>
  );
}

interface ChoiceProps {
  source: string;
  draft: CredentialDraft;
  onChange: (draft: CredentialDraft) => void;
  errorAt: (name: CredentialField) => string | undefined;
}

function CredentialChoice({ source, draft, onChange, errorAt }: ChoiceProps) {
  const fitting = kindFor(source);
  return (
    <div className="space-y-4">
      <SelectField
        id="kind"
        label="Credential"
        hint={draft.kind === "none" ? "A private repository needs one." : "It is stored encrypted and never shown again."}
        choices={[
          { value: "none", label: "None: anybody may read it" },
          { value: "given", label: fitting === "ssh" ? "A private key" : "A token" },
        ]}
        value={draft.kind === "none" ? "none" : "given"}
        onChange={(choice) => onChange({ ...draft, kind: choice === "none" ? "none" : fitting })}
      />
      {draft.kind !== "none" && (
        <CredentialFields
          draft={{ ...draft, kind: fitting }}
          onChange={(part) => onChange({ ...draft, kind: fitting, ...part })}
          errorAt={errorAt}
        />
      )}
    </div>
  );
}
