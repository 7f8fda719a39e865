import { expect, it } from "vitest";
import { type ArgumentField, fieldsOf, withArgument } from "@/lib/argument-fields";

const schema = { properties: { body: { type: "string" }, limit: { type: "number", maximum: 9 }, odd: true }, required: ["body"] };

it("takes each property for what it is", () => {
  expect(fieldsOf(schema, { body: "a\nb" })).toMatchObject([
    { name: "body", kind: "text", isLong: true, isRequired: true },
    { name: "limit", kind: "number", isWhole: false, max: 9 },
    { name: "odd", kind: "nested" },
  ]);
});

it("leaves JSON where an argument has no property of its own, or there is no schema", () => {
  expect(fieldsOf(schema, { body: "x", other: 1 })).toEqual([]);
  expect(fieldsOf({}, {})).toEqual([]);
});

it("leaves out what is emptied and may be missing", () => {
  const [body, limit] = fieldsOf(schema, {}) as [ArgumentField, ArgumentField];
  expect(withArgument({ body: "x", limit: 3 }, limit, Number.NaN)).toEqual({ body: "x" });
  expect(withArgument({ body: "x" }, body, "")).toEqual({ body: "" });
});
