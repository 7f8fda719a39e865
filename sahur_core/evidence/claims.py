"""Claims that nothing usable backs are dropped, and counted, whatever their kind.

A claim is kept if

* it cites at least one number of usable evidence: a tool call that worked, gave something, and has a receipt. Only a
  claim that rules something out may also cite that a completed search of the code found nothing;
* it names no path, commit or person that nothing in the run contains;
* of what it names (paths, commits, code), at least one thing is in what it cites. Whether the evidence then bears it is
  for the verification pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sahur_core.evidence.ledger import Ledger, occurs
from sahur_core.evidence.prose import Seen, anchors_in, clean, unseen_names
from sahur_core.issues import Claim, ClaimKind

_NOTHING_LEFT = re.compile(r"^[\W_]*$")


@dataclass(frozen=True)
class CheckedClaims:
    """What is left of an answer's claims: each rests on at least one usable piece of evidence."""

    kept: list[Claim]
    dropped: int


def check_claims(claims: Iterable[Claim], ledger: Ledger, seen: Seen | None = None) -> CheckedClaims:
    """Take unusable numbers out of each claim, and drop the claims that then cite nothing or speak of something else.

    `seen` is all that the run has seen; without it names are not looked up.
    """
    kept: list[Claim] = []
    dropped = 0
    for claim in claims:
        may_cite_absence = claim.kind is ClaimKind.RULED_OUT
        numbers = sorted(
            {number for number in claim.evidence if ledger.is_usable(number) or (may_cite_absence and ledger.is_absence(number))}
        )
        statement = clean(claim.statement, numbers.__contains__)
        is_told = numbers and not _NOTHING_LEFT.match(statement) and touches(statement, numbers, ledger)
        if is_told and not (seen and unseen_names(statement, seen)):
            kept.append(claim.model_copy(update={"statement": statement, "evidence": numbers}))
        else:
            dropped += 1
    return CheckedClaims(kept=kept, dropped=dropped)


def touches(statement: str, numbers: Iterable[int], ledger: Ledger) -> bool:
    """Whether the cited results contain any of what the statement names. What names nothing cannot be told from here."""
    named = anchors_in(statement)
    if not named:
        return True
    shown = ledger.texts_behind(numbers)
    return any(occurs(name, shown) or _file_name(name) in shown for name in named)


def _file_name(path: str) -> str:
    """The last part of a path; anything else as it is."""
    return path.replace("\\", "/").rpartition("/")[2] if " " not in path and not path.endswith(("/", "\\")) else path
