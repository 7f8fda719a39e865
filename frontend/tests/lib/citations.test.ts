import { expect, it } from "vitest";
import { linkCitations } from "@/lib/citations";

const known = new Set([1, 2]);

it("links a citation of evidence that exists", () => {
  expect(linkCitations("It fails [1][2].", known)).toBe("It fails [1](#evidence-1)[2](#evidence-2).");
});

it("leaves a number alone that no evidence has", () => {
  expect(linkCitations("See [7].", known)).toBe("See [7].");
});

it("takes no index in code and no link text for a citation", () => {
  const text = "`items[1]` and [1](https://example.org)\n```py\nrows[2]\n```\nand [2]";
  expect(linkCitations(text, known)).toBe(text.replace(/\[2\]$/, "[2](#evidence-2)"));
});

it("reads an unclosed fence, as it stands while text streams in, as code", () => {
  expect(linkCitations("```py\nrows[1]", known)).toBe("```py\nrows[1]");
});
