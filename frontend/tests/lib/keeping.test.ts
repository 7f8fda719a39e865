// @vitest-environment happy-dom
import { describe, expect, it, vi } from "vitest";
import { areSingleKeysOn, setSingleKeys } from "@/hooks/use-commands";
import { forgetKept, keep, keepFor, kept, keptUnder, onSessionElsewhere, subscribeKept } from "@/lib/keeping";
import { currentNotices } from "@/lib/notices";
import { Outbox } from "@/lib/outbox";
import { toProblem } from "@/lib/problem";
import { chooseTheme, readTheme } from "@/lib/theme";

/** What another tab of this browser does: the storage is the same, the modules are not. */
async function otherTab() {
  vi.resetModules();
  const keeping = await import("@/lib/keeping");
  const { Outbox: OtherOutbox } = await import("@/lib/outbox");
  keeping.keepFor("rita");
  return { ...keeping, Outbox: OtherOutbox };
}
/** Reads and removes, and stores nothing more: what each browser does at its quota. */
function aFullBrowser() {
  const real = localStorage;
  vi.stubGlobal(
    "localStorage",
    new Proxy(real, {
      get: (target, name) => {
        if (name === "setItem") {
          return () => {
            throw new DOMException("full", "QuotaExceededError");
          };
        }
        const value = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    }),
  );
  return { end: () => vi.stubGlobal("localStorage", real) };
}
const stored = () => dispatchEvent(new StorageEvent("storage", { key: "sahur.outbox.rita/x" }));

describe("what is kept", () => {
  it("is found by the person who typed it, and by nobody else", () => {
    keep("draft", "message.r1", "half a thought");
    keepFor("bo");
    expect(kept("draft", "message.r1")).toBe("");
    keep("draft", "message.r1", "bo's");
    keepFor("rita");
    expect(kept("draft", "message.r1")).toBe("half a thought");
  });

  it("is gone for one person with signing out, and stays for the others", () => {
    keep("draft", "a", "rita's");
    keepFor("bo");
    keep("draft", "a", "bo's");
    forgetKept();
    expect(Object.keys(localStorage)).toEqual(["sahur.draft.rita/a"]);
  });

  it("keeps user names apart that look like parts of a key", () => {
    keepFor("rita.b");
    keep("draft", "a", "hers");
    keepFor("rita");
    expect(keptUnder("draft", "")).toEqual([]);
  });

  it("is dropped after a month", () => {
    keep("draft", "a", "old");
    vi.useFakeTimers({ now: Date.now() + 31 * 24 * 3_600_000 });
    keepFor("");
    keepFor("rita");
    expect(kept("draft", "a")).toBe("");
  });

  it("lasts as long as the page where the browser stores nothing", () => {
    const full = aFullBrowser();
    keep("draft", "a", "kept all the same");
    expect(kept("draft", "a")).toBe("kept all the same");
    full.end();
    keep("draft", "a", "");
    expect(kept("draft", "a")).toBe("");
  });

  it("lasts as long as the page where the browser refuses to be asked", () => {
    const refused = () => {
      throw new DOMException("denied", "SecurityError");
    };
    const before = Object.getOwnPropertyDescriptors(globalThis);
    for (const name of ["localStorage", "sessionStorage"] as const)
      Object.defineProperty(globalThis, name, { get: refused, configurable: true });
    keep("draft", "a", "kept all the same");
    expect(kept("draft", "a")).toBe("kept all the same");
    expect(keptUnder("draft", "").map(({ name }) => name)).toEqual(["a"]);
    forgetKept();
    keepFor("rita");
    expect(kept("draft", "a")).toBe("");
    chooseTheme("dark");
    setSingleKeys(false);
    expect([readTheme(), areSingleKeysOn()]).toEqual(["dark", false]);
    chooseTheme("light");
    setSingleKeys(true);
    expect([readTheme(), areSingleKeysOn()]).toEqual(["light", true]);
    for (const name of ["localStorage", "sessionStorage"] as const) Object.defineProperty(globalThis, name, before[name]);
  });

  it("goes on where the browser is full of what was typed before, and says so once", () => {
    keep("draft", "a", "stored");
    const full = aFullBrowser();
    keep("draft", "a", "stored, and");
    keep("draft", "a", "stored, and more");
    expect(kept("draft", "a")).toBe("stored, and more");
    expect(currentNotices().filter(({ text }) => text.includes("stores nothing more"))).toHaveLength(1);
    const leaving = new Event("beforeunload", { cancelable: true });
    dispatchEvent(leaving);
    expect(leaving.defaultPrevented).toBe(true);
    full.end();
    keep("draft", "a", "stored again");
    expect(kept("draft", "a")).toBe("stored again");
    const later = new Event("beforeunload", { cancelable: true });
    dispatchEvent(later);
    expect(later.defaultPrevented).toBe(false);
  });

  it("that lies only in this page gives way to what another tab has stored, sent or given up since", () => {
    vi.useFakeTimers();
    keep("draft", "a", "stored");
    const full = aFullBrowser();
    keep("draft", "a", "typed here");
    full.end();
    const unsubscribe = subscribeKept(() => undefined);
    localStorage.setItem("sahur.draft.rita/a", JSON.stringify({ text: "typed there", at: Date.now() + 1 }));
    expect(kept("draft", "a")).toBe("typed there");
    localStorage.removeItem("sahur.draft.rita/a");
    dispatchEvent(new StorageEvent("storage", { key: "sahur.draft.rita/a", newValue: null }));
    expect(kept("draft", "a")).toBe("");
    unsubscribe();
  });

  it("tells of changes in other tabs, and of nothing else that is stored", () => {
    const listener = vi.fn();
    const unsubscribe = subscribeKept(listener);
    dispatchEvent(new StorageEvent("storage", { key: "theme" }));
    expect(listener).not.toHaveBeenCalled();
    dispatchEvent(new StorageEvent("storage", { key: "sahur.draft.rita/a" }));
    expect(listener).toHaveBeenCalledOnce();
    unsubscribe();
    const heard = vi.fn();
    onSessionElsewhere(heard);
    dispatchEvent(new StorageEvent("storage", { key: "sahur.session", newValue: JSON.stringify({ text: "bo", at: 1 }) }));
    expect(heard).toHaveBeenCalledWith("bo");
  });
});

describe("the outbox", () => {
  it("is the same in two tabs, and neither takes away what the other adds", async () => {
    vi.useFakeTimers();
    const here = new Outbox("r1");
    const changed = vi.fn();
    here.subscribe(changed);
    const tab = await otherTab();
    const there = new tab.Outbox("r1");
    const first = here.add("from here", false);
    vi.advanceTimersByTime(1);
    const second = there.add("from there", true);
    stored();
    expect(here.snapshot().map(({ text }) => text)).toEqual(["from here", "from there"]);
    there.refused(second.clientId, toProblem(409, { code: "conflict" }));
    stored();
    expect(here.unsettled().map(({ clientId }) => clientId)).toEqual([first.clientId]);
    here.remove(second.clientId);
    expect(new tab.Outbox("r1").snapshot().map(({ text }) => text)).toEqual(["from here"]);
    expect(changed).toHaveBeenCalled();
  });

  it("of one run has nothing of another", () => {
    new Outbox("r1").add("for the first", false);
    expect(new Outbox("r2").snapshot()).toEqual([]);
  });
});
