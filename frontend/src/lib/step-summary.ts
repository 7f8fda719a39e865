/** What is worth telling of a step's summary, which the server often takes from what the step has just streamed. */
import type { Step } from "./run-state";

/** Without marks and line breaks: the summary is one plain line, the streamed text is Markdown. */
export const plain = (text: string): string =>
  text
    .replaceAll(/[`*_]/g, "")
    .replaceAll(/\s+/g, " ")
    .replace(/\s?(…|\.\.\.)$/, "")
    .trim();

/** The summary, or "" where the reader has it already: it was streamed, wholly or up to where the summary was cut. */
export function newInSummary({ summary, parts }: Pick<Step, "summary" | "parts">): string {
  const said = parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join(" ");
  return plain(said).includes(plain(summary)) ? "" : summary;
}
