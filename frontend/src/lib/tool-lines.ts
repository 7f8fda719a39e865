/** A tool call as one line that a person reads: a verb and what it is about. */
import { shortSha } from "./format";

export interface ToolLine {
  verb: string;
  object: string;
}

/** By the tool's own name, without the upstream in front of `__`. Unknown tools are told by their name. */
const VERBS: [pattern: RegExp, verb: string][] = [
  [/^(search|grep|find)/, "Search"],
  [/^(read|get_file|show_file|cat|open)/, "Read"],
  [/^(list|ls|tree)/, "List"],
  [/^symbols?/, "Look up symbol"],
  [/^blame/, "Blame"],
  [/^(log|history|list_commits)/, "Read history"],
  [/^(show|diff|get_commit)/, "Show commit"],
  [/^locate/, "Locate fault"],
  [/^owners/, "Look up owners"],
  [/^check_patch/, "Try the patch on"],
  [/^test_patch/, "Run the tests on"],
];

/** The argument that names what the call is about, in the order of preference. */
const OBJECTS = ["query", "pattern", "symbol", "name", "path", "title", "report", "base", "commit", "sha", "text", "url"];
const COMMITS = ["commit", "base", "sha"];
/** Says where to look, which is the same for every call of a run. */
const PLACES = new Set(["repository"]);

export function toolLine(tool: string, args: Record<string, unknown>): ToolLine {
  const [upstream, ...rest] = tool.split("__");
  const own = rest.length ? rest.join("__") : tool;
  const verb = VERBS.find(([pattern]) => pattern.test(own))?.[1];
  const object = toolObject(args, verb === "Show commit" ? [...COMMITS, ...OBJECTS] : OBJECTS);
  if (verb) return { verb, object };
  return { verb: rest.length ? `${upstream}: ${words(own)}` : words(own), object };
}

function toolObject(args: Record<string, unknown>, preferred: readonly string[]): string {
  const others = Object.keys(args).filter((key) => !PLACES.has(key));
  const name = [...preferred, ...others].find((candidate) => isTold(args[candidate]));
  if (!name) return "";
  const value = oneLine(String(args[name]));
  if (/^[0-9a-f]{40}$/.test(value)) return shortSha(value);
  return name === "path" ? value + lineRange(args) : value;
}

function lineRange(args: Record<string, unknown>): string {
  const first = args.first_line ?? args.start_line ?? args.start ?? args.line;
  const last = args.last_line ?? args.end_line ?? args.end;
  if (typeof first !== "number") return "";
  return typeof last === "number" && last !== first ? `:${first}–${last}` : `:${first}`;
}

const isTold = (value: unknown): boolean => (typeof value === "string" && value !== "") || typeof value === "number";

const words = (name: string): string => name.replaceAll("_", " ");

/** The line that says most; the whole is under the row. Of a traceback that is the last one, the error. */
function oneLine(text: string): string {
  const lines = text.trim().split("\n");
  const line = (lines[0]?.startsWith("Traceback") ? lines.at(-1) : lines[0]) ?? "";
  return line.length > 160 ? `${line.slice(0, 159)}…` : line;
}
