import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const CSS = readFileSync(fileURLToPath(new URL("../../src/styles/globals.css", import.meta.url)), "utf8");

/** The color tokens of the first block with this selector. */
function tokensOf(selector: string): Map<string, string> {
  const block = CSS.slice(CSS.indexOf(`${selector} {`)).split("}")[0] ?? "";
  return new Map([...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6});/g)].map(([, name = "", color = ""]) => [name, color]));
}

/** https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
function luminance(color: string): number {
  const channels = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16) / 255);
  const [r = 0, g = 0, b = 0] = channels.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

const TEXTS = ["ink", "muted", "faint", "accent", "good", "warn", "bad"];
const GROUNDS = ["paper", "surface", "raised"];
const SOFT = ["accent", "good", "warn", "bad"];

/** Everything that is written on something; 4.5 is WCAG 2.2, 1.4.3, for small text. */
const WRITTEN = [
  ...TEXTS.flatMap((text) => GROUNDS.map((ground) => [text, ground])),
  ...SOFT.flatMap((tone) => [tone, "ink", "muted"].map((text) => [text, `${tone}-soft`])),
  ["on-accent", "accent"],
] as [string, string][];

/** Edges of fields and marks that mean something: 3 is WCAG 2.2, 1.4.11. */
const DRAWN = ["line-strong", "accent", "ember"].flatMap((mark) => ["paper", "surface"].map((ground) => [mark, ground]));

it.each([":root", '[data-theme="dark"]'])("%s: text and marks stand out from what is under them", (theme) => {
  const tokens = tokensOf(theme);
  const tooFaint = (pairs: string[][], least: number) =>
    pairs
      .map(([over = "", under = ""]) => ({
        pair: `${over} on ${under}`,
        ratio: contrast(tokens.get(over) ?? "", tokens.get(under) ?? ""),
      }))
      // Not `<`: a token that is missing gives NaN.
      .filter(({ ratio }) => !(ratio >= least));
  expect(tooFaint(WRITTEN, 4.5)).toEqual([]);
  expect(tooFaint(DRAWN, 3)).toEqual([]);
});

it("knows black on white", () => {
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21);
});
