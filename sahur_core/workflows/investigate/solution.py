"""From a model's answer to the solution that people see: what the ledger does not bear is left out (docs/answers.md)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from sahur_core.evidence import prose
from sahur_core.evidence.claims import CheckedClaims, check_claims
from sahur_core.evidence.ledger import Ledger
from sahur_core.evidence.verdict import find_grounds, lowest
from sahur_core.issues import (
    Claim,
    ClaimKind,
    CodeLocation,
    OwnerHint,
    Patch,
    Report,
    Solution,
    SuspectCommit,
    Usage,
    Verdict,
)
from sahur_core.workflows.investigate.answer import Answer, Review

NEXT_STEP = "Look at the evidence below and decide what to check next."
DECIDER = "A traceback or log of one occurrence, or steps that reproduce the problem."
OPEN = "The cause is open: what was found does not prove one."
CAUSES = (ClaimKind.ROOT_CAUSE, ClaimKind.CONTRIBUTING_FACTOR)
ROOT_CAUSE_ITSELF = 0
"""The number by which a review objects to the root cause as a whole."""
SHA_DIGITS = 10


@dataclass(frozen=True)
class Found:
    """What was found out about an answer besides its claims."""

    owners: list[OwnerHint] = field(default_factory=list)
    patch: Patch | None = None
    open_points: list[str] = field(default_factory=list)
    """What people must be told is missing, such as a patch that does not apply."""


@dataclass(frozen=True)
class Draft:
    """An answer on its way to be a solution. `heard` is what people said to the run."""

    answer: Answer
    ledger: Ledger
    report: Report
    heard: tuple[str, ...] = ()

    def check(self) -> CheckedClaims:
        """The claims that usable evidence backs."""
        told = [Claim(statement=claim.statement, evidence=claim.evidence, kind=claim.kind) for claim in self.answer.claims]
        return check_claims(told, self.ledger, self._seen)

    def judge(self, claims: list[Claim]) -> Verdict:
        """The verdict that the ledger bears, never above the one that the model would defend.

        A cause must be told, and be a claim of its own among `claims`; what it names must have been seen.
        """
        if not self.root_cause() or not any(claim.kind is ClaimKind.ROOT_CAUSE for claim in claims):
            return Verdict.INCONCLUSIVE
        suspect, text = self._suspect(), f"{self.report.title}\n{self.report.body}"
        grounds = find_grounds(claims, self.locations(), suspect.sha if suspect else "", text, self.ledger)
        is_doubtful = bool(prose.unseen_names(self.answer.root_cause, self._seen)) or self._rules_out_its_suspect(claims)
        bound = Verdict.LIKELY if is_doubtful else Verdict.CONFIRMED
        return lowest(grounds.verdict, Verdict(self.answer.verdict), bound)

    def root_cause(self) -> str:
        """Why it happens, without sentences that name what nobody has seen."""
        return prose.without_unseen(self._clean(self.answer.root_cause), self._seen)

    def locations(self) -> list[CodeLocation]:
        """Places that some tool has shown: a path, line or function that no result contains was made up."""
        return [
            CodeLocation(
                path=place.path,
                function=place.function if self.ledger.shows_text(_last_name(place.function)) else "",
                line=place.line if place.line is not None and self.ledger.shows_line(place.path, place.line) else None,
            )
            for place in self.answer.locations
            if self.ledger.shows_path(place.path)
        ]

    def solution(
        self, checked: CheckedClaims, verdict: Verdict, usage: Usage, *, used_llm: bool, found: Found | None = None
    ) -> Solution:
        """The solution. An inconclusive one names no cause as if it were known, and always says what would decide it."""
        found = found or Found()
        is_open = verdict is Verdict.INCONCLUSIVE
        would_decide = self._advice(self.answer.would_decide, is_open=is_open)
        unresolved = self._advice(self.answer.unresolved, is_open=is_open) + (self._unproven(checked.kept) if is_open else [])
        return Solution(
            verdict=verdict,
            summary=self._open_summary(checked.kept) if is_open else self._summary(),
            root_cause="" if is_open else self.root_cause(),
            claims=[claim for claim in checked.kept if not (is_open and _tells_cause(claim))],
            locations=[] if is_open else self.locations(),
            suspect_commit=None if is_open else self._suspect(),
            unresolved=list(dict.fromkeys([*unresolved, *found.open_points])),
            would_decide=would_decide or ([DECIDER] if is_open else []),
            next_step=next(iter(self._advice([self.answer.next_step], is_open=is_open)), NEXT_STEP),
            owners=found.owners,
            proposed_fix="" if is_open else " ".join(self._advice([self.answer.proposed_fix], is_open=False)),
            patch=None if is_open else found.patch,
            dropped_claims=checked.dropped,
            used_llm=used_llm,
            usage=usage,
        )

    def _summary(self) -> str:
        """What is going on; the report's own title where the model told only of what nobody has seen."""
        return prose.without_unseen(self._clean(self.answer.summary), self._seen) or self.report.title

    def _open_summary(self, claims: list[Claim]) -> str:
        """What is known, and that the cause is not: the model's own words only where it does not hold a cause for known."""
        held = self.answer.verdict != "inconclusive" or self.answer.root_cause.strip()
        told = "" if held else prose.without_causes(prose.without_unseen(self._clean(self.answer.summary), self._seen))
        if told:
            return told
        symptom = next((claim.statement for claim in claims if claim.kind is ClaimKind.SYMPTOM), "")
        known = symptom if symptom and not prose.states_cause(symptom) else self.report.title
        return f"{known.rstrip('.')}. {OPEN}"

    def _unproven(self, claims: list[Claim]) -> list[str]:
        """What the answer takes for the cause, as open points, where the evidence does not bear it."""
        told = [
            f"Possible, but not proven: {claim.statement} {''.join(f'[{number}]' for number in claim.evidence)}"
            for claim in claims
            if _tells_cause(claim)
        ]
        if (suspect := self._suspect()) is not None:
            told.append(f"Whether commit {suspect.sha[:SHA_DIGITS]} ({suspect.summary}) has to do with it.")
        places = [f"{place.path}:{place.line}" if place.line else place.path for place in self.locations()[:3]]
        return [*told, *([f"Whether the cause lies in {', '.join(places)}."] if places else [])]

    def _advice(self, texts: list[str], *, is_open: bool) -> list[str]:
        """Advice as the model gives it, but for what names commits or people that nobody has seen.

        Where the cause is open, sentences that tell one as known are left out as well.
        """
        cleaned = [self._clean(text) for text in texts]
        told = [prose.without_causes(text) if is_open else text for text in cleaned]
        return [text for text in told if text and not prose.unseen_identities(text, self._seen)]

    def _rules_out_its_suspect(self, claims: list[Claim]) -> bool:
        """Whether the answer also rules out the very commit that it suspects."""
        suspect = self._suspect()
        ruled_out = [claim.statement for claim in claims if claim.kind is ClaimKind.RULED_OUT]
        shas = [name for text in ruled_out for name in prose.names_in(text)]
        return suspect is not None and any(suspect.sha.startswith(name) for name in shas if len(name) >= 7)

    def _suspect(self) -> SuspectCommit | None:
        return self.ledger.commit(self.answer.suspect_commit.strip())

    def _clean(self, text: str) -> str:
        return prose.clean(text, self.ledger.is_usable)

    @cached_property
    def _seen(self) -> prose.Seen:
        calls = [call.text for call in self.ledger.calls.values()]
        return prose.seen_in([self.report.title, self.report.body, *self.heard, *calls])


def without_refuted(checked: CheckedClaims, review: Review) -> CheckedClaims:
    """The claims that the review does not object to. Where it objects to the root cause itself, no claim tells one."""
    refuted = {objection.claim for objection in review.objections}
    kept = [
        claim
        for number, claim in enumerate(checked.kept, 1)
        if number not in refuted and not (ROOT_CAUSE_ITSELF in refuted and claim.kind is ClaimKind.ROOT_CAUSE)
    ]
    return CheckedClaims(kept=kept, dropped=checked.dropped + len(checked.kept) - len(kept))


def _tells_cause(claim: Claim) -> bool:
    """Whether a claim tells why it happens, as its kind says or, whatever its kind, in so many words."""
    return claim.kind in CAUSES or (claim.kind is not ClaimKind.RULED_OUT and prose.states_cause(claim.statement))


def _last_name(function: str) -> str:
    """`total` of `Cart.total` or `total()`."""
    return function.removesuffix("()").rpartition(".")[2].rpartition("::")[2]
