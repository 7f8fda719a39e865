/** Claims in the order and under the headings in which an answer shows them. */
import type { Claim, ClaimKind } from "./event-types.gen";

export const CLAIM_TITLES: Record<ClaimKind, string> = {
  root_cause: "Root cause",
  contributing_factor: "Contributing factors",
  symptom: "Symptoms",
  observation: "Evidence",
  ruled_out: "Ruled out",
};

/** Of a single claim. */
export const CLAIM_NAMES: Record<ClaimKind, string> = {
  root_cause: "Root cause",
  contributing_factor: "Contributing factor",
  symptom: "Symptom",
  observation: "Evidence",
  ruled_out: "Ruled out",
};

/** With its citations at its end. */
export const claimText = ({ statement, evidence }: Claim): string =>
  [statement, ...evidence.map((number) => `[${number}]`)].join(" ");

/** The claims of one kind, without the one that says only what `told` says already. */
export function claimsOf(claims: readonly Claim[], kind: ClaimKind, told = ""): Claim[] {
  const isTold = ({ statement }: Claim) => told !== "" && told.includes(statement.replace(/\.$/, ""));
  return claims.filter((claim) => claim.kind === kind && !isTold(claim));
}
