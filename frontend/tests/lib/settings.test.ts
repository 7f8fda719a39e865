import { describe, expect, it } from "vitest";
import type { Me, TeamBudget } from "@/lib/api-types";
import { auditAddress, auditQuery, detailLines, filterIn, isFiltered, NO_FILTER } from "@/lib/audit-filter";
import { budgetChange, budgetForm, numberIn } from "@/lib/budget-form";
import { chosenTeam, isOffered, pageAt, refusal, SETTINGS_PAGES, type SettingsPage, settingsAddress } from "@/lib/settings-pages";
import { EMPTY_TOKEN, expiryState, globsIn, newToken } from "@/lib/token-form";

const team = (key: string, role: "viewer" | "responder" | "admin", id = 1) => ({ id, key, name: `Team ${key}`, role });

const person = (teams: Me["teams"], is_staff = false): Me => ({
  user: { username: "rita", name: "Rita", must_change_password: false, is_staff },
  teams,
  csrf_token: "t",
});

function page(slug: string): SettingsPage {
  const found = SETTINGS_PAGES.find((one) => one.slug === slug);
  if (!found) throw new Error(`There is no page ${slug}.`);
  return found;
}

describe("pages of the settings", () => {
  it("are found by their address", () => {
    expect(pageAt("/settings/members/")?.name).toBe("Members");
    expect(pageAt("/settings/")).toBeUndefined();
    expect(pageAt("/settings/nothing/")).toBeUndefined();
    for (const one of SETTINGS_PAGES) expect(pageAt(settingsAddress(one, "SAH").split("?")[0] ?? "")).toBe(one);
  });

  it("carry the team only where they know one", () => {
    expect(settingsAddress(page("members"), "SAH")).toBe("/settings/members/?team=SAH");
    expect(settingsAddress(page("tokens"), "SAH")).toBe("/settings/tokens/");
    expect(settingsAddress(page("audit"), "")).toBe("/settings/audit/");
  });

  it("are offered by role", () => {
    const viewer = person([team("SAH", "viewer")]);
    expect(isOffered(page("members"), viewer)).toBe(true);
    expect(isOffered(page("audit"), viewer)).toBe(false);
    expect(isOffered(page("audit"), person([], true))).toBe(true);
    expect(isOffered(page("members"), person([], true))).toBe(false);
    expect(isOffered(page("tokens"), person([]))).toBe(true);
  });

  it("say why one is kept out, also of a team that was named", () => {
    const both = person([team("SAH", "responder"), team("PAY", "admin", 2)]);
    expect(refusal(page("audit"), both, null)).toBeNull();
    expect(refusal(page("audit"), both, "PAY")).toBeNull();
    expect(refusal(page("audit"), both, "SAH")?.reason).toContain("you are a responder");
    expect(refusal(page("members"), both, "OTH")?.reason).toContain("no team OTH");
    expect(refusal(page("audit"), person([team("SAH", "viewer")]), null)?.reason).toContain("for admins");
    expect(refusal(page("members"), person([]), null)?.reason).toContain("not in any team");
  });

  it("show the first team that they can, unless the address names one", () => {
    const both = person([team("PAY", "viewer", 2), team("SAH", "admin")]);
    expect(chosenTeam(page("members"), both, null)?.key).toBe("PAY");
    expect(chosenTeam(page("members"), both, "SAH")?.key).toBe("SAH");
    expect(chosenTeam(page("audit"), both, null)).toBeUndefined();
    expect(chosenTeam(page("tokens"), both, "SAH")).toBeUndefined();
  });
});

describe("a new token", () => {
  const now = Date.parse("2026-11-23T12:00:00Z");
  const made = (part: Partial<typeof EMPTY_TOKEN>) => newToken({ ...EMPTY_TOKEN, name: "ci", ...part }, now);

  it("is for all tools, for some, or for none", () => {
    expect(made({})).toMatchObject({ token: { tools: ["*"] } });
    expect(made({ tools: "none" })).toMatchObject({ token: { tools: [] } });
    expect(made({ tools: "some", globs: "code__*, issues__read\ncode__*" })).toMatchObject({
      token: { tools: ["code__*", "issues__read"] },
    });
  });

  it.each([
    [{ name: "  " }, "name"],
    [{ tools: "some", globs: " , " }, "tools"],
    [{ tools: "some", globs: "code/read" }, "tools"],
    [{ tools: "some", globs: Array.from({ length: 51 }, (_, n) => `t${n}`).join(" ") }, "tools"],
    [{ lifetime: "date", lastDay: "" }, "expires_at"],
    [{ lifetime: "date", lastDay: "2026-11-22" }, "expires_at"],
  ] as const)("is refused where something is wrong: %o", (part, field) => {
    expect(Object.keys((made(part) as { problems: object }).problems)).toEqual([field]);
  });

  it("works to the end of its last day", () => {
    const { token } = made({ lifetime: "date", lastDay: "2026-11-23" }) as { token: { expires_at: string } };
    expect(new Date(token.expires_at).getTime()).toBe(new Date(2026, 10, 24).getTime());
    expect(made({ lifetime: "30" })).toMatchObject({ token: { expires_at: "2026-12-23T12:00:00.000Z" } });
    expect(made({ lifetime: "never" })).toMatchObject({ token: { expires_at: null } });
  });

  it("tells when its end is near", () => {
    expect(expiryState(null, now)).toBe("none");
    expect(expiryState("2026-11-23T12:00:00Z", now)).toBe("over");
    expect(expiryState("2026-12-01T12:00:00Z", now)).toBe("soon");
    expect(expiryState("2027-12-01T12:00:00Z", now)).toBe("later");
    expect(globsIn("")).toEqual([]);
  });
});

