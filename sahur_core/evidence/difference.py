"""What two lines of one issue have in common, and what only one of them found."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sahur_core.issues import Claim, CodeLocation, Evidence, Record, Solution, SuspectCommit, ToolResultStatus, Verdict

T = TypeVar("T")


class Parted(Record, Generic[T]):
    """Things of two runs. What is in both is told as the first one has it, with the first one's numbers of evidence."""

    both: list[T] = []
    only_first: list[T] = []
    only_second: list[T] = []


class CallInShort(Record):
    """A tool call without its result."""

    tool: str
    arguments: dict[str, Any]
    status: ToolResultStatus
    receipt_id: str = ""


class PartedClaims(Parted[Claim]):
    """The same words, or the same kind of claim resting on the same facts, are the same claim."""


class PartedEvidence(Parted[Evidence]):
    """The same place in the code, or the same excerpt of the same result, is the same fact, whatever is said of it."""


class PartedLocations(Parted[CodeLocation]):
    """By path and function: lines are seldom told alike."""


class PartedCalls(Parted[CallInShort]):
    """By tool and arguments. Calls that were made several times are told once."""


class Side(Record):
    """The answer of one of the two; empty parts before it has one."""

    verdict: Verdict | None = None
    summary: str = ""
    root_cause: str = ""
    suspect_commit: SuspectCommit | None = None
    next_step: str = ""


class Difference(Record):
    first: Side
    second: Side
    differs: list[str]
    """Of `verdict`, `root_cause`, `suspect_commit`, `locations`, `claims`, `evidence`, `tool_calls`: those that are not alike."""
    locations: PartedLocations
    claims: PartedClaims
    evidence: PartedEvidence
    tool_calls: PartedCalls


@dataclass(frozen=True)
class Line:
    """What is known of one run; `solution` is None before it has an answer."""

    solution: Solution | None
    evidence: Sequence[Evidence]
    tool_calls: Sequence[CallInShort]


def difference(first: Line, second: Line) -> Difference:
    """Compare two runs of one issue. It says what differs, not which of them is right."""
    sides = _side(first), _side(second)
    locations = PartedLocations(**_part(_locations(first), _locations(second), _location_key))
    evidence = PartedEvidence(**_part(first.evidence, second.evidence, _fact_key))
    calls = PartedCalls(**_part(first.tool_calls, second.tool_calls, _call_key))
    claims = _part_claims(first, second)
    alike = {
        "verdict": sides[0].verdict is sides[1].verdict,
        "root_cause": _words(sides[0].root_cause) == _words(sides[1].root_cause),
        "suspect_commit": _sha(sides[0]) == _sha(sides[1]),
        **{
            name: not parted.only_first and not parted.only_second
            for name, parted in (("locations", locations), ("claims", claims), ("evidence", evidence), ("tool_calls", calls))
        },
    }
    return Difference(
        first=sides[0],
        second=sides[1],
        differs=[name for name, is_alike in alike.items() if not is_alike],
        locations=locations,
        claims=claims,
        evidence=evidence,
        tool_calls=calls,
    )


def _part(first: Sequence[T], second: Sequence[T], key: Callable[[T], Hashable]) -> dict[str, list[T]]:
    mine = {key(each): each for each in reversed(first)}
    theirs = {key(each): each for each in reversed(second)}
    return {
        "both": [each for name, each in reversed(mine.items()) if name in theirs],
        "only_first": [each for name, each in reversed(mine.items()) if name not in theirs],
        "only_second": [each for name, each in reversed(theirs.items()) if name not in mine],
    }


def _part_claims(first: Line, second: Line) -> PartedClaims:
    """A claim of one line may be several of the other, so each is looked for by itself."""
    mine, theirs = _claims(first), _claims(second)
    in_theirs, in_mine = {key for _, keys in theirs for key in keys}, {key for _, keys in mine for key in keys}
    return PartedClaims(
        both=[claim for claim, keys in mine if keys & in_theirs],
        only_first=[claim for claim, keys in mine if not keys & in_theirs],
        only_second=[claim for claim, keys in theirs if not keys & in_mine],
    )


def _claims(line: Line) -> list[tuple[Claim, set[Hashable]]]:
    facts = {fact.number: _fact_key(fact) for fact in line.evidence}
    found = []
    for claim in line.solution.claims if line.solution else []:
        keys: set[Hashable] = {_words(claim.statement)}
        if claim.evidence and all(number in facts for number in claim.evidence):
            keys.add((claim.kind, frozenset(facts[number] for number in claim.evidence)))
        found.append((claim, keys))
    return found


def _side(line: Line) -> Side:
    answer = line.solution
    if answer is None:
        return Side()
    return Side(
        verdict=answer.verdict,
        summary=answer.summary,
        root_cause=answer.root_cause,
        suspect_commit=answer.suspect_commit,
        next_step=answer.next_step,
    )


def _locations(line: Line) -> list[CodeLocation]:
    return list(line.solution.locations) if line.solution else []


def _location_key(place: CodeLocation) -> Hashable:
    return place.path, place.function


def _fact_key(fact: Evidence) -> Hashable:
    if fact.path or fact.commit:
        return fact.path, fact.line, fact.commit
    return fact.receipt_id, _words(fact.excerpt or fact.statement)


def _call_key(call: CallInShort) -> Hashable:
    return call.tool, json.dumps(call.arguments, sort_keys=True)


def _sha(side: Side) -> str:
    return side.suspect_commit.sha if side.suspect_commit else ""


def _words(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(".")
