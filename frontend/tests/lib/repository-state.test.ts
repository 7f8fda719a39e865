import { describe, expect, it } from "vitest";
import type { Checkout, Repository } from "@/lib/api-types";
import { isBusy, stateLine } from "@/lib/repository-state";

const CHECKOUT: Checkout = {
  revision: "",
  host: "",
  commit: "0123456789abcdef0123456789abcdef01234567",
  state: "ready",
  is_asked_for: false,
  error: "",
  next_step: "",
  progress: "",
  percent: null,
  files_done: null,
  files_total: null,
  size_bytes: 1,
  requested_at: "2026-01-01T00:00:00Z",
  checked_at: null,
  ready_at: null,
};

function repository(...checkouts: Partial<Checkout>[]): Repository {
  return {
    id: "1",
    team: "SAH",
    name: "shop",
    source: "https://example.com/shop.git",
    default_branch: "",
    test_command: "",
    poll_seconds: 300,
    created_at: "2026-01-01T00:00:00Z",
    credential: null,
    webhook: null,
    checkouts: checkouts.map((changes) => ({ ...CHECKOUT, ...changes })),
  };
}

describe("stateLine", () => {
  it("tells progress in percent and files", () => {
    const busy = repository({ state: "indexing", percent: 43, files_done: 1200, files_total: 2800 });
    expect(stateLine(busy)).toBe("Indexing, 43 % (1,200 of 2,800 files). A report may be filed now; it waits.");
    expect(isBusy(busy)).toBe(true);
  });

  it("tells a failure with what to do", () => {
    const failed = repository({ state: "failed", error: "It asks for a sign-in.", next_step: "Give a token." });
    expect(stateLine(failed)).toBe("It asks for a sign-in. Give a token.");
    expect(isBusy(failed)).toBe(false);
  });

  it("tells what is ready, and that it could not be updated", () => {
    expect(stateLine(repository({}))).toBe("Ready at 0123456789.");
    expect(stateLine(repository({ error: "Its host does not answer." }))).toContain("could not be updated since: Its host");
  });

  it("speaks of the default branch, on the host that is not ready", () => {
    const two = repository({ host: "north" }, { host: "south", state: "cloning" }, { revision: "v1", state: "failed" });
    expect(stateLine(two)).toMatch(/^Cloning\./);
  });

  it("says nothing of what nobody has asked for", () => {
    expect(stateLine(repository())).toBeNull();
  });
});
