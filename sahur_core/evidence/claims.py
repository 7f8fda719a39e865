"""Claims that nothing usable backs are dropped, and counted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sahur_core.evidence.ledger import Ledger
from sahur_core.issues import Claim


@dataclass(frozen=True)
class CheckedClaims:
    """What is left of an answer's claims: each rests on at least one usable piece of evidence."""

    kept: list[Claim]
    dropped: int


def check_claims(claims: Iterable[Claim], ledger: Ledger) -> CheckedClaims:
    """Take unusable numbers out of each claim, and drop the claims that then cite nothing."""
    kept: list[Claim] = []
    dropped = 0
    for claim in claims:
        numbers = sorted({number for number in claim.evidence if ledger.is_usable(number)})
        if numbers and claim.statement.strip():
            kept.append(claim.model_copy(update={"statement": claim.statement.strip(), "evidence": numbers}))
        else:
            dropped += 1
    return CheckedClaims(kept=kept, dropped=dropped)
