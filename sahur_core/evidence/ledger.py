"""The ledger: which numbers `[n]` stand on a tool call that worked, and what that call really showed.

Nothing here trusts a statement. A path, line, commit or quote counts only if the cited result contains it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from sahur_core.context.results import parse_result
from sahur_core.evidence.diffs import Hunk, parse_diff
from sahur_core.issues import Evidence, SuspectCommit, ToolCall, ToolResultStatus

SHOW_LINES = frozenset({"read", "blame"})
"""Tools of the server `code` whose result is lines of a file as they are."""
SHOW_CHANGES = frozenset({"show", "diff"})
"""Tools of the server `code` whose result is what a commit changed."""
TOLD = frozenset({"issues", "runbooks"})
"""Servers that give what people and earlier runs wrote: it tells where to look, and shows nothing of the present case."""
PAGES = "receipts"
"""The server that gives parts of earlier results: what they prove depends on the call that they come from."""
OWN = frozenset({"", "code", "catalog", "sandbox", PAGES}) | TOLD
"""Servers of ours; the others look at something outside of the code."""
SEARCHES = frozenset({"search", "symbols", "log", "changes", "list_files"})
"""Tools of the server `code` that say for certain that there is nothing, because they have looked at all there is."""
_NOTHING_FOUND = {ToolResultStatus.NO_DATA: "; that a search of the code found nothing is recorded without path, line or quote"}
_SAYINGS = frozenset(
    {"channel", "channels", "chat", "chats", "comment", "comments", "conversation", "conversations", "discord", "discussion"}
    | {"discussions", "message", "messages", "replies", "reply", "slack", "teams", "thread", "threads"}
)
"""In the full name of a foreign tool: it gives what people said of the case."""
MIN_SHA = 7
"""Shorter abbreviations of a commit are not taken for one."""


class Ledger:
    """The tool calls of a run and the evidence recorded from them."""

    def __init__(self, calls: Iterable[ToolCall], evidence: Iterable[Evidence]) -> None:
        self.calls: Mapping[str, ToolCall] = {call.id: call for call in calls}
        self.evidence: Mapping[int, Evidence] = {fact.number: fact for fact in evidence}
        self._by_receipt: dict[str, list[ToolCall]] = {}
        for call in self.calls.values():
            if call.receipt_id:
                self._by_receipt.setdefault(call.receipt_id, []).append(call)

    def call_behind(self, number: int) -> ToolCall | None:
        """The call that the evidence stands on: of several that show parts of one result, the one that shows the fact."""
        fact = self.evidence.get(number)
        calls = self._calls_under(fact)
        if fact is None or not calls:
            return None
        return max(calls, key=lambda call: (call.tool == fact.tool, fact.excerpt in call.text))

    def is_told(self, number: int) -> bool:
        """Whether the evidence is what somebody wrote about a case, not a look at it; pages are what their result is."""
        origins = [call for call in self._calls_under(self.evidence.get(number)) if _server_of(call) != PAGES]
        return not origins or any(_server_of(call) in TOLD or _SAYINGS & _words_of(call) for call in origins)

    def is_absence(self, number: int) -> bool:
        """Whether the evidence is that a search of the code was completed and found nothing: it can only rule out."""
        call = self.call_behind(number)
        return call is not None and is_completed_search(call) and call.status is ToolResultStatus.NO_DATA

    def outside_source(self, number: int) -> str:
        """The server outside of the code that shows the evidence; empty for our own ones and for what people said."""
        call = self.call_behind(number)
        if call is None or not self.is_usable(number) or self.is_told(number):
            return ""
        origins = {_server_of(each) for each in self._calls_under(self.evidence.get(number))} - OWN
        return min(origins, default="")

    def texts_behind(self, numbers: Iterable[int]) -> str:
        """All that the calls behind these numbers were asked and showed."""
        calls = [call for number in numbers for call in self._calls_under(self.evidence.get(number))]
        facts = [self.evidence[number] for number in numbers if number in self.evidence]
        shown = [f"{call.text}\n{' '.join(map(str, call.arguments.values()))}" for call in calls]
        return "\n".join([*shown, *(f"{fact.path} {fact.commit} {fact.excerpt}" for fact in facts)])

    def _calls_under(self, fact: Evidence | None) -> list[ToolCall]:
        return self._by_receipt.get(fact.receipt_id, []) if fact else []

    def is_usable(self, number: int) -> bool:
        """Whether the number exists and its call worked and returned something."""
        call = self.call_behind(number)
        return call is not None and is_usable_call(call)

    def cited_calls(self) -> set[str]:
        """Ids of the calls that any evidence stands on."""
        return {call.id for number in self.evidence if (call := self.call_behind(number))}

    def shows_path(self, path: str) -> bool:
        """Whether any call that worked has shown this path."""
        return any(is_usable_call(call) and contains_path(call, path) for call in self.calls.values())

    def shows_line(self, path: str, line: int) -> bool:
        """Whether any call that worked has shown this line, or named a place of the file that spans it."""
        calls = [call for call in self.calls.values() if is_usable_call(call)]
        return any(line in shown_lines(call, path) or _spans(call, path, line) for call in calls)

    def shows_text(self, text: str) -> bool:
        """Whether any call that worked has shown this text."""
        return any(is_usable_call(call) and text in call.text for call in self.calls.values())

    def commit(self, sha: str) -> SuspectCommit | None:
        """What the tools told about a commit; None if none of them named it."""
        if len(sha) < MIN_SHA:
            return None
        for call in self.calls.values():
            for found in _commits_in(parse_result(call.text) or {}):
                if str(found["sha"]).startswith(sha.lower()):
                    return SuspectCommit(
                        sha=str(found["sha"]),
                        summary=str(found.get("summary", "")),
                        author=str(found.get("author", "")),
                        committed_at=found.get("committed_at"),
                    )
        return None


def is_usable_call(call: ToolCall) -> bool:
    return call.status is ToolResultStatus.OK and bool(call.text.strip()) and bool(call.receipt_id)


def is_completed_search(call: ToolCall) -> bool:
    """Whether the call looked at all that there is, so that an empty answer means something."""
    return shows(call, SEARCHES) and bool(call.receipt_id)


def shows(call: ToolCall, names: frozenset[str]) -> bool:
    """Whether the call is of one of these tools of the server `code`: `issues__read` reads, too, but no code."""
    server, _, name = call.tool.rpartition("__")
    return name in names and server in ("", "code")


def _server_of(call: ToolCall) -> str:
    return call.tool.partition("__")[0]


def _words_of(call: ToolCall) -> set[str]:
    return set(re.split(r"[_\W]+", call.tool.lower()))


def _spans(call: ToolCall, path: str, line: int) -> bool:
    """Whether a row of the result (a ranked function, a frame, a symbol) is about lines that include this one."""
    for rows in (parse_result(call.text) or {}).values():
        for row in rows if isinstance(rows, list) else []:
            if isinstance(row, dict) and row.get("path") == path and isinstance(row.get("line"), int):
                last = row.get("end_line")
                if row["line"] <= line <= (last if isinstance(last, int) else row["line"]):
                    return True
    return False


def short_name(tool: str) -> str:
    """A tool's name without its upstream's prefix."""
    return tool.rpartition("__")[2]


def contains_path(call: ToolCall, path: str) -> bool:
    """A path that was only searched for is not in the result: of the arguments, `path` alone names what was looked at."""
    return bool(path) and (path in call.text or path == str(call.arguments.get("path", "")))


def contains_commit(call: ToolCall, sha: str) -> bool:
    return len(sha) >= MIN_SHA and sha[:12].lower() in call.text.lower()


def shown_lines(call: ToolCall, path: str) -> dict[int, str]:
    """The numbered lines of `path` in a result: of a read, blame or search, or the new side of a diff."""
    result = parse_result(call.text) or {}
    lines: dict[int, str] = {}
    rows = result.get("lines")
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, dict) and row.get("path", result.get("path")) == path and isinstance(row.get("line"), int):
            lines[row["line"]] = str(row.get("text", ""))
    for hunk in changes(call):
        if hunk.path == path:
            lines.update(hunk.kept)
            lines.update(hunk.added)
    return lines


def changes(call: ToolCall) -> list[Hunk]:
    """The changed places in a result that is a diff or contains one."""
    diff = (parse_result(call.text) or {}).get("diff")
    return parse_diff(diff if isinstance(diff, str) else call.text)


def why_unproven(call: ToolCall | None, *, path: str, line: int | None, commit: str, quote: str) -> str:
    """What is wrong with a fact that is to be recorded from `call`; empty if the call's result bears it."""
    if call is None:
        return "there is no tool call with this tool_call_id; use an id that a tool result carries"
    if call.status is ToolResultStatus.NO_DATA and is_completed_search(call) and not (path or line or commit or quote):
        return ""
    if call.status is not ToolResultStatus.OK or not call.text.strip():
        return f"that call gave no result ({call.status.value}), so it proves nothing{_NOTHING_FOUND.get(call.status, '')}"
    if not call.receipt_id:
        return "that call has no receipt, so nobody could check it"
    if path and not contains_path(call, path):
        return f"{path} does not occur in that result"
    if path and line is not None and line not in shown_lines(call, path):
        return f"line {line} of {path} is not in that result"
    if commit and not contains_commit(call, commit):
        return f"commit {commit} does not occur in that result (give at least {MIN_SHA} digits)"
    if quote and not occurs(quote, call.text):
        return "the quote does not occur in that result; copy it exactly"
    return ""


