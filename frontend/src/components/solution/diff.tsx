import { Output } from "@/components/ui/output";

/** A bare diff, which reads better as code than as Markdown. */
export const isDiff = (text: string): boolean => /^(diff --git|--- |@@ )/.test(text);

/** The sign at the start of a line tells the same as its color. */
const LOOKS: [start: RegExp, look: string][] = [
  [/^(diff |index |--- |\+\+\+ |@@)/, "text-muted"],
  [/^\+/, "bg-good-soft text-good"],
  [/^-/, "bg-bad-soft text-bad"],
];

export function Diff({ text, className = "" }: { text: string; className?: string }) {
  return (
    <Output label="Diff" className={`*:w-max *:min-w-full ${className}`}>
      {text
        .trimEnd()
        .split("\n")
        .map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the lines of one text have no other name
          <code key={index} className={`block ${LOOKS.find(([start]) => start.test(line))?.[1] ?? ""}`}>
            {line || " "}
          </code>
        ))}
    </Output>
  );
}
