import { Markdown } from "@/components/text/markdown";
import { CLAIM_TITLES, claimsOf, claimText } from "@/lib/claims";
import type { ClaimKind, Solution } from "@/lib/event-types.gen";
import { LineList, Lines, Part } from "./solution-parts";

interface Props {
  solution: Solution;
  known: ReadonlySet<number>;
}

const AFTER_THE_CAUSE: readonly ClaimKind[] = ["contributing_factor", "symptom", "observation", "ruled_out"];

/** What the answer says, by kind, each statement with its evidence; and how many were left out for want of any. */
export function Claims({ solution, known }: Props) {
  return (
    <>
      <RootCause solution={solution} known={known} />
      {AFTER_THE_CAUSE.map((kind) => (
        <Lines
          key={kind}
          title={CLAIM_TITLES[kind]}
          label={`${CLAIM_TITLES[kind]} of the solution`}
          lines={claimsOf(solution.claims, kind).map(claimText)}
          known={known}
        />
      ))}
      <Dropped count={solution.dropped_claims} />
    </>
  );
}

function RootCause({ solution, known }: Props) {
  const claims = claimsOf(solution.claims, "root_cause", solution.root_cause);
  if (!solution.root_cause && claims.length === 0) return null;
  return (
    <Part title={CLAIM_TITLES.root_cause}>
      {solution.root_cause && <Markdown text={rootCauseText(solution)} known={known} />}
      {claims.length > 0 && <LineList lines={claims.map(claimText)} known={known} />}
    </Part>
  );
}

/** Where it is told in the words of a claim, with the evidence of that claim, unless it cites its own. */
function rootCauseText({ root_cause, claims }: Solution): string {
  const told = claims.filter((claim) => claim.kind === "root_cause" && !claimsOf([claim], "root_cause", root_cause).length);
  const missing = new Set(told.flatMap(({ evidence }) => evidence).filter((number) => !root_cause.includes(`[${number}]`)));
  return [root_cause, ...[...missing].map((number) => `[${number}]`)].join(" ");
}

function Dropped({ count }: { count: number }) {
  if (count === 0) return null;
  return (
    <p className="text-xs text-muted">
      {count === 1 ? "One statement was" : `${count} statements were`} left out: no evidence backs {count === 1 ? "it" : "them"}.
    </p>
  );
}
