import { expect, it } from "vitest";
import { newInSummary } from "@/lib/step-summary";

const said = (text: string) => [{ type: "text" as const, id: "t1", attempt: 1, text, pieces: [] }];

it("tells nothing again that was streamed, also where the summary was cut or lost its marks", () => {
  const parts = said("I read `total`,\nbecause it is on the traceback.");
  expect(newInSummary({ summary: "I read total, because it is", parts })).toBe("");
  expect(newInSummary({ summary: "I read total, because…", parts })).toBe("");
});

it("keeps what only the summary says", () => {
  expect(newInSummary({ summary: "TypeError in overlaps", parts: said("Looking.") })).toBe("TypeError in overlaps");
  expect(newInSummary({ summary: "ok, 927 characters", parts: [] })).toBe("ok, 927 characters");
});
