/** What is said of a repository on the settings page, and what its forms send. */

import type { Credential } from "./api/repository-settings";
import type { Checkout, Repository } from "./api-types";
import { count, shortSha } from "./format";

export type IndexTone = "good" | "warn" | "bad" | "accent" | "neutral";

export interface IndexState {
  tone: IndexTone;
  label: string;
  /** More than the label says: what is being done, or why it failed. */
  detail: string;
  next: string;
  /** Of the work that the label names; null: not known, or none. */
  percent: number | null;
}

const WORK: Partial<Record<Checkout["state"], string>> = { cloning: "Cloning", indexing: "Indexing" };

/** The checkout that the repository's line speaks of: of its default branch, the one at work before the others. */
export function mainCheckout(repository: Repository): Checkout | undefined {
  const own = repository.checkouts.filter(({ revision }) => revision === "");
  return own.find(({ state }) => state in WORK) ?? own.find(({ state }) => state === "failed") ?? own[0];
}

/** Whether anything of it may be another thing in some seconds. */
export const isAtWork = (repository: Repository): boolean =>
  repository.checkouts.some(({ state, is_asked_for }) => is_asked_for || state in WORK || state === "pending");

export function indexState(checkout: Checkout | undefined): IndexState {
  if (!checkout)
    return { tone: "neutral", label: "Not indexed", detail: "No run has asked for it yet.", next: "", percent: null };
  const { state, commit, error, next_step: next, progress, percent, files_done, files_total, is_asked_for } = checkout;
  const work = WORK[state];
  if (work) {
    const files = files_total === null ? "" : `${count(files_done ?? 0)} of ${count(files_total)} files`;
    return { tone: "accent", label: work, detail: [progress, files].filter(Boolean).join(", "), next: "", percent };
  }
  if (state === "failed") return { tone: "bad", label: "Failed", detail: error, next, percent: null };
  if (state === "pending" || is_asked_for) {
    return {
      tone: "neutral",
      label: "Waiting",
      detail: "The indexer takes it up as soon as it is free.",
      next: "",
      percent: null,
    };
  }
  const label = `Ready at ${shortSha(commit)}`;
  if (error) return { tone: "warn", label, detail: `Not up to date: ${error}`, next, percent: null };
  return { tone: "good", label, detail: "", next: "", percent: null };
}

/** The intervals that are offered, in seconds; one that was set otherwise is offered too. */
export function pollChoices(current: number): { seconds: number; label: string }[] {
  const usual = [
    { seconds: 60, label: "Every minute" },
    { seconds: 300, label: "Every 5 minutes" },
    { seconds: 900, label: "Every 15 minutes" },
    { seconds: 3_600, label: "Every hour" },
    { seconds: 86_400, label: "Once a day" },
    { seconds: 0, label: "Never: only runs, people and webhooks" },
  ];
  if (usual.some(({ seconds }) => seconds === current)) return usual;
  return [{ seconds: current, label: `Every ${count(current)} seconds` }, ...usual];
}

export type CredentialKind = "none" | "https" | "ssh";

/** What a form about a credential holds. Nothing of it is ever kept in the browser. */
export interface CredentialDraft {
  kind: CredentialKind;
  username: string;
  token: string;
  privateKey: string;
  knownHosts: string;
}

export const NO_CREDENTIAL: CredentialDraft = { kind: "none", username: "", token: "", privateKey: "", knownHosts: "" };

/** Only what belongs to the chosen kind: what was typed under the other one stays here. */
export function credentialBody(draft: CredentialDraft): Credential | null {
  if (draft.kind === "https") return { username: draft.username.trim(), token: draft.token.trim() };
  if (draft.kind === "ssh") return { private_key: draft.privateKey, known_hosts: draft.knownHosts };
  return null;
}

/** The kind that an address can be read with: ssh for `git@host:path` and `ssh://`, else a token. */
export function kindFor(source: string): Exclude<CredentialKind, "none"> {
  return /^ssh:\/\/|^[^/\s]+@[^/\s]+:/.test(source.trim()) ? "ssh" : "https";
}
