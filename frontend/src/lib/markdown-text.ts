/**
 * Text that others wrote, put into a Markdown document so that it stays text: it can make no heading, link, image or HTML,
 * and no letter in it is hidden. Many readers make links of bare addresses, and mentions of `@name` and `#12`.
 */

const SPECIAL = /[\\`*[\]<>|~&@]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|!(?=\[)|:(?=\/\/)|(?<=\bwww)\.|#(?=\d)/gi;
/** Turn the reading direction, or take no room: as investigations write them out for models and answers. */
const HIDDEN = /[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\u{e0000}-\u{e007f}]/gu;
/** What makes a block at the beginning of a line. */
const OPENING = /^(?:([-+#=>])|(\d{1,9})([.)]))/;
const CODE = /(`[^`\n]+`)/;

/** One line of Markdown that reads as `text`. Code in backticks stays code. */
export function inline(text: string): string {
  const parts = visible(text).trim().replaceAll(/\s+/g, " ").split(CODE);
  return parts.map((part, index) => (index % 2 === 1 ? part : plainPart(part, index === 0))).join("");
}

/** Hidden letters as their numbers. */
const visible = (text: string): string => text.replaceAll(HIDDEN, (letter) => `\\u{${letter.codePointAt(0)?.toString(16)}}`);

function plainPart(part: string, isFirst: boolean): string {
  const escaped = part.replaceAll(SPECIAL, "\\$&");
  return isFirst
    ? escaped.replace(OPENING, (_, mark = "", digits = "", dot = "") => `${mark && `\\${mark}`}${digits}${dot && `\\${dot}`}`)
    : escaped;
}

/** The same in several paragraphs, as the text has them. */
export const paragraphs = (text: string): string =>
  text
    .trim()
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.split("\n").map(inline).join("  \n"))
    .join("\n\n");

/** As code in a line. */
export function code(text: string): string {
  const line = visible(text).replaceAll(/\s+/g, " ").trim();
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const ticks = "`".repeat(longest + 1);
  const pad = longest > 0 ? " " : "";
  return `${ticks}${pad}${line}${pad}${ticks}`;
}

/** Only http and https; anything else would be a way to make a reader run something. */
export function link(label: string, address: string): string {
  return /^https?:\/\//i.test(address)
    ? `[${inline(label)}](<${address.replaceAll(/[<>\s\\]/g, encodeURIComponent)}>)`
    : inline(label);
}
