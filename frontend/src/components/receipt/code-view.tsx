import { memo, useMemo } from "react";
import type { CodeLine } from "@/lib/code-result";

interface Props {
  /** What it is, for who hears the page. */
  label: string;
  lines: readonly CodeLine[];
  /** The line that it is about. */
  marked?: number | null;
  className?: string;
}

/** Laid out in pieces, those far from the screen later: 50,000 lines open at once, and can still be searched. */
const LINES_A_PIECE = 200;

/** Code with the numbers that its lines have in their file, and who changed them last where that was asked. */
export function CodeView({ label, lines, marked = null, className = "" }: Props) {
  const pieces = useMemo(() => {
    const cut: CodeLine[][] = [];
    for (let start = 0; start < lines.length; start += LINES_A_PIECE) cut.push(lines.slice(start, start + LINES_A_PIECE));
    return cut;
  }, [lines]);
  const digits = String(lines.at(-1)?.number ?? 0).length;
  return (
    <section aria-label={label} tabIndex={0} className={`overflow-auto rounded border border-line bg-raised ${className}`}>
      <pre className="w-max min-w-full py-1.5 font-mono text-xs leading-relaxed">
        {pieces.map((piece) => (
          <Piece key={piece[0]?.number} lines={piece} digits={digits} marked={marked} />
        ))}
      </pre>
    </section>
  );
}

interface PieceProps {
  lines: readonly CodeLine[];
  digits: number;
  marked: number | null;
}

const Piece = memo(function Piece({ lines, digits, marked }: PieceProps) {
  return (
    <span className="later block">
      {lines.map((line) => (
        <code
          key={line.number}
          className={`block pr-3 ${line.number === marked ? "bg-warn-soft shadow-[inset_3px_0_0_var(--warn)]" : ""}`}
          aria-current={line.number === marked || undefined}
        >
          {/* Not selected with the code, so that a copy of it is code. */}
          <span
            className="sticky left-0 mr-3 inline-block bg-inherit pl-3 text-right text-muted select-none"
            style={{ minWidth: `${digits + 2}ch` }}
          >
            {line.number}
          </span>
          {line.by && <span className="mr-3 text-muted select-none">{line.by}</span>}
          {line.text}
          {"\n"}
        </code>
      ))}
    </span>
  );
});
