import { expect, it } from "vitest";
import { EMPTY_OUTCOME, outcomeBody } from "@/lib/outcome";

it("says nothing where nobody said anything, so that what was said earlier stays", () => {
  expect(outcomeBody(EMPTY_OUTCOME)).toBeNull();
});

it("leaves the cause to an answer that was right", () => {
  expect(outcomeBody({ answer: "right", isOutside: false, commit: "abc" })).toEqual({ answer: "right" });
});

it("names the commit where the answer was wrong, unless no code caused it", () => {
  const wrong = { answer: "wrong", isOutside: false, commit: " 9D0E77C1 " } as const;
  expect(outcomeBody(wrong)).toEqual({ answer: "wrong", is_outside: false, commit: "9d0e77c1" });
  expect(outcomeBody({ ...wrong, isOutside: true })).toEqual({ answer: "wrong", is_outside: true, commit: "" });
});