describe("the form of a budget", () => {
  const none = { cost_usd: null, tokens: null, tool_calls: null, seconds: null };
  const budget = {
    run_cost_usd: 1.5,
    run_tokens: 0,
    run_tool_calls: null,
    run_seconds: 100,
    day_cost_usd: null,
    day_tokens: null,
    day_tool_calls: null,
    day_seconds: null,
    ask_at: 0.8,
    asks: true,
    run: none,
    day: none,
    defaults: { run: none, day: none },
    spent_today: {},
    changed: { by: "Ada", at: "2026-11-23T10:00:00.123456Z" },
  } as unknown as TeamBudget;
  const form = budgetForm(budget);
  const sent = (part: Partial<(typeof form)["limits"]>, rest: Partial<typeof form> = {}) =>
    budgetChange({ ...form, ...rest, limits: { ...form.limits, ...part } }, budget);

  it("reads limits in the units that people type", () => {
    expect(form.limits.run_cost_usd).toEqual({ choice: "own", text: "1.5" });
    expect(form.limits.run_tokens).toEqual({ choice: "none", text: "" });
    expect(form.limits.run_tool_calls).toEqual({ choice: "settings", text: "" });
    expect(form.limits.run_seconds).toEqual({ choice: "own", text: "1.67" });
    expect(form.askAt).toBe("80");
  });

  it("sends back exactly what was not touched, and what it was seen as", () => {
    expect(sent({})).toEqual({
      change: {
        ...Object.fromEntries(Object.entries(budget).filter(([name]) => /^(run|day)_|^ask/.test(name))),
        seen_at: "2026-11-23T10:00:00.123456Z",
      },
    });
  });

  it("turns minutes into seconds, and choices into nothing or zero", () => {
    const { change } = sent({
      run_seconds: { choice: "own", text: "90" },
      run_tokens: { choice: "settings", text: "" },
      day_tokens: { choice: "own", text: "3,000,000" },
      day_cost_usd: { choice: "none", text: "7" },
    }) as { change: object };
    expect(change).toMatchObject({ run_seconds: 5400, run_tokens: null, day_tokens: 3_000_000, day_cost_usd: 0 });
  });

  it.each(["", "0", "-1", "1e3", "1,5", "many", "2000000000"])("refuses %o as a limit of its own", (text) => {
    expect(Object.keys((sent({ day_cost_usd: { choice: "own", text } }) as { problems: object }).problems)).toEqual([
      "day_cost_usd",
    ]);
  });

  it("wants whole tokens and a sensible percentage", () => {
    expect(sent({ run_tokens: { choice: "own", text: "1.5" } })).toHaveProperty("problems.run_tokens");
    for (const askAt of ["9", "101", ""]) expect(sent({}, { askAt })).toHaveProperty("problems.ask_at");
    expect(sent({}, { askAt: "100" })).toMatchObject({ change: { ask_at: 1 } });
  });

  it("takes any change for a later one where nobody has changed anything yet", () => {
    const { change } = budgetChange(form, { ...budget, changed: null }) as { change: { seen_at: string } };
    expect(change.seen_at).toBe("1970-01-01T00:00:00.000Z");
    expect(numberIn("$1,234.50")).toBe(1234.5);
  });
});

describe("the filter of the audit log", () => {
  const filter = { actor: " ada ", action: "membership", target: "", from: "2026-11-01", to: "2026-11-02" };

  it("survives the way through the address", () => {
    const address = auditAddress("SAH", filter);
    const params = new URLSearchParams(address.split("?")[1]);
    expect(params.get("team")).toBe("SAH");
    expect(filterIn(params)).toEqual({ ...filter, actor: "ada" });
    expect(auditAddress("", NO_FILTER)).toBe("/settings/audit/");
  });

  it("asks for whole days of the person's zone, and for nothing that is not set", () => {
    expect(auditQuery("", NO_FILTER)).toEqual({});
    expect(auditQuery("SAH", filter)).toEqual({
      team: "SAH",
      actor: "ada",
      action: "membership",
      since: new Date(2026, 10, 1).toISOString(),
      until: new Date(2026, 10, 3).toISOString(),
    });
    expect(auditQuery("", { ...NO_FILTER, from: "2026-13-45", to: "x" })).toEqual({});
    expect([isFiltered(filter), isFiltered(NO_FILTER)]).toEqual([true, false]);
  });

  it("writes each part of a detail on a line", () => {
    expect(detailLines({ role: "admin", tools: ["*"], seen_at: null })).toEqual([
      { name: "role", value: "admin" },
      { name: "tools", value: '["*"]' },
      { name: "seen at", value: "null" },
    ]);
  });
});
