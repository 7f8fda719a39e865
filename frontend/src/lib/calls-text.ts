/** Several tool calls as one line: "Read 4 files, searched twice". */
import type { ToolCall, ToolCallState } from "./run-state";
import { toolLine } from "./tool-lines";

type Asked = Pick<ToolCall, "tool" | "arguments">;

const times = (count: number): string => (count === 1 ? "" : count === 2 ? " twice" : ` ${count} times`);
const some = (count: number, one: string, many: string): string => (count === 1 ? one : `${count} ${many}`);

/** How many different things the calls are about: reading one file in three parts is still one file. */
const different = (calls: readonly Asked[], name: string): number =>
  new Set(calls.map((call) => String(call.arguments[name] ?? JSON.stringify(call.arguments)))).size;

/** By the verb of a single call's line. */
const PHRASES: Record<string, (calls: readonly Asked[]) => string> = {
  Search: (calls) => `searched${times(calls.length) || " once"}`,
  Read: (calls) => `read ${some(different(calls, "path"), "1 file", "files")}`,
  List: (calls) => `listed files${times(calls.length)}`,
  "Look up symbol": (calls) => `looked up ${some(calls.length, "1 symbol", "symbols")}`,
  Blame: (calls) => `asked who changed ${some(calls.length, "1 place", "places")}`,
  "Read history": (calls) => `read the history${times(calls.length)}`,
  "Show commit": (calls) => `read ${some(different(calls, "commit"), "1 commit", "commits")}`,
  "Locate fault": (calls) => `ranked places in the code${times(calls.length)}`,
  "Look up owners": (calls) => `looked up owners${times(calls.length)}`,
  "Try the patch on": (calls) => `tried the patch on${times(calls.length)}`,
  "Run the tests on": (calls) => `ran the tests${times(calls.length)}`,
};

/** In the order in which each kind of call was first made; "" without calls. */
export function callsText(calls: readonly Asked[]): string {
  const byVerb = new Map<string, Asked[]>();
  for (const call of calls) {
    const { verb } = toolLine(call.tool, call.arguments);
    byVerb.set(verb, [...(byVerb.get(verb) ?? []), call]);
  }
  const phrases = [...byVerb].map(([verb, made]) => PHRASES[verb]?.(made) ?? `called ${verb}${times(made.length)}`);
  const text = phrases.join(", ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const FAILED: ReadonlySet<ToolCallState> = new Set(["error", "denied"]);

export const isFailed = ({ state }: Pick<ToolCall, "state">): boolean => FAILED.has(state);
