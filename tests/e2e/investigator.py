"""A model that works with tools of others: it finds them, reads what Sentry and GitHub know, cites it, and files an issue.

Played over OpenAI's protocol. It knows only what it is told: what it does next follows from the conversation.
"""

from __future__ import annotations

import json
import re
from typing import Any

from tests.fakes.llm_server import Say

SENTRY, FILE, FILING = "sentry__get_sentry_resource", "github__get_file_contents", "github__create_issue"
ISSUE = {"resourceType": "issue", "organizationSlug": "acme", "resourceId": "SHOP-1"}
REPOSITORY = {"owner": "acme", "repo": "shop"}
PATH = "shop/cart.py"
ERROR = "unsupported operand type(s) for *: 'str' and 'int'"
LINE = "return sum(line.price * line.count for line in lines)"
_CALL_ID = re.compile(r"tool_call_id: (call_\w+)\s+status: ok")
_MARK = re.compile(r"mark (\w{12})")

FORMS: dict[str, dict[str, Any]] = {
    "Triage": {"summary": "The cart's total fails.", "search_terms": []},
    "Answer": {
        "verdict": "likely",
        "summary": "Prices arrive as text and are multiplied in the cart's total.",
        "root_cause": "total() multiplies the price without making it a number.",
        "claims": [
            {"statement": "Sentry has seen a TypeError in total().", "evidence": [1], "kind": "symptom"},
            {"statement": "total() multiplies the price as it is.", "evidence": [1, 2], "kind": "root_cause"},
        ],
        "locations": [{"path": PATH, "function": "total"}],
        "next_step": "Make the price a number where it is read.",
    },
    "Review": {"objections": [], "verdict": "likely"},
}


class Investigator:
    """`told` keeps the newest conversation of each run, by the mark in its report."""

    def __init__(self) -> None:
        self.told: dict[str, str] = {}

    def say(self, body: dict[str, Any]) -> Say:
        demanded = body.get("tool_choice")
        if isinstance(demanded, dict):
            name = demanded["function"]["name"]
            return Say(calls=[(name, FORMS[name])])
        told = "\n".join(str(message.get("content")) for message in body["messages"])
        mark = _MARK.findall(told)[0]
        self.told[mark] = told
        return self._next(body, told, mark)

    def _next(self, body: dict[str, Any], told: str, mark: str) -> Say:
        handed = {function["function"]["name"] for function in body["tools"]}
        results = results_in(body)
        if "approved the call of" in told or "decided on" in told:
            return Say("That is all.", [("finish", {"reason": "The issue was decided on."})])
        if FILING in results:
            return Say("I wait for the approval.")
        if "Recorded as [2]" in told:
            title = f"Prices are multiplied as text ({mark})"
            return Say(
                "The team should know.", [(FILING, {"owner": "acme", "repo": "shop", "title": title, "body": "See SHOP-1."})]
            )
        if SENTRY in results and FILE in results:
            return Say(
                "Both show it.", [recorded("It fails", results[SENTRY], ERROR), recorded("It multiplies", results[FILE], LINE)]
            )
        if {SENTRY, FILE, FILING} <= handed:
            return Say("I read both.", [(SENTRY, ISSUE), (FILE, {**REPOSITORY, "path": PATH})])
        wanted = ("details of a Sentry issue", "contents of a file in a GitHub repository", "create a GitHub issue")
        return Say("I look for tools.", [("search_tools", {"query": query, "limit": 5}) for query in wanted])


def recorded(statement: str, result: str, quote: str) -> tuple[str, dict[str, Any]]:
    """A call that records what a result shows."""
    return "record_evidence", {"statement": statement, "tool_call_id": _CALL_ID.findall(result)[0], "quote": quote}


def results_in(body: dict[str, Any]) -> dict[str, str]:
    """What each tool answered, by its name."""
    names = {}
    results = {}
    for message in body["messages"]:
        for call in message.get("tool_calls") or []:
            names[call["id"]] = call["function"]["name"]
        if message["role"] == "tool":
            content = message["content"]
            results[names[message["tool_call_id"]]] = content if isinstance(content, str) else json.dumps(content)
    return results
