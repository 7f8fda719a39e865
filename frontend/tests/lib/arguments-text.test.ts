import { expect, it } from "vitest";
import { asText, readArguments } from "@/lib/arguments-text";

it("gives back what was not changed", () => {
  const values = { command: "pytest -q", nested: { timeout: 60 } };
  expect(readArguments(asText(values))).toEqual({ values, problem: "" });
});

it.each(["[1]", "null", '"text"', "7"])("takes no %s for arguments", (text) => {
  expect(readArguments(text).values).toBeNull();
  expect(readArguments(text).problem).toContain("JSON object");
});

it("says what is wrong with broken JSON", () => {
  expect(readArguments('{"a": }').values).toBeNull();
  expect(readArguments('{"a": }').problem).toMatch(/^This is not valid JSON: .+/);
});
