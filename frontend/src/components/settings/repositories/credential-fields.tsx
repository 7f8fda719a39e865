"use client";
import { describedBy, Field, inputClass } from "@/components/ui/field";
import { TextField } from "@/components/ui/text-field";
import type { CredentialDraft } from "@/lib/repository-view";

export type CredentialField = "username" | "token" | "private_key" | "known_hosts";
export const CREDENTIAL_FIELDS: readonly CredentialField[] = ["username", "token", "private_key", "known_hosts"];

interface Props {
  draft: CredentialDraft;
  onChange: (part: Partial<CredentialDraft>) => void;
  errorAt: (name: CredentialField) => string | undefined;
}

/** What the repository is read with. Browsers are asked to keep nothing of it. */
export function CredentialFields({ draft, onChange, errorAt }: Props) {
  if (draft.kind === "https") return <TokenFields draft={draft} onChange={onChange} errorAt={errorAt} />;
  return draft.kind === "ssh" ? <KeyFields draft={draft} onChange={onChange} errorAt={errorAt} /> : null;
}

function TokenFields({ draft, onChange, errorAt }: Props) {
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <TextField
        id="username"
        label="User name"
        isOptional
        hint="Most hosts take any name with a token."
        isCode
        maxLength={200}
        value={draft.username}
        onChange={(username) => onChange({ username })}
        error={errorAt("username")}
      />
      <TextField
        id="token"
        label="Token"
        hint="It needs no more than to read the code."
        isCode
        type="password"
        required
        maxLength={4000}
        autoComplete="new-password"
        value={draft.token}
        onChange={(token) => onChange({ token })}
        error={errorAt("token")}
      />
    </div>
  );
}

function KeyFields({ draft, onChange, errorAt }: Props) {
  return (
    <>
      <Field id="private_key" label="Private key" hint="A deploy key without a passphrase." error={errorAt("private_key")}>
        <textarea
          id="private_key"
          required
          rows={5}
          maxLength={16_000}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          value={draft.privateKey}
          onChange={(event) => onChange({ privateKey: event.target.value })}
          placeholder="-----BEGIN OPENSSH PRIVATE KEY-----"
          aria-invalid={errorAt("private_key") ? true : undefined}
          aria-describedby={describedBy("private_key")}
          className={`${inputClass} resize-y font-mono text-xs sm:text-xs`}
        />
      </Field>
      <Field
        id="known_hosts"
        label="Host keys"
        isOptional
        hint="The lines of ssh-keyscan for the host. Without them the first key that it shows is kept and no other accepted."
        error={errorAt("known_hosts")}
      >
        <textarea
          id="known_hosts"
          rows={2}
          maxLength={16_000}
          spellCheck={false}
          value={draft.knownHosts}
          onChange={(event) => onChange({ knownHosts: event.target.value })}
          aria-describedby={describedBy("known_hosts")}
          className={`${inputClass} resize-y font-mono text-xs sm:text-xs`}
        />
      </Field>
    </>
  );
}
