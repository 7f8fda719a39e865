import { Fragment } from "react";
import { Citation } from "./citation";

/** Code in backticks, and citations; the rest is what it is. */
const PARTS = /(`[^`\n]+`|(?<!\w)\[\d{1,4}\])/;

/**
 * A statement in one piece: only code and citations of known evidence are marked. Not Markdown, which would take the
 * underscores of `__init__` for bold where somebody forgot the backticks.
 */
export function InlineText({ text, known }: { text: string; known?: ReadonlySet<number> }) {
  return (
    <span className="markdown min-w-0 break-words whitespace-pre-line">
      {text.split(PARTS).map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text have no other name
        <Fragment key={index}>{marked(part, known)}</Fragment>
      ))}
    </span>
  );
}

function marked(part: string, known: ReadonlySet<number> | undefined) {
  if (part.length > 2 && part.startsWith("`") && part.endsWith("`")) return <code>{part.slice(1, -1)}</code>;
  const cited = /^\[(\d+)\]$/.exec(part)?.[1];
  return cited && known?.has(Number(cited)) ? <Citation number={Number(cited)} /> : part;
}
