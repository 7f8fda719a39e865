/** What the tools that read code give back, taken apart: the file at its commit, and its lines with their numbers. */

export interface CodeLine {
  number: number;
  /** Of a blame: who changed the line last, and when. */
  by: string;
  text: string;
}

export interface CodeResult {
  path: string;
  commit: string;
  lines: CodeLine[];
  /** What is told after the lines. */
  rest: string;
}

const HEAD = /^(\S.*) at ([0-9a-f]{7,40})(?:, lines \d+ to \d+ of \d+)?$/;
const LINE = /^ {0,4}(\d{1,7}) {2}(.*)$/;
const BLAMED = /^([0-9a-f]{12} {2}\d{4}-\d\d-\d\d {2}.{20}) {2}(.*)$/;

/** Results of `read` and `blame`; null for anything else, which is shown as the text that it is. */
export function parseCode(text: string): CodeResult | null {
  const lines = text.split("\n");
  const [, path, commit] = HEAD.exec(lines[0] ?? "") ?? [];
  if (!path || !commit) return null;
  const end = lines.findIndex((line, index) => index > 0 && !LINE.test(line));
  const code = lines.slice(1, end < 0 ? lines.length : end);
  if (code.length === 0) return null;
  const rest = end < 0 ? "" : lines.slice(end).join("\n").trim();
  return { path, commit, lines: code.map(codeLine), rest };
}

/** The lines of an excerpt, which has no head; null where they bear no numbers. */
export function parseExcerpt(text: string): CodeLine[] | null {
  const lines = text.replace(/\n+$/, "").split("\n");
  return lines.every((line) => LINE.test(line)) ? lines.map(codeLine) : null;
}

function codeLine(line: string): CodeLine {
  const [, number = "", told = ""] = LINE.exec(line) ?? [];
  const [, by, text] = BLAMED.exec(told) ?? [];
  return { number: Number(number), by: by ?? "", text: text ?? told };
}

export interface ShownCommit {
  head: string;
  diff: string;
}

/** Where a diff begins in a result, such as that of a commit; null without one. */
export function splitDiff(text: string): ShownCommit | null {
  const start = /^diff --git /m.exec(text)?.index;
  return start === undefined ? null : { head: text.slice(0, start).trimEnd(), diff: text.slice(start) };
}
