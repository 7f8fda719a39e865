"""A whole investigation as a script for either vendor: what a language model would do, told by the request it gets."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from tests.fakes.llm_server import Say
from tests.fakes.repositories import BugCase

_CALL_ID = re.compile(r"tool_call_id: (call_\w+)")
Overrides = dict[str, Callable[[dict[str, Any]], Say]]


def forced(body: dict[str, Any]) -> str:
    """The tool that the request demands, in either vendor's form; empty if the model may choose."""
    choice = body.get("tool_choice")
    return (choice.get("name") or choice.get("function", {}).get("name", "")) if isinstance(choice, dict) else ""


def offered(body: dict[str, Any]) -> set[str]:
    return {tool.get("name") or tool["function"]["name"] for tool in body.get("tools", [])}


def text_of(body: dict[str, Any]) -> str:
    return json.dumps(body["messages"])


def call_ids(body: dict[str, Any]) -> list[str]:
    """Ids of the results so far, in their order."""
    return list(dict.fromkeys(_CALL_ID.findall(text_of(body))))


class Detective:
    """Reads the file, asks who changed it, reads the commit, records both, finishes. `says` replaces single answers."""

    def __init__(self, case: BugCase, line: int, says: Overrides | None = None) -> None:
        self.case, self.line, self.says = case, line, says or {}

    def __call__(self, body: dict[str, Any]) -> Say:
        kind = forced(body) or ("next" if "code__blame" in text_of(body) else "first")
        if kind in self.says:
            return self.says[kind](body)
        return getattr(self, f"on_{kind.lower()}")(body)

    def on_triage(self, body: dict[str, Any]) -> Say:
        return Say(calls=[("Triage", {"summary": "Something fails.", "search_terms": []})])

    def on_first(self, body: dict[str, Any]) -> Say:
        blame = {"path": self.case.file, "start": max(1, self.line - 3), "end": self.line + 3}
        return Say("I ask who changed it.", [("code__blame", blame), ("code__show", {"commit": self.case.commit})])

    def on_next(self, body: dict[str, Any]) -> Say:
        if "Recorded as" in text_of(body):
            return Say(calls=[("finish", {"reason": "Enough."})])
        blame, show = call_ids(body)[-2:]
        place = {"statement": "Here it fails.", "tool_call_id": blame, "path": self.case.file, "line": self.line}
        change = {"statement": "This changed it.", "tool_call_id": show, "path": self.case.file, "commit": self.case.commit}
        return Say("I record what I saw.", [("record_evidence", place), ("record_evidence", change)])

    def on_answer(self, body: dict[str, Any]) -> Say:
        return Say(calls=[("Answer", self.answer())])

    def on_review(self, body: dict[str, Any]) -> Say:
        return Say(calls=[("Review", {"objections": [], "verdict": "confirmed"})])

    def answer(self, **changes: Any) -> dict[str, Any]:
        return {
            "verdict": "confirmed",
            "summary": "A change took a check away.",
            "root_cause": "The commit took the check away.",
            "claims": [{"statement": "The change made this line fail.", "evidence": [1, 2], "kind": "root_cause"}],
            "locations": [{"path": self.case.file, "function": self.case.function, "line": self.line}],
            "suspect_commit": self.case.commit,
            "next_step": "Put the check back.",
            **changes,
        }
