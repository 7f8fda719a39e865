/** Where a line of code is shown by the service that hosts its repository. */

export interface CodePlace {
  path: string;
  line: number | null;
  /** Part of its name is enough for these services. */
  commit: string;
}

type Write = (repository: string, place: CodePlace) => string;

const PATHS: Record<string, Write> = {
  "github.com": (repository, { commit, path, line }) => `${repository}/blob/${commit}/${path}${line ? `#L${line}` : ""}`,
  "gitlab.com": (repository, { commit, path, line }) => `${repository}/-/blob/${commit}/${path}${line ? `#L${line}` : ""}`,
  "bitbucket.org": (repository, { commit, path, line }) => `${repository}/src/${commit}/${path}${line ? `#lines-${line}` : ""}`,
};

/** `https://github.com/acme/shop.git` and `git@github.com:acme/shop.git`; "" for hosts whose addresses are not known. */
export function codeAddress(source: string, place: CodePlace): string {
  const [, host = "", repository = ""] =
    /^(?:https:\/\/|ssh:\/\/)?(?:[^@/]+@)?([^/:]+)[/:](.+?)(?:\.git)?\/?$/.exec(source) ?? [];
  const write = PATHS[host];
  if (!write || !place.path || !place.commit) return "";
  const path = place.path.split("/").map(encodeURIComponent).join("/");
  return `https://${host}/${write(repository, { ...place, path })}`;
}
