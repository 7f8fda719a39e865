"use client";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { CopyButton } from "@/components/ui/copy-button";
import { ProblemNote } from "@/components/ui/problem-note";
import { RelativeTime } from "@/components/ui/relative-time";
import { useRepositoryChanges } from "@/hooks/use-repository-settings";
import type { Repository } from "@/lib/api-types";
import { fullTime } from "@/lib/format";
import { notify } from "@/lib/notices";

/** Where the repository's host tells of pushes. The secret is in the answer that makes it, and nowhere after that. */
export function WebhookTab({ repository }: { repository: Repository }) {
  const [asked, setAsked] = useState<"replace" | "remove" | null>(null);
  const { createWebhook, removeWebhook } = useRepositoryChanges();
  const { webhook } = repository;
  const made = createWebhook.data;
  const create = () => createWebhook.mutate(repository.id, { onSuccess: () => setAsked(null) });
  return (
    <div className="space-y-5">
      <p className="text-muted">
        With a webhook, a push is indexed within seconds; without one, the remote is asked from time to time. Made for GitHub,
        GitLab, Gitea, Forgejo and Bitbucket.
      </p>
      {made && <Secret secret={made.secret} />}
      {webhook ? (
        <dl className="space-y-3">
          <Copied name="Payload URL" value={webhook.url} label="Copy the address" />
          <div>
            <dt className="text-xs text-muted">Last used</dt>
            <dd>
              {webhook.used_at ? <RelativeTime at={webhook.used_at} /> : "No push has come with the right secret yet."}
              <span className="text-muted"> Set up on {fullTime(webhook.set_at)}.</span>
            </dd>
          </div>
        </dl>
      ) : (
        <p>There is none.</p>
      )}
      {webhook && (
        <p className="text-xs text-muted">
          At the host: content type application/json, the events of pushes, and verification of TLS left on.
        </p>
      )}
      <ProblemNote error={asked ? null : createWebhook.error} />
      <div className="flex flex-wrap gap-2">
        {webhook ? (
          <>
            <Button onClick={() => setAsked("replace")}>New secret</Button>
            <Button variant="danger" onClick={() => setAsked("remove")}>
              Remove webhook
            </Button>
          </>
        ) : (
          <Button variant="primary" isBusy={createWebhook.isPending} onClick={create}>
            Set up a webhook
          </Button>
        )}
      </div>
      {asked === "replace" && (
        <ConfirmDialog
          title="Make a new secret"
          confirmLabel="Make a new secret"
          isDanger={false}
          isBusy={createWebhook.isPending}
          error={createWebhook.error}
          onConfirm={create}
          onClose={() => setAsked(null)}
        >
          The present one stops working at once: deliveries are refused until the new one is entered at the host.
        </ConfirmDialog>
      )}
      {asked === "remove" && (
        <ConfirmDialog
          title="Remove the webhook"
          confirmLabel="Remove webhook"
          isBusy={removeWebhook.isPending}
          error={removeWebhook.error}
          onConfirm={() =>
            removeWebhook.mutate(repository.id, {
              onSuccess: () => {
                createWebhook.reset();
                setAsked(null);
                notify("The webhook was removed.");
              },
            })
          }
          onClose={() => setAsked(null)}
        >
          Pushes are then noticed when the remote is next asked.
        </ConfirmDialog>
      )}
    </div>
  );
}

function Secret({ secret }: { secret: string }) {
  return (
    <section aria-label="The secret" className="space-y-2 rounded-lg border border-warn/50 bg-warn-soft p-3">
      <p role="status" className="font-medium">
        Enter this secret at the repository's host now. It is not shown again.
      </p>
      <div className="flex items-center gap-2">
        <code className="min-w-0 flex-1 rounded bg-surface px-2 py-1.5 text-xs break-all">{secret}</code>
        <CopyButton text={secret} label="Copy the secret" />
      </div>
    </section>
  );
}

function Copied({ name, value, label }: { name: string; value: string; label: string }) {
  return (
    <div>
      <dt className="text-xs text-muted">{name}</dt>
      <dd className="flex items-center gap-2">
        <code className="min-w-0 flex-1 text-xs break-all">{value}</code>
        <CopyButton text={value} label={label} />
      </dd>
    </div>
  );
}