def excerpt_of(call: ToolCall, *, path: str, line: int | None, quote: str, limit: int = 600) -> str:
    """The part of the result that bears a fact; of a search that found nothing also what was searched for."""
    if call.status is ToolResultStatus.NO_DATA:
        asked = {name: value for name, value in call.arguments.items() if name not in ("repository", "commit")}
        return f"{short_name(call.tool)} {json.dumps(asked, ensure_ascii=False)}: {call.text}"[:limit]
    if quote:
        return quote[:limit]
    lines = shown_lines(call, path) if path else {}
    if line is not None and line in lines:
        return "\n".join(f"{n:>5}  {lines[n]}" for n in range(line - 1, line + 2) if n in lines)[:limit]
    for hunk in changes(call):
        if not path or hunk.path == path:
            changed = [f"-{text}" for _, text in hunk.removed] + [f"+{text}" for _, text in hunk.added]
            return "\n".join(changed)[:limit]
    return call.text[:limit]


def occurs(quote: str, text: str) -> bool:
    """Whether the result contains the quote: as it is, as JSON escapes it, or with other white space."""
    plain = text.replace("\\n", "\n").replace('\\"', '"').replace("\\t", "\t").replace("\\\\", "\\")
    return quote in text or _squeeze(quote) in _squeeze(text) or _squeeze(quote) in _squeeze(plain)


def _squeeze(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _commits_in(result: dict[str, Any]) -> list[dict[str, Any]]:
    """Every record with a sha in a result."""
    found = [result["shown"]] if isinstance(result.get("shown"), dict) else []
    rows = result.get("commits")
    found += [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return [record for record in found if record.get("sha")]
