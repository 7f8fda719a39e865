"use client";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { ProblemNote } from "@/components/ui/problem-note";
import { RelativeTime } from "@/components/ui/relative-time";
import { useRepositoryChanges } from "@/hooks/use-repository-settings";
import type { Repository } from "@/lib/api-types";
import { formErrors } from "@/lib/form-errors";
import { fullTime } from "@/lib/format";
import { notify } from "@/lib/notices";
import { type CredentialDraft, credentialBody, kindFor, NO_CREDENTIAL } from "@/lib/repository-view";
import { CREDENTIAL_FIELDS, CredentialFields } from "./credential-fields";

/** Whether there is one and how it fares, and a form that puts another in its place. What it says is never shown. */
export function CredentialTab({ repository }: { repository: Repository }) {
  const kind = kindFor(repository.source);
  const empty: CredentialDraft = { ...NO_CREDENTIAL, kind };
  const [draft, setDraft] = useState(empty);
  const { setCredential } = useRepositoryChanges();
  const { at, rest } = formErrors(setCredential.error, CREDENTIAL_FIELDS);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const body = credentialBody(draft);
    if (!body) return;
    setCredential.mutate(
      { id: repository.id, ...body },
      {
        onSuccess: () => {
          setDraft(empty);
          notify("The credential is kept and being tried.");
        },
      },
    );
  };
  return (
    <div className="space-y-6">
      <Present repository={repository} />
      <form onSubmit={submit} className="space-y-4">
        <h3 className="font-medium">{repository.credential ? "Replace it" : "Set one"}</h3>
        <CredentialFields draft={draft} onChange={(part) => setDraft((known) => ({ ...known, ...part }))} errorAt={at} />
        <p className="text-xs text-muted">
          It is stored encrypted, sent to the repository's own host only, and never shown again.
        </p>
        <ProblemNote error={rest} />
        <div className="flex justify-end">
          <Button type="submit" variant="primary" isBusy={setCredential.isPending}>
            {repository.credential ? "Replace credential" : "Set credential"}
          </Button>
        </div>
      </form>
    </div>
  );
}

function Present({ repository }: { repository: Repository }) {
  const [isAsking, setAsking] = useState(false);
  const { removeCredential } = useRepositoryChanges();
  const { credential } = repository;
  if (!credential) return <p className="text-muted">There is none: the repository is read as anybody may read it.</p>;
  return (
    <section
      aria-label="The present credential"
      className="flex flex-wrap items-start justify-between gap-3 rounded-lg border border-line p-3"
    >
      <div className="min-w-0 space-y-1">
        <p className="font-medium">{credential.kind === "ssh" ? "Private key" : "Token"}</p>
        <p className="text-[0.8125rem] text-muted">
          Set by {credential.set_by} on {fullTime(credential.set_at)}.
          {credential.worked_at && (
            <>
              {" "}
              Last let in <RelativeTime at={credential.worked_at} />.
            </>
          )}
        </p>
        {credential.failure && <p className="text-bad break-words">{credential.failure}</p>}
      </div>
      <Button variant="danger" onClick={() => setAsking(true)}>
        Remove
      </Button>
      {isAsking && (
        <ConfirmDialog
          title={`Remove the credential of ${repository.name}`}
          confirmLabel="Remove credential"
          isBusy={removeCredential.isPending}
          error={removeCredential.error}
          onConfirm={() => removeCredential.mutate(repository.id, { onSuccess: () => setAsking(false) })}
          onClose={() => setAsking(false)}
        >
          A private repository cannot be updated without one; what is indexed can still be read.
        </ConfirmDialog>
      )}
    </section>
  );
}
