/** Text that others wrote, put into a Markdown document so that it stays text: it can make no heading, link, image or HTML. */

const SPECIAL = /[\\`*[\]<>|~&]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|!(?=\[)/g;
/** What makes a block at the beginning of a line. */
const OPENING = /^(?:([-+#=>])|(\d{1,9})([.)]))/;
const CODE = /(`[^`\n]+`)/;

/** One line of Markdown that reads as `text`. Code in backticks stays code. */
export function inline(text: string): string {
  const parts = text.trim().replaceAll(/\s+/g, " ").split(CODE);
  return parts.map((part, index) => (index % 2 === 1 ? part : plainPart(part, index === 0))).join("");
}

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
  const line = text.replaceAll(/\s+/g, " ").trim();
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
