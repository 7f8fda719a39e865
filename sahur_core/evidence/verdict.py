"""The verdict, computed from the ledger.

These are looked for among the evidence that kept claims cite, those that rule something out left aside:

* *place*     a result that shows a line of a file that the answer names as the location
* *change*    a result that shows how the suspect commit changed such a file; place and change count only where a claim of
              kind `root_cause` cites one of them
* *symptom*   a result that the report itself points to: a file, function, name, quoted text or link of the report; earlier
              issues, runbooks and conversations are no such result, because there the words may be the report's own
* *link*      one claim of kind `root_cause` that cites the change together with a place, under two receipts
* *outside*   how many independent servers outside of the code (Sentry, logs, a deployment's history …) show what claims
              of kind `root_cause` cite. Two results of one server are one source

A cause in the code is `confirmed` by place, change, symptom and link, and `likely` by place and change or symptom.
A cause that is not in the code at all (an outage, a full disk, a flag) is `confirmed` by two independent sources, of which
one is a symptom, and `likely` by one that is. An answer that names a place or a commit is about code: for it other servers
are never enough to confirm. Else `inconclusive`.
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
from sahur_core.issues import Claim, ClaimKind, CodeLocation, ToolCall, Verdict

# Reports may be hostile: every pattern here takes linear time.
_TOKEN = re.compile(r"[\w./\\-]+")
_FILE_NAME = re.compile(r"\w\.[A-Za-z]\w{0,4}$")
_QUOTED = re.compile(r"""['"`]([^'"`\n]{3,120})['"`]""")
_FRAME_FUNCTION = re.compile(r"\bin ([A-Za-z_]\w{2,})\b")
_IDENTIFIER = re.compile(r"\b[A-Za-z]\w*_\w+\b|\b[A-Za-z_]\w+(?=\()")
_LINK_END = re.compile(r"https?://[^\s<>\"'`|)]{1,2000}")
_TICKET = re.compile(r"\b[A-Z][A-Z0-9]{1,20}-\d[A-Z0-9]{0,9}\b|\b[A-Z][A-Z0-9]{2,20}-[A-Z0-9]{1,3}\b")
_STANDARDS = re.compile(r"^(?:UTF|ISO|SHA|MD|HTTP|RFC|CVE|TLS|SSL|AES|IPV|X)-")
SOURCES_TO_CONFIRM = 2
"""So many servers outside of the code must show a cause that is not in the code."""


@dataclass(frozen=True)
class Grounds:
    """Which of them were found."""

    place: bool
    change: bool
    symptom: bool
    link: bool
    outside: int = 0

    @property
    def verdict(self) -> Verdict:
        in_code = self.place and self.change and self.link
        if self.symptom and (in_code or self.outside >= SOURCES_TO_CONFIRM):
            return Verdict.CONFIRMED
        if (self.place and (self.change or self.symptom)) or (self.symptom and self.outside):
            return Verdict.LIKELY
        return Verdict.INCONCLUSIVE


def find_grounds(
    claims: Iterable[Claim], locations: Iterable[CodeLocation], suspect_sha: str, report_text: str, ledger: Ledger
) -> Grounds:
    """What the evidence cited by `claims` (already checked) bears out."""
    paths = {location.path for location in locations}
    anchors, references = report_anchors(report_text), report_references(report_text)
    cited = [claim for claim in claims if claim.kind is not ClaimKind.RULED_OUT]
    causes = [claim for claim in cited if claim.kind is ClaimKind.ROOT_CAUSE]
    numbers = {number for claim in cited for number in claim.evidence}
    place = {number for number in numbers if _is_place(number, paths, ledger)}
    change = {number for number in numbers if _is_change(number, paths, suspect_sha, ledger)}
    symptom = {number for number in numbers if _is_symptom(number, anchors, references, ledger)}
    told = {number for claim in causes for number in claim.evidence}
    if not told & (place | change):
        # What stands under other claims alone bears out those, not the cause.
        place, change = set(), set()
    outside = {number: source for number in told if (source := ledger.outside_source(number))}
    # A source that says nothing of what was reported may speak of another case.
    sources = set(outside.values()) if symptom & outside.keys() else set()
    is_about_code = bool(paths or suspect_sha)
    link = any(_connects(claim.evidence, place, change, ledger) for claim in causes)
    outside_sources = min(len(sources), 1) if is_about_code else len(sources)
    return Grounds(place=bool(place), change=bool(change), symptom=bool(symptom), link=link, outside=outside_sources)


def _connects(numbers: Iterable[int], place: set[int], change: set[int], ledger: Ledger) -> bool:
    """Whether a place and the change are cited together, each with a receipt of its own."""
    cited = set(numbers)
    places = {ledger.evidence[number].receipt_id for number in place & cited}
    changes_ = {ledger.evidence[number].receipt_id for number in change & cited}
    return any(one != other for one in places for other in changes_)


def lowest(*verdicts: Verdict) -> Verdict:
    """The weakest of several verdicts: no later pass can raise an earlier one."""
    return min(verdicts, key=lambda verdict: verdict.rank)


def report_anchors(text: str) -> set[str]:
    """What a report points to by name: files, functions of stack frames, identifiers, quoted texts."""
    tokens = (token.rstrip(".").replace("\\", "/").rpartition("/")[2] for token in _TOKEN.findall(text))
    files = {name for name in tokens if _FILE_NAME.search(name[-40:])}
    names = set(_FRAME_FUNCTION.findall(text)) | set(_IDENTIFIER.findall(text))
    return {anchor for anchor in files | names | set(_QUOTED.findall(text)) if len(anchor) > 2}


def report_references(text: str) -> set[str]:
    """What a report links to elsewhere: numbers of tickets, and what the paths of its links end with."""
    tails = {part for link in _LINK_END.findall(text) for part in re.split(r"[/?#&=]", link)[3:]}
    tickets = {found for found in _TICKET.findall(text) if not _STANDARDS.match(found)}
    return {tail for tail in tails if len(tail) > 3 and any(letter.isdigit() for letter in tail)} | tickets


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


def _is_symptom(number: int, anchors: set[str], references: set[str], ledger: Ledger) -> bool:
    fact, call = ledger.evidence[number], ledger.call_behind(number)
    if call is None or not ledger.is_usable(number) or ledger.is_told(number):
        return False
    if ledger.outside_source(number) and any(reference in _asked_and_shown(call) for reference in references):
        return True
    name = fact.path.rpartition("/")[2]
    words = set(re.findall(r"\w+", fact.excerpt))
    return any(anchor == name or anchor in words or (" " in anchor and anchor in fact.excerpt) for anchor in anchors)


def _asked_and_shown(call: ToolCall) -> str:
    return f"{' '.join(map(str, call.arguments.values()))} {call.text}"
