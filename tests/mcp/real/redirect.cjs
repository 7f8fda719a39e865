// Loaded before a server whose vendor's address is fixed in its code (NODE_OPTIONS="--require …"): requests to the hosts
// in REDIRECTED_HOSTS, a JSON object of host and base address, go there instead. Nothing else about them changes.
"use strict";

const bases = JSON.parse(process.env.REDIRECTED_HOSTS ?? "{}");
const original = globalThis.fetch;

function redirected(input, options) {
  const url = new URL(typeof input === "string" || input instanceof URL ? input : input.url);
  const base = bases[url.hostname];
  if (base === undefined) throw new Error(`a test would have asked ${url.hostname}`);
  return original(base + url.pathname + url.search, options);
}

// An accessor, because a server may put a library's `fetch` in place of the global one.
Object.defineProperty(globalThis, "fetch", { get: () => redirected, set: () => {}, configurable: true });
