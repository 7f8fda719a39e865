import type { Checkout, Repository } from "./api-types";

const BUSY: Partial<Record<Checkout["state"], string>> = {
  pending: "Waiting for the indexer",
  cloning: "Cloning",
  indexing: "Indexing",
};

/** Its default branch, on the host that has most to do. */
function checkoutOf(repository: Repository): Checkout | undefined {
  const own = repository.checkouts.filter(({ revision }) => revision === "");
  return own.find(({ state }) => state in BUSY) ?? own.find(({ state }) => state === "failed") ?? own[0];
}

/** Whether what `stateLine` says may be another thing in some seconds. */
export const isBusy = (repository: Repository): boolean => (checkoutOf(repository)?.state ?? "ready") in BUSY;

/** How far a repository is, in one line; null if nobody has asked for it yet. */
export function stateLine(repository: Repository): string | null {
  const checkout = checkoutOf(repository);
  if (!checkout) return null;
  const { state, commit, error, next_step, percent, files_done, files_total } = checkout;
  if (state === "failed") return [error, next_step].filter(Boolean).join(" ");
  if (state === "ready") {
    const failure = error && ` It could not be updated since: ${error}`;
    return `Ready at ${commit.slice(0, 10)}.${failure}`;
  }
  const files =
    files_total === null ? "" : ` (${(files_done ?? 0).toLocaleString("en")} of ${files_total.toLocaleString("en")} files)`;
  return `${BUSY[state]}${percent === null ? "" : `, ${percent} %`}${files}. A report may be filed now; it waits.`;
}
