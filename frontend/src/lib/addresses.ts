/** Addresses of pages, and what an address says. */

export const issueAddress = (key: string): string => `/issues/${encodeURIComponent(key)}/`;

export const runAddress = (key: string, number: number): string => `${issueAddress(key)}?run=${number}`;

/**
 * The issue's key in a path. The export has one page for all issues, so the router's parameter is always `_`; the path is
 * what tells them apart. "" for the bare shell.
 */
export function issueKeyIn(pathname: string): string {
  const key = /^\/issues\/([\w-]+)/.exec(pathname)?.[1] ?? "";
  return key === "_" ? "" : key;
}

const HERE = "http://here.invalid";

/**
 * Where to go after signing in: only a path of this site, never another host. It is resolved as a browser does it before it
 * is judged: `/.//host` and `/\host` turn into another host, and so does what is left once tabs and line ends are dropped.
 */
export function safeNext(next: string | null): string {
  if (!next?.startsWith("/") || !URL.canParse(next, HERE)) return "/";
  const { origin, pathname, search, hash } = new URL(next, HERE);
  return origin === HERE && !pathname.startsWith("//") ? pathname + search + hash : "/";
}

export const signInAddress = (returnTo: string): string => `/login/?next=${encodeURIComponent(returnTo)}`;
