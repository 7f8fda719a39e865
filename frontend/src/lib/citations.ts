/** `[3]` in a text is a citation of evidence 3: it becomes a link, but only where that evidence exists. */

export const evidenceAnchor = (number: number): string => `evidence-${number}`;

/** Code is left alone: `items[0]` there is not a citation. */
const CODE_OR_CITATION = /(```[\s\S]*?(?:```|$)|`[^`\n]*`)|(?<!\w)\[(\d{1,4})\](?![(:])/g;

/** Markdown in which citations of known evidence are links to it. */
export function linkCitations(markdown: string, known: ReadonlySet<number>): string {
  return markdown.replace(CODE_OR_CITATION, (whole: string, code: string | undefined, digits: string | undefined) => {
    if (code !== undefined || digits === undefined || !known.has(Number(digits))) return whole;
    return `[${digits}](#${evidenceAnchor(Number(digits))})`;
  });
}
