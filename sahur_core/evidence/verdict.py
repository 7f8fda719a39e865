"""The verdict, computed from the ledger.

Four things are looked for among the evidence that kept claims cite:

* *place*     a result that shows a line of a file that the answer names as the location
* *change*    a result that shows how the suspect commit changed such a file
* *symptom*   a result that the report itself points to: a file, function, name or quoted text of the report; earlier
              issues and runbooks are no such result, because there the words may be the report's own
* *link*      one claim that cites the change together with a place

`confirmed`: place, change, symptom and link. `likely`: place, and change or symptom. Else `inconclusive`.
What the model would defend and what verification says can only lower this.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sahur_core.evidence.ledger import (
    SHOW_CHANGES,
    SHOW_LINES,
    Ledger,
    changes,
    contains_commit,
    shown_lines,
    shows,
)
from sahur_core.issues import Claim, CodeLocation, Verdict

# Reports may be hostile: every pattern here takes linear time.
_TOKEN = re.compile(r"[\w./\\-]+")
_FILE_NAME = re.compile(r"\w\.[A-Za-z]\w{0,4}$")
_QUOTED = re.compile(r"""['"`]([^'"`\n]{3,120})['"`]""")
_FRAME_FUNCTION = re.compile(r"\bin ([A-Za-z_]\w{2,})\b")
_IDENTIFIER = re.compile(r"\b[A-Za-z]\w*_\w+\b|\b[A-Za-z_]\w+(?=\()")


@dataclass(frozen=True)
class Grounds:
    """Which of the four were found."""

    place: bool
    change: bool
    symptom: bool
    link: bool

    @property
    def verdict(self) -> Verdict:
        if self.place and self.change and self.symptom and self.link:
            return Verdict.CONFIRMED
        if self.place and (self.change or self.symptom):
            return Verdict.LIKELY
        return Verdict.INCONCLUSIVE


def find_grounds(
    claims: Iterable[Claim], locations: Iterable[CodeLocation], suspect_sha: str, report_text: str, ledger: Ledger
) -> Grounds:
    """What the evidence cited by `claims` (already checked) bears out."""
    paths = {location.path for location in locations}
    anchors = report_anchors(report_text)
    place: set[int] = set()
    change: set[int] = set()
    symptom: set[int] = set()
    cited = list(claims)
    for number in {number for claim in cited for number in claim.evidence}:
        if _is_place(number, paths, ledger):
            place.add(number)
        if _is_change(number, paths, suspect_sha, ledger):
            change.add(number)
        if _is_symptom(number, anchors, ledger):
            symptom.add(number)
    link = any(change & set(claim.evidence) and (place - change) & set(claim.evidence) for claim in cited)
    return Grounds(place=bool(place), change=bool(change), symptom=bool(symptom), link=link)


def lowest(*verdicts: Verdict) -> Verdict:
    """The weakest of several verdicts: no later pass can raise an earlier one."""
    return min(verdicts, key=lambda verdict: verdict.rank)


def report_anchors(text: str) -> set[str]:
    """What a report points to by name: files, functions of stack frames, identifiers, quoted texts."""
    tokens = (token.rstrip(".").replace("\\", "/").rpartition("/")[2] for token in _TOKEN.findall(text))
    files = {name for name in tokens if _FILE_NAME.search(name[-40:])}
    names = set(_FRAME_FUNCTION.findall(text)) | set(_IDENTIFIER.findall(text))
    return {anchor for anchor in files | names | set(_QUOTED.findall(text)) if len(anchor) > 2}


def _is_place(number: int, paths: set[str], ledger: Ledger) -> bool:
    fact, call = ledger.evidence[number], ledger.call_behind(number)
    if call is None or fact.path not in paths or fact.line is None or not shows(call, SHOW_LINES):
        return False
    return fact.line in shown_lines(call, fact.path)


def _is_change(number: int, paths: set[str], suspect_sha: str, ledger: Ledger) -> bool:
    call = ledger.call_behind(number)
    if call is None or not suspect_sha or not shows(call, SHOW_CHANGES):
        return False
    return contains_commit(call, suspect_sha) and any(hunk.path in paths for hunk in changes(call))


def _is_symptom(number: int, anchors: set[str], ledger: Ledger) -> bool:
    fact, call = ledger.evidence[number], ledger.call_behind(number)
    if call is None or ledger.is_told(number):
        return False
    name = fact.path.rpartition("/")[2]
    words = set(re.findall(r"\w+", fact.excerpt))
    return any(anchor == name or anchor in words or (" " in anchor and anchor in fact.excerpt) for anchor in anchors)
