/** What the command palette offers for what is typed. */

/** Every word of the query begins a word of the title. */
export function isMatch(title: string, query: string): boolean {
  const words = title.toLowerCase().split(/[^\p{L}\p{N}]+/u);
  return queryWords(query).every((part) => words.some((word) => word.startsWith(part)));
}

const queryWords = (query: string): string[] =>
  query
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);

/** Those that match, first the ones whose title begins with the query. */
export function ranked<T extends { title: string }>(entries: readonly T[], query: string): T[] {
  const wanted = query.trim().toLowerCase();
  const rank = (entry: T) => (entry.title.toLowerCase().startsWith(wanted) ? 0 : 1);
  return entries.filter((entry) => isMatch(entry.title, query)).sort((a, b) => rank(a) - rank(b));
}

/** The key that the query is, also as `sah12`, or as `12` where there is only one team; "" for anything else. */
export function keyIn(query: string, teams: readonly string[]): string {
  const [, letters = "", number] = /^\s*([a-z][a-z0-9]*?)?[-\s]?(\d{1,9})\s*$/i.exec(query) ?? [];
  if (!number) return "";
  const only = teams.length === 1 ? teams[0] : undefined;
  const team = letters ? teams.find((key) => key.toLowerCase() === letters.toLowerCase()) : only;
  return team ? `${team}-${Number(number)}` : "";
}
