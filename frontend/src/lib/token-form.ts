/** The form of a new API token: what people choose, and what the server is sent. */
import { startOfNextDay } from "./days";
import type { Role } from "./decisions";
import type { components } from "./schema.gen";

export type NewToken = components["schemas"]["NewTokenRequest"];

export type Lifetime = "30" | "90" | "365" | "date" | "never";

export const LIFETIMES: readonly { value: Lifetime; label: string }[] = [
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "One year" },
  { value: "date", label: "Until a day…" },
  { value: "never", label: "Without end" },
];

export interface TokenForm {
  name: string;
  role: Role;
  tools: "all" | "some" | "none";
  /** Globs, apart by commas, spaces or lines. */
  globs: string;
  lifetime: Lifetime;
  /** `2026-12-31`: the last day on which it works, in the person's own zone. */
  lastDay: string;
}

export const EMPTY_TOKEN: TokenForm = { name: "", role: "responder", tools: "all", globs: "", lifetime: "90", lastDay: "" };

export type TokenProblems = Partial<Record<"name" | "tools" | "expires_at", string>>;

const DAY_MS = 86_400_000;
// As the server checks it (sahur/accounts/models.py).
const GLOB = /^[A-Za-z0-9_.*?[\]!-]{1,200}$/;
const MOST_GLOBS = 50;

export const globsIn = (text: string): string[] => [...new Set(text.split(/[\s,]+/).filter(Boolean))];

/** What is sent, or what is wrong where. */
export function newToken(form: TokenForm, now: number): { token: NewToken } | { problems: TokenProblems } {
  const problems: TokenProblems = {};
  const name = form.name.trim();
  if (!name) problems.name = "Say what will use it.";
  const tools = toolsOf(form);
  if (typeof tools === "string") problems.tools = tools;
  const expires_at = expiryOf(form, now);
  if (expires_at === "past") problems.expires_at = "Choose a day to come.";
  if (typeof tools === "string" || expires_at === "past" || !name) return { problems };
  return { token: { name, role: form.role, tools, expires_at } };
}

function toolsOf({ tools, globs }: TokenForm): string[] | string {
  if (tools === "all") return ["*"];
  if (tools === "none") return [];
  const given = globsIn(globs);
  if (given.length === 0) return "Name at least one tool, such as code__* or issues__read.";
  if (given.length > MOST_GLOBS) return `At most ${MOST_GLOBS}: use wider ones, such as code__*.`;
  const wrong = given.find((glob) => !GLOB.test(glob));
  return wrong === undefined ? given : `${wrong} is no name of tools: use letters, digits, _ and *.`;
}

/** When it ends (UTC), null for never. A chosen day is still within. */
function expiryOf({ lifetime, lastDay }: TokenForm, now: number): string | null | "past" {
  if (lifetime === "never") return null;
  if (lifetime !== "date") return new Date(now + Number(lifetime) * DAY_MS).toISOString();
  const end = startOfNextDay(lastDay);
  return end === null || end.getTime() <= now ? "past" : end.toISOString();
}

/** Whether its end is over or near. */
export function expiryState(expires_at: string | null, now: number): "none" | "over" | "soon" | "later" {
  if (expires_at === null) return "none";
  const left = Date.parse(expires_at) - now;
  if (left <= 0) return "over";
  return left < 14 * DAY_MS ? "soon" : "later";
}
