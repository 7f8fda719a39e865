"""From a model's answer to the solution that people see: what the ledger does not bear is left out."""

from __future__ import annotations

from dataclasses import dataclass

from sahur_core.evidence.claims import CheckedClaims, check_claims
from sahur_core.evidence.ledger import Ledger
from sahur_core.evidence.verdict import find_grounds, lowest
from sahur_core.issues import Claim, CodeLocation, Report, Solution, SuspectCommit, Usage, Verdict
from sahur_core.workflows.investigate.answer import Answer, Review

NEXT_STEP = "Look at the evidence below and decide what to check next."
DECIDER = "A traceback or log of one occurrence, or steps that reproduce the problem."


@dataclass(frozen=True)
class Draft:
    """An answer on its way to be a solution."""

    answer: Answer
    ledger: Ledger
    report: Report

    def check(self) -> CheckedClaims:
        """The claims that usable evidence backs."""
        return check_claims(
            [Claim(statement=claim.statement, evidence=claim.evidence, kind=claim.kind) for claim in self.answer.claims],
            self.ledger,
        )

    def judge(self, claims: list[Claim]) -> Verdict:
        """The verdict that the ledger bears, never above the one that the model would defend."""
        if not self.answer.root_cause.strip():
            return Verdict.INCONCLUSIVE
        suspect, text = self._suspect(), f"{self.report.title}\n{self.report.body}"
        grounds = find_grounds(claims, self._locations(), suspect.sha if suspect else "", text, self.ledger)
        return lowest(grounds.verdict, Verdict(self.answer.verdict))

    def solution(self, checked: CheckedClaims, verdict: Verdict, usage: Usage, *, used_llm: bool) -> Solution:
        """The solution. An inconclusive one names no cause as if it were known, and always says what would decide it."""
        is_open = verdict is Verdict.INCONCLUSIVE
        would_decide = [text for text in self.answer.would_decide if text.strip()]
        return Solution(
            verdict=verdict,
            summary=self.answer.summary.strip() or self.report.title,
            root_cause="" if is_open else self.answer.root_cause.strip(),
            claims=checked.kept,
            locations=self._locations(),
            suspect_commit=self._suspect(),
            unresolved=[text for text in self.answer.unresolved if text.strip()],
            would_decide=would_decide or ([DECIDER] if is_open else []),
            next_step=self.answer.next_step.strip() or NEXT_STEP,
            proposed_fix=self.answer.proposed_fix.strip(),
            dropped_claims=checked.dropped,
            used_llm=used_llm,
            usage=usage,
        )

    def _locations(self) -> list[CodeLocation]:
        """Places that some tool has shown; a path that no result contains was made up."""
        return [
            CodeLocation(path=place.path, function=place.function, line=place.line)
            for place in self.answer.locations
            if self.ledger.shows_path(place.path)
        ]

    def _suspect(self) -> SuspectCommit | None:
        return self.ledger.commit(self.answer.suspect_commit.strip())


def without_refuted(checked: CheckedClaims, review: Review) -> CheckedClaims:
    """The claims that the review does not object to."""
    refuted = {objection.claim for objection in review.objections}
    kept = [claim for number, claim in enumerate(checked.kept, 1) if number not in refuted]
    return CheckedClaims(kept=kept, dropped=checked.dropped + len(checked.kept) - len(kept))
