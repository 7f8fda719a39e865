"""Who probably knows the places of an answer: read from results of `code__owners` and `code__blame`, never from a model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sahur_core.context.results import parse_result
from sahur_core.evidence.ledger import Ledger, is_usable_call, shows
from sahur_core.issues import CodeLocation, OwnerHint, ToolCall
from sahur_core.workflows.investigate.solution import Draft

BLAME, CODE_OWNERS = "blame", "code_owners"
OWNERS_TOOL = "code__owners"
MAX_PLACES = 3
"""Of an answer's places, so many are asked about."""
MAX_HINTS = 6
MAX_PEOPLE_OF_PLACE = 2
NEARBY = 3
"""Lines before and after the one that is asked about."""


def places_to_ask(draft: Draft) -> list[CodeLocation]:
    """The places of the answer; where it names none, those of the recorded evidence: somebody may know these."""
    recorded = [CodeLocation(path=fact.path, line=fact.line) for fact in draft.ledger.evidence.values() if fact.path]
    by_path = {place.path: place for place in reversed(draft.locations() or recorded)}
    return list(reversed(by_path.values()))[:MAX_PLACES]


def arguments_for(place: CodeLocation, repository: str, commit: str) -> dict[str, Any]:
    """What `code__owners` is asked about a place: the lines around it, or all of its file."""
    asked: dict[str, Any] = {"repository": repository, "commit": commit, "path": place.path}
    if place.line is not None:
        asked |= {"start": max(1, place.line - NEARBY), "end": place.line + NEARBY}
    return asked


def owner_hints(places: Sequence[CodeLocation], ledger: Ledger) -> list[OwnerHint]:
    """Whom CODEOWNERS names for these places, then who changed them last."""
    found: dict[tuple[str, str], list[str]] = {}
    calls = [call for call in ledger.calls.values() if is_usable_call(call)]
    for place in places:
        names = [(owner, CODE_OWNERS) for owner in _code_owners(place, calls)]
        names += [(person, BLAME) for person in _authors(place, calls)]
        for name in dict.fromkeys(names):
            paths = found.setdefault(name, [])
            if place.path not in paths:
                paths.append(place.path)
    ordered = sorted(found, key=lambda key: key[1] != CODE_OWNERS)
    return [OwnerHint(name=name, source=source, paths=found[name, source]) for name, source in ordered[:MAX_HINTS]]


def _code_owners(place: CodeLocation, calls: Iterable[ToolCall]) -> list[str]:
    rules = [rule for result in _of(place, calls, "owners") for rule in result.get("rules", [])]
    return [str(owner) for rule in rules for owner in rule.get("owners", [])]


def _authors(place: CodeLocation, calls: Sequence[ToolCall]) -> list[str]:
    """Who wrote the line, as blame tells; else who wrote most of what was asked about."""
    for result in _of(place, calls, "blame"):
        shas = [row["sha"] for row in result.get("lines", []) if row.get("line") == place.line]
        names = [str(commit["author"]) for commit in result.get("commits", []) if commit.get("sha") in shas]
        if names:
            return names[:MAX_PEOPLE_OF_PLACE]
    people = [person for result in _of(place, calls, "owners") for person in result.get("people", [])]
    return [str(person["name"]) for person in people[:MAX_PEOPLE_OF_PLACE]]


def _of(place: CodeLocation, calls: Iterable[ToolCall], tool: str) -> list[dict[str, Any]]:
    """Results of one tool about the place's file."""
    results = [parse_result(call.text) or {} for call in calls if shows(call, frozenset({tool}))]
    return [result for result in results if result.get("path") == place.path]
