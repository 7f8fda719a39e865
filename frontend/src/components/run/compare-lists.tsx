import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { InlineText } from "@/components/text/inline-text";
import type { RunDifference } from "@/lib/api-types";
import { CLAIM_NAMES } from "@/lib/claims";
import { toolLine } from "@/lib/tool-lines";
import { Likeness } from "./compare-runs";

type Difference = RunDifference["difference"];
type Claim = Difference["claims"]["both"][number];
type Call = Difference["tool_calls"]["both"][number];
type Location = Difference["locations"]["both"][number];

interface Props {
  difference: Difference;
  numbers: readonly [number, number];
}

/** What only one of the two runs says, has found or has asked; what both do is folded. */
export function PartedLists({ difference, numbers }: Props) {
  const { locations, claims, evidence, tool_calls: calls } = difference;
  return (
    <>
      <Parted title="Locations" numbers={numbers} parts={mapped(locations, placeText)} />
      <Parted title="Claims" numbers={numbers} parts={mapped(claims, claimLine)} />
      <Parted title="Evidence" numbers={numbers} parts={mapped(evidence, ({ statement }) => statement)} />
      <Parted title="Tool calls" numbers={numbers} parts={mapped(calls, callLine)} />
    </>
  );
}

interface Parts<T> {
  both: T[];
  only_first: T[];
  only_second: T[];
}

const mapped = <T,>({ both, only_first, only_second }: Parts<T>, write: (each: T) => string): Parts<string> => ({
  both: both.map(write),
  only_first: only_first.map(write),
  only_second: only_second.map(write),
});

const claimLine = ({ kind, statement }: Claim): string => `${CLAIM_NAMES[kind]}: ${statement}`;

function callLine({ tool, arguments: args, status }: Call): string {
  const { verb, object } = toolLine(tool, args);
  return `${verb}${object ? ` \`${object}\`` : ""}${status === "ok" ? "" : ` (${status.replaceAll("_", " ")})`}`;
}

const placeText = (place: Location): string =>
  `\`${place.path}${place.line ? `:${place.line}` : ""}\`${place.function ? ` in ${place.function}` : ""}`;

function Parted({ title, numbers, parts }: { title: string; numbers: readonly [number, number]; parts: Parts<string> }) {
  const { both, only_first, only_second } = parts;
  if (both.length + only_first.length + only_second.length === 0) return null;
  const isDifferent = only_first.length + only_second.length > 0;
  return (
    <section aria-label={title}>
      <h3 className="mb-1 flex items-center gap-2 text-xs font-semibold text-muted">
        {title}
        <Likeness isDifferent={isDifferent} />
      </h3>
      {isDifferent && (
        <div className="grid gap-x-3 gap-y-2 sm:grid-cols-2">
          <Side title={`Only in run ${numbers[0]}`} lines={only_first} />
          <Side title={`Only in run ${numbers[1]}`} lines={only_second} />
        </div>
      )}
      {both.length > 0 && (
        <details className="group/both mt-1">
          <summary className="flex min-h-8 items-center gap-1 rounded text-xs text-muted hover:text-ink pointer-coarse:min-h-11">
            <ChevronRight className="size-3.5 text-faint transition-transform group-open/both:rotate-90" aria-hidden />
            In both ({both.length})
          </summary>
          <Lines lines={both} />
        </details>
      )}
    </section>
  );
}

function Side({ title, lines }: { title: string; lines: readonly string[] }): ReactNode {
  return (
    <div className="min-w-0 rounded-md bg-raised px-3 py-2">
      <p className="mb-1 text-xs text-muted">{title}</p>
      {lines.length > 0 ? <Lines lines={lines} /> : <p className="text-[0.8125rem] text-muted">Nothing</p>}
    </div>
  );
}

function Lines({ lines }: { lines: readonly string[] }) {
  return (
    <ul className="space-y-1 text-[0.8125rem]">
      {lines.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two calls may read alike
        <li key={index} className="flex gap-2">
          <span aria-hidden className="text-faint">
            –
          </span>
          <InlineText text={line} />
        </li>
      ))}
    </ul>
  );
}
