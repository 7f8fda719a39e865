/** What goes into a report besides what is typed: files as code blocks, pasted traces, and how much of it fits. Pure. */
import { inline } from "./markdown-text";

/** Of a report's body, as the server takes it unless it was set otherwise (`SAHUR_MAX_REPORT_CHARS`). */
export const MAX_REPORT_CHARS = 200_000;
/** A larger file is not even read. UTF-8 has up to four bytes a character. */
export const MAX_FILE_BYTES = 20_000_000;
/** From this part of the limit on the page counts. */
const NEAR_LIMIT = 0.8;

export const isNearLimit = (text: string): boolean => text.length > MAX_REPORT_CHARS * NEAR_LIMIT;

const number = (value: number): string => new Intl.NumberFormat("en").format(value);

/** A file that cannot be attached as it is: why, what to do, and its end where that would fit. */
export interface Refusal {
  name: string;
  reason: string;
  /** The last whole lines that fit; "" where nothing can be taken. */
  end: string;
}

export type ReadFile = { name: string; text: string } | Refusal;

export const isRefusal = (file: ReadFile): file is Refusal => "reason" in file;

/** The bytes of a file as text for a report that has `room` characters left. */
export function readBytes(name: string, bytes: Uint8Array, room: number): ReadFile {
  const text = decode(bytes);
  if (text === null) {
    return { name, reason: "It is not UTF-8 text. Of a picture or a PDF, paste the text that matters.", end: "" };
  }
  if (!text.trim()) return { name, reason: "It is empty.", end: "" };
  const most = room - (block(name, text).length - text.length);
  if (text.length <= most) return { name, text };
  return { name, reason: `It has ${number(text.length)} characters; ${fits(most)}`, end: lastLines(text, most) };
}

const fits = (most: number): string =>
  most > 0
    ? `${number(most)} more fit into the report. Paste the error and the lines around it, or attach its end.`
    : "the report is full. Take out what does not matter, or link to the file.";

export function tooLarge(name: string): Refusal {
  const reason = `It is larger than ${MAX_FILE_BYTES / 1_000_000} MB. Cut out the error and the lines around it, and attach those.`;
  return { name, reason, end: "" };
}

/** As UTF-8, or as UTF-16 where a mark says so (what PowerShell writes). Null for what is no text. */
function decode(bytes: Uint8Array): string | null {
  const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  try {
    const text = new TextDecoder(isUtf16 ? (bytes[0] === 0xff ? "utf-16le" : "utf-16be") : "utf-8", { fatal: true }).decode(
      bytes,
    );
    return text.includes("\0") ? null : text.replaceAll("\r\n", "\n");
  } catch {
    return null;
  }
}

function lastLines(text: string, most: number): string {
  if (most <= 0) return "";
  const end = text.slice(-most);
  const line = end.indexOf("\n");
  return line < 0 ? end : end.slice(line + 1);
}

/** A code block that nothing in the text can close. */
export function fenced(text: string, language = ""): string {
  const longest = Math.max(2, ...[...text.matchAll(/`{3,}/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text.replace(/\n+$/, "")}\n${fence}`;
}

const LANGUAGES: Record<string, string> = {
  json: "json",
  md: "markdown",
  yml: "yaml",
  yaml: "yaml",
  diff: "diff",
  patch: "diff",
};

/** A file's name and text, as they are put into a report. */
export function block(name: string, text: string): string {
  const language = LANGUAGES[/\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? ""] ?? "text";
  return `**${inline(name)}**\n\n${fenced(text, language)}\n`;
}

/** The report with a block at its end, one empty line apart. */
export function appended(body: string, more: string): string {
  const before = body.replace(/\s+$/, "");
  return before ? `${before}\n\n${more}` : more;
}

const TRACE_LINE =
  /^\s*(?:File "[^"]+", line \d+|at \S.*[(:]|Traceback \(most recent call last\)|Caused by: |goroutine \d+|#\d+ |thread '.*' panicked at|\S+:\d+:in )/;
const LOG_LINE = /^\[?\d{4}-\d\d-\d\d[T ]|^\[?\d\d:\d\d:\d\d|^(?:ERROR|WARN(?:ING)?|INFO|DEBUG|FATAL|CRITICAL)\b/;
const MIN_LINES = 4;

const isOutput = (line: string): boolean => TRACE_LINE.test(line) || LOG_LINE.test(line);

/** Whether Markdown would make a mess of it: several lines of a stack trace or of a log, not in a code block yet. */
export function looksLikeOutput(text: string): boolean {
  if (/^\s*(?:```|~~~)/m.test(text)) return false;
  const lines = text.split("\n").filter((line) => line.trim());
  const telling = lines.filter(isOutput).length;
  return lines.length >= MIN_LINES && (telling >= 2 || telling / lines.length > 0.5);
}

/**
 * The report as it is shown: stack traces and logs that nobody fenced, in code blocks, or Markdown would run their lines
 * together. A block begins at its first telling line and ends at an empty one. A report with code blocks stays as it is.
 */
export function withFencedOutput(text: string): string {
  if (/^\s*(?:```|~~~)/m.test(text)) return text;
  return text
    .split(/\n(?:[ \t]*\n)+/)
    .map((paragraph) => {
      const lines = paragraph.split("\n");
      const first = lines.findIndex(isOutput);
      if (lines.filter(isOutput).length < 2) return paragraph;
      return [...lines.slice(0, first), "", fenced(lines.slice(first).join("\n"), "text")].join("\n").trimStart();
    })
    .join("\n\n");
}

/** Whether a place in a text is inside a code block. */
export function isInFence(text: string, at: number): boolean {
  let open = "";
  for (const line of text.slice(0, at).split("\n")) {
    const fence = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1] ?? "";
    if (!open) open = fence;
    else if (fence.startsWith(open)) open = "";
  }
  return open !== "";
}

/** What was pasted at `at`, put into a code block of its own lines. Null if it is not there any more. */
export function withFence(body: string, pasted: string, at: number): string | null {
  const start = body.startsWith(pasted, at) ? at : body.indexOf(pasted);
  if (start < 0) return null;
  const before = body.slice(0, start).replace(/[ \t]+$/, "");
  const after = body.slice(start + pasted.length);
  const gap = before === "" || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  return `${before}${gap}${fenced(pasted.replace(/^\n+/, ""), "text")}\n${after.startsWith("\n") ? after : `\n${after}`}`;
}
