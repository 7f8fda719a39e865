import { expect, it } from "vitest";
import * as overview from "@/lib/overview";

const ended = (counts: Partial<overview.EndedRuns>): overview.EndedRuns => ({
  confirmed: 0,
  likely: 0,
  inconclusive: 0,
  failed: 0,
  canceled: 0,
  ...counts,
});
const spent = (changes: Partial<overview.ModelSpending>): overview.ModelSpending => ({
  team: "SAH",
  model: "m",
  cost_usd: 0,
  tokens: 0,
  model_calls: 0,
  unpriced_calls: 0,
  ...changes,
});

it("reads the address, and writes into it only what is not usual", () => {
  expect(overview.askedFor(new URLSearchParams("team=pay&days=90"))).toEqual({ team: "PAY", days: 90 });
  expect(overview.askedFor(new URLSearchParams("days=8"))).toEqual({ team: "", days: 30 });
  expect(overview.overviewQuery({ team: "", days: 30 })).toBe("");
  expect(overview.overviewQuery({ team: "PAY", days: 7 })).toBe("?team=PAY&days=7");
});

it("never rounds to all or to nothing what is not", () => {
  expect([overview.percent(0, 9), overview.percent(1, 900), overview.percent(899, 900), overview.percent(9, 9)]).toEqual([
    0, 1, 99, 100,
  ]);
  expect(overview.percent(0, 0)).toBeNull();
});

it("counts as answers what has a verdict, and says how runs ended", () => {
  const counts = ended({ confirmed: 3, inconclusive: 1, failed: 2 });
  expect([overview.answersOf(counts), overview.totalOf(counts)]).toEqual([4, 6]);
  expect(overview.endingsText(counts)).toBe("3 confirmed, 1 inconclusive, 2 failed");
});

it("ends scales at numbers that are easy to read and never below the highest bar", () => {
  expect([0, 4, 5, 9, 17, 20, 26, 101].map((highest) => overview.niceTop(highest, 4))).toEqual([4, 4, 6, 10, 20, 20, 40, 200]);
  for (let highest = 0.013; highest < 1e6; highest *= 1.37) {
    const top = overview.niceTop(highest, 0.01);
    expect(top).toBeGreaterThanOrEqual(highest * 0.999999);
    expect(top).toBeLessThanOrEqual(highest * 2 + 0.01);
  }
});

it("says no cost where no call had a price", () => {
  const sum = { cost: 1.5, tokens: 0, calls: 3, unpriced: 1 };
  expect(overview.costText(sum)).toBe("$1.50");
  expect(overview.costText({ ...sum, cost: 0, unpriced: 3 })).toBe("not known");
  expect(overview.sumSpending([spent({ cost_usd: 1, model_calls: 2 }), spent({ tokens: 5, unpriced_calls: 1 })])).toEqual({
    cost: 1,
    tokens: 5,
    calls: 2,
    unpriced: 1,
  });
});

it("shows tokens in place of the cost where nothing has a price", () => {
  const day = (cost_usd: number, tokens: number) => ({ day: "2026-01-01", ended: ended({}), cost_usd, tokens });
  expect(overview.measureOf([day(0, 5), day(0, 0)])).toBe("tokens");
  expect(overview.measureOf([day(0, 5), day(0.1, 0)])).toBe("cost_usd");
  expect(overview.measureOf([day(0, 0)])).toBe("cost_usd");
});

it("says whom a run waits for", () => {
  const asked = { kind: "approval", prompt: "?", answerable_by: "admin", since: "", expires_at: null } as const;
  const run = { asked: [asked, asked] } as unknown as overview.LiveRun;
  expect(overview.waitsFor(run)).toBe("For an admin to approve a call, and 1 more");
});

it("tells what is wrong with the system, and nothing where all is well", () => {
  const service = (problem: string) => ({ name: "batch" as const, processes: 0, slots: 0, busy: 0, problem });
  const parts = (problem: string, isWell: boolean) => ({
    gateway: { is_well: isWell, problem: null, upstreams: [] },
    workers: { is_well: !problem, problem: "", services: [service(problem)], processes: null },
  });
  expect(overview.systemProblems(parts("", true))).toEqual([]);
  expect(overview.systemProblems(parts("Nothing serves it.", false))).toEqual([
    "Investigations: Nothing serves it.",
    "The gateway is not well: tools may not answer.",
  ]);
});

it("writes dollars beside a scale in few letters", () => {
  const written = [0.01, 0.005, 0.6000000000000001, 20, 1000, 40_000].map(overview.scaleMoney);
  expect(written).toEqual(["$0.01", "$0.005", "$0.6", "$20", "$1000", "$40K"]);
});
