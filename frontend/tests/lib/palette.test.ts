import { expect, it } from "vitest";
import { isOfOldBuild } from "@/lib/error-details";
import { sectionAt } from "@/lib/navigation";
import { keyIn, ranked } from "@/lib/palette";

it("finds by beginnings of words, first what begins with all of it", () => {
  const titles = ["Close the issue", "Issue list", "Settings: Issues"].map((title) => ({ title }));
  expect(ranked(titles, "iss").map(({ title }) => title)).toEqual(["Issue list", "Close the issue", "Settings: Issues"]);
  expect(ranked(titles, "iss cl").map(({ title }) => title)).toEqual(["Close the issue"]);
  expect(ranked(titles, "ssue")).toEqual([]);
});

it("reads an issue's key however it is typed", () => {
  expect(["sah-7", "SAH7", " sah 007 "].map((query) => keyIn(query, ["SAH", "PAY"]))).toEqual(["SAH-7", "SAH-7", "SAH-7"]);
  expect(keyIn("7", ["SAH"])).toBe("SAH-7");
});

it("makes no key of a number where there are several teams, nor of another team's", () => {
  expect(["7", "ops-7", "sah", "sah-7b"].map((query) => keyIn(query, ["SAH", "PAY"]))).toEqual(["", "", "", ""]);
});

it("knows the section of a path", () => {
  expect(["/", "/issues/SAH-1/", "/settings/teams/", "/login/"].map((path) => sectionAt(path)?.name)).toEqual([
    "Issues",
    "Issues",
    "Settings",
    undefined,
  ]);
});

it("tells scripts of an old build from faults of its own", () => {
  const missing = Object.assign(new Error("Loading chunk 12 failed."), { name: "ChunkLoadError" });
  expect([isOfOldBuild(missing), isOfOldBuild(new Error("x is not a function"))]).toEqual([true, false]);
});
