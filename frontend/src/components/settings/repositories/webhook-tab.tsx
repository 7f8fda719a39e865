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
  const { createWebhook } = useRepositoryChanges();
  const { webhook } = repository;
  const stop = () => setAsked(null);
  const create = () => createWebhook.mutate(repository.id, { onSuccess: stop });
  const forget = () => {
    createWebhook.reset();
    stop();
  };
  return (
    <div className="space-y-5">
      <p className="text-muted">
        With a webhook, a push is indexed within seconds; without one, the remote is asked from time to time. Made for GitHub,
        GitLab, Gitea, Forgejo and Bitbucket.
      </p>
      {createWebhook.data && <Secret secret={createWebhook.data.secret} />}
      {webhook ? <Present webhook={webhook} /> : <p>There is none.</p>}
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
        <ConfirmReplace isBusy={createWebhook.isPending} error={createWebhook.error} onConfirm={create} onClose={stop} />
      )}
      {asked === "remove" && <ConfirmRemove id={repository.id} onRemoved={forget} onClose={stop} />}
    </div>
  );
}

function Present({ webhook }: { webhook: NonNullable<Repository["webhook"]> }) {
  return (
    <>
      <dl className="space-y-3">
        <div>
          <dt className="text-xs text-muted">Payload URL</dt>
          <dd className="flex items-center gap-2">
            <code className="min-w-0 flex-1 text-xs break-all">{webhook.url}</code>
            <CopyButton text={webhook.url} label="Copy the address" />
          </dd>
        </div>
        <div>
          <dt className="text-xs text-muted">Last used</dt>
          <dd>
            {webhook.used_at ? <RelativeTime at={webhook.used_at} /> : "No push has come with the right secret yet."}
            <span className="block text-xs text-muted">Set up on {fullTime(webhook.set_at)}</span>
          </dd>
        </div>
      </dl>
      <p className="text-xs text-muted">
        At the host: content type application/json, the events of pushes, and verification of TLS left on.
      </p>
    </>
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

interface ReplaceProps {
  isBusy: boolean;
  error: unknown;
  onConfirm: () => void;
  onClose: () => void;
}

function ConfirmReplace(props: ReplaceProps) {
  return (
    <ConfirmDialog title="Make a new secret" confirmLabel="Make a new secret" isDanger={false} {...props}>
      The present one stops working at once: deliveries are refused until the new one is entered at the host.
    </ConfirmDialog>
  );
}

function ConfirmRemove({ id, onRemoved, onClose }: { id: string; onRemoved: () => void; onClose: () => void }) {
  const { removeWebhook } = useRepositoryChanges();
  const confirm = () =>
    removeWebhook.mutate(id, {
      onSuccess: () => {
        notify("The webhook was removed.");
        onRemoved();
      },
    });
  return (
    <ConfirmDialog
      title="Remove the webhook"
      confirmLabel="Remove webhook"
      isBusy={removeWebhook.isPending}
      error={removeWebhook.error}
      onConfirm={confirm}
      onClose={onClose}
    >
      Pushes are then noticed when the remote is next asked.
    </ConfirmDialog>
  );
}
