/** What is said of an upstream and its tools. */
import type { Upstream, UpstreamTool } from "./api/installation";

export type UpstreamTone = "good" | "warn" | "bad" | "neutral";

export interface UpstreamState {
  tone: UpstreamTone;
  label: string;
}

const STATES: Record<Upstream["state"], UpstreamState> = {
  ready: { tone: "good", label: "Ready" },
  connecting: { tone: "neutral", label: "Connecting" },
  down: { tone: "bad", label: "Down" },
  misconfigured: { tone: "bad", label: "Misconfigured" },
  disabled: { tone: "neutral", label: "Switched off" },
};

/** One that is connected but whose calls fail in a row is left alone for some seconds: that is its state then. */
export function upstreamState({ state, breaker }: Upstream): UpstreamState {
  if (state !== "ready" || breaker === "closed") return STATES[state];
  return breaker === "open" ? { tone: "bad", label: "Left alone" } : { tone: "warn", label: "On trial" };
}

export const BREAKER_NAMES: Record<Upstream["breaker"], string> = {
  closed: "Closed: calls go through",
  open: "Open: left alone for some seconds after errors in a row",
  half_open: "Half open: the next call tries whether it is back",
};

const KINDS: Record<string, string> = { own: "SAHUR's own", stdio: "Program at the gateway (stdio)", http: "Streamable HTTP" };

export const kindName = (kind: string): string => KINDS[kind] ?? "";

export const PERMISSION_NAMES: Record<UpstreamTool["permission"], string> = { allow: "Allowed", ask: "Asks", deny: "Denied" };
export const RISK_NAMES: Record<UpstreamTool["risk"], string> = { read: "Reads", write: "Writes", destroy: "Destroys" };

const WEIGHT: Record<UpstreamTone, number> = { bad: 0, warn: 1, neutral: 2, good: 2 };

/** Those that need somebody first; the others by name, SAHUR's own last. */
export function sortedUpstreams(upstreams: readonly Upstream[]): Upstream[] {
  const rank = (upstream: Upstream) => WEIGHT[upstreamState(upstream).tone] * 2 + (upstream.kind === "own" ? 1 : 0);
  return [...upstreams].sort((one, other) => rank(one) - rank(other) || one.name.localeCompare(other.name));
}

/** "8 tools: 5 allowed, 2 ask, 1 denied"; what there is none of is left out. */
export function toolsLine(tools: readonly UpstreamTool[]): string {
  if (tools.length === 0) return "No tools";
  const parts = (["allow", "ask", "deny"] as const)
    .map((permission) => ({ permission, number: tools.filter((tool) => tool.permission === permission).length }))
    .filter(({ number }) => number > 0)
    .map(({ permission, number }) => `${number} ${WORDS[permission]}`);
  return `${tools.length} ${tools.length === 1 ? "tool" : "tools"}: ${parts.join(", ")}`;
}

const WORDS: Record<UpstreamTool["permission"], string> = { allow: "allowed", ask: "ask", deny: "denied" };

/** Tools whose name or description holds all the words. */
export function matchingTools(tools: readonly UpstreamTool[], words: string): UpstreamTool[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return tools.filter(({ name, description }) => {
    const text = `${name} ${description}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}
