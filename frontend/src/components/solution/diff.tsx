"use client";
import { FileDiff } from "lucide-react";
import { useMemo } from "react";
import { Output } from "@/components/ui/output";
import { type DiffFile, type DiffLine, type Hunk, parseDiff } from "@/lib/unified-diff";

/** A bare diff, which reads better as code than as Markdown. */
export const isDiff = (text: string): boolean => /^(diff --git|--- |@@ )/.test(text);

interface Props {
  text: string;
  /** Of a diff that stays text. */
  label?: string;
  className?: string;
}

/** A unified diff, file by file, with the numbers of its lines before and after; one that cannot be read stays text. */
export function Diff({ text, label = "Diff", className = "" }: Props) {
  const files = useMemo(() => parseDiff(text), [text]);
  if (files.length === 0) return <PlainDiff text={text} label={label} className={className} />;
  return (
    <div className={`space-y-2 overflow-y-auto ${className}`}>
      {files.map((file, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a text may name one file twice
        <File key={index} file={file} />
      ))}
    </div>
  );
}

const CHANGES: Record<DiffFile["change"], string> = { changed: "", new: "new file", deleted: "deleted", renamed: "renamed" };

function File({ file }: { file: DiffFile }) {
  const { path, formerPath, change, added, removed } = file;
  return (
    <section aria-label={`Changes of ${path}`} className="overflow-hidden rounded border border-line">
      <header className="flex flex-wrap items-center gap-x-2 border-b border-line bg-raised px-2 py-1 text-xs">
        <FileDiff className="size-3.5 shrink-0 text-muted" aria-hidden />
        <span className="min-w-0 font-mono font-medium break-all">
          {formerPath && formerPath !== path && `${formerPath} → `}
          {path}
        </span>
        {CHANGES[change] && <span className="text-muted">{CHANGES[change]}</span>}
        <span className="ml-auto shrink-0 font-mono">
          <span className="text-good">+{added}</span>
          <span className="sr-only"> lines added,</span> <span className="text-bad">−{removed}</span>
          <span className="sr-only"> lines removed</span>
        </span>
      </header>
      <section aria-label={`Lines of ${path}`} tabIndex={0} className="overflow-x-auto focus-visible:-outline-offset-2">
        {file.hunks.length === 0 && (
          <p className="px-3 py-2 font-mono text-xs whitespace-pre-wrap text-muted">{file.notes.join("\n")}</p>
        )}
        <table className="w-full border-collapse font-mono text-xs leading-relaxed">
          <caption className="sr-only">Line before, line after, and the line itself: + added, − removed</caption>
          {file.hunks.map((hunk, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the hunks of one text have no other name
            <HunkRows key={index} hunk={hunk} />
          ))}
        </table>
      </section>
    </section>
  );
}

function HunkRows({ hunk }: { hunk: Hunk }) {
  return (
    <tbody>
      <tr>
        <td colSpan={3} className="bg-accent-soft px-2 text-2xs text-muted">
          {hunk.header}
        </td>
      </tr>
      {hunk.lines.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines of one text have no other name
        <Line key={index} line={line} />
      ))}
    </tbody>
  );
}

/** The sign tells the same as the color. */
const LOOKS: Record<DiffLine["kind"], { sign: string; look: string }> = {
  same: { sign: " ", look: "" },
  added: { sign: "+", look: "bg-good-soft" },
  removed: { sign: "−", look: "bg-bad-soft" },
  note: { sign: " ", look: "text-muted italic" },
};
const SIGN_LOOKS: Partial<Record<DiffLine["kind"], string>> = { added: "text-good", removed: "text-bad" };

function Line({ line }: { line: DiffLine }) {
  const { sign, look } = LOOKS[line.kind];
  return (
    <tr className={look}>
      <td className="w-10 min-w-10 pr-2 pl-1 text-right align-top text-2xs leading-5 text-muted select-none">{line.before}</td>
      <td className="w-10 min-w-10 border-r border-line pr-2 text-right align-top text-2xs leading-5 text-muted select-none">
        {line.after}
      </td>
      <td className="pr-3 whitespace-pre">
        <span className={`inline-block w-6 text-center font-semibold select-none ${SIGN_LOOKS[line.kind] ?? ""}`}>{sign}</span>
        {line.text}
      </td>
    </tr>
  );
}

/** What changed between two answers, or a diff that was cut in its middle. */
const PLAIN_LOOKS: [start: RegExp, look: string][] = [
  [/^(diff |index |--- |\+\+\+ |@@)/, "text-muted"],
  [/^\+/, "bg-good-soft text-good"],
  [/^-/, "bg-bad-soft text-bad"],
];

function PlainDiff({ text, label, className }: Required<Props>) {
  return (
    <Output label={label} className={`*:w-max *:min-w-full ${className}`}>
      {text
        .trimEnd()
        .split("\n")
        .map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the lines of one text have no other name
          <code key={index} className={`block ${PLAIN_LOOKS.find(([start]) => start.test(line))?.[1] ?? ""}`}>
            {line || " "}
          </code>
        ))}
    </Output>
  );
}
