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

/**
 * Where to go after signing in: only a path of this site, never another host (`//host`, `/\host`). Browsers drop tabs and
 * line ends before they read an address, so one with them may turn into that.
 */
export function safeNext(next: string | null): string {
  return next && /^\/(?![/\\])[^\t\r\n]*$/.test(next) ? next : "/";
}

export const signInAddress = (returnTo: string): string => `/login/?next=${encodeURIComponent(returnTo)}`;
