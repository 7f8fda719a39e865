"""Past issues from a list, in the place of the Django side: what the server `issues` asks in an evaluation."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from sahur_core.errors import NotFound, NotPermitted
from sahur_core.issues import Verdict

_WORD = re.compile(r"[^\W_]{3,}")


class PastIssue(Protocol):
    """An earlier issue with how it is said to have ended."""

    @property
    def key(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def body(self) -> str: ...

    @property
    def resolution(self) -> str: ...

    @property
    def verdict(self) -> Verdict | None: ...

    @property
    def summary(self) -> str: ...

    @property
    def root_cause(self) -> str: ...

    @property
    def created_at(self) -> datetime: ...


class PastIssues:
    """Answers as `sahur/api/internal/issues.py` does (`Door` of the server). Finds by shared words; changes nothing."""

    def __init__(self, issues: Sequence[PastIssue]) -> None:
        self._issues = issues

    async def ask_in_words(self, method: str, path: str, **options: Any) -> bytes:
        if method != "GET":
            raise NotPermitted("Nothing can be filed here: this is an evaluation.")
        if path == "issues/":
            return json.dumps({"issues": self._search(options["params"].get("q", ""))}).encode()
        key = path.removeprefix("issues/").strip("/").upper()
        found = next((issue for issue in self._issues if issue.key == key), None)
        if found is None:
            raise NotFound(f"There is no issue {key[:24]} for you.", next_step="Search for it.")
        return json.dumps(_whole(found)).encode()

    def _search(self, question: str) -> list[dict[str, Any]]:
        asked = _words(question)
        weighed = [(len(asked & _words(f"{issue.title} {issue.body} {issue.resolution}")), issue) for issue in self._issues]
        matching = [(shared, issue) for shared, issue in weighed if shared or not asked]
        ordered = sorted(matching, key=lambda pair: -pair[0])
        return [{**_in_short(issue), "has_all": shared == len(asked)} for shared, issue in ordered[:10]]


def _words(text: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(text)}


def _in_short(issue: PastIssue) -> dict[str, Any]:
    at = issue.created_at.isoformat()
    return {
        "key": issue.key,
        "title": issue.title,
        "status": "closed",
        "repository": "",
        "created_at": at,
        "closed_at": at,
        "resolution": issue.resolution,
        "verdict": issue.verdict.value if issue.verdict else "",
        "summary": issue.summary,
        "root_cause": issue.root_cause,
    }


def _whole(issue: PastIssue) -> dict[str, Any]:
    shown = {name: value for name, value in _in_short(issue).items() if name not in ("verdict", "summary", "root_cause")}
    solution = None
    if issue.verdict:
        next_step = "Look at how it was resolved."
        solution = {
            "verdict": issue.verdict.value,
            "summary": issue.summary,
            "root_cause": issue.root_cause,
            "next_step": next_step,
        }
    body = {"url": "", "reporter": "a colleague", "body": issue.body, "body_chars": len(issue.body), "next_offset": None}
    return {**shown, **body, "is_own": False, "solution": solution, "solved_by_run": 1, "evidence": [], "runs": []}
