"use client";
import { Settings2 } from "lucide-react";
import { Button } from "@/components/ui/button";
import { RelativeTime } from "@/components/ui/relative-time";
import type { Repository } from "@/lib/api-types";
import { indexState, mainCheckout } from "@/lib/repository-view";
import { IndexBadge, IndexProgress } from "./index-badge";

interface Props {
  repository: Repository;
  isAdmin: boolean;
  onOpen: () => void;
}

export function RepositoryRow({ repository, isAdmin, onOpen }: Props) {
  const checkout = mainCheckout(repository);
  const state = indexState(checkout);
  return (
    <li className="flex items-start gap-3 px-4 py-3">
      <div className="min-w-0 flex-1 space-y-1.5">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
          <h2 className="font-medium break-all">{repository.name}</h2>
          <IndexBadge state={state} />
        </div>
        <p className="font-mono text-xs break-all text-muted">{repository.source}</p>
        <IndexProgress state={state} label={`${state.label} ${repository.name}`} />
        {(state.detail || state.next) && (
          <p className={`text-[0.8125rem] break-words ${state.tone === "bad" ? "text-bad" : "text-muted"}`}>
            {[state.detail, state.next].filter(Boolean).join(" ")}
          </p>
        )}
        <Facts repository={repository} checkedAt={checkout?.checked_at ?? null} />
      </div>
      <Button onClick={onOpen} aria-label={`${isAdmin ? "Settings" : "Details"} of ${repository.name}`}>
        <Settings2 className="size-4" aria-hidden />
        <span className="hidden sm:inline">{isAdmin ? "Settings" : "Details"}</span>
      </Button>
    </li>
  );
}

function Facts({ repository, checkedAt }: { repository: Repository; checkedAt: string | null }) {
  const { default_branch, credential, webhook, test_command } = repository;
  return (
    <p className="flex flex-wrap gap-x-3 gap-y-0.5 text-xs text-muted">
      <span>{default_branch ? `Branch ${default_branch}` : "Default branch of the remote"}</span>
      {credential && (
        <span className={credential.failure ? "text-bad" : ""}>
          {credential.failure ? "Credential could not be used" : credential.kind === "ssh" ? "Private key" : "Token"}
        </span>
      )}
      {webhook && <span>Webhook</span>}
      {test_command && <span>Tests patches</span>}
      {checkedAt && (
        <span>
          Remote checked <RelativeTime at={checkedAt} />
        </span>
      )}
    </p>
  );
}
