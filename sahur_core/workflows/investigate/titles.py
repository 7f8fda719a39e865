"""What a tool call is called on the screen."""

from __future__ import annotations

from typing import Any

from sahur_core.evidence.ledger import short_name

SHA_DIGITS = 10


def title_of(tool: str, arguments: dict[str, Any]) -> str:
    """A title such as `Reading billing/rates.py lines 1-60`."""
    values = {key: str(value) for key, value in arguments.items()}
    path = values.get("path", "")
    commit = values.get("commit", "")[:SHA_DIGITS]
    of_path = f" of {path}" if path else ""
    in_path = f" in {path}" if path else ""
    if tool.startswith(("issues__", "runbooks__")):
        return _told(tool, values)
    titles = {
        "locate": "Ranking files, functions and commits for the report",
        "list_files": f"Listing the files{in_path}",
        "search": f"Searching for {_shorten(values.get('query', ''))!r}{in_path}",
        "read": f"Reading {path}{_lines(values)}",
        "symbols": _symbols(values, of_path),
        "log": f"Reading the history{_function(values) + path if values.get('function') else of_path}{_grep(values)}",
        "blame": f"Asking who changed {path}{_lines(values)}",
        "show": f"Reading commit {commit}{in_path}",
        "changes": f"Listing what changed since {values.get('base', '')[:SHA_DIGITS]}{in_path}",
        "check_patch": f"Checking that the patch applies to {commit}",
        "test_patch": "Running the team's test command with the patch, in the sandbox",
        "owners": f"Asking who answers for {path or 'the repository'}{_lines(values)}",
        "diff": f"Comparing {values.get('base', '')[:SHA_DIGITS]} with {values.get('head', '')[:SHA_DIGITS] or 'now'}",
    }
    return titles.get(short_name(tool), f"Calling {tool.replace('__', ' ')}")


def _told(tool: str, values: dict[str, str]) -> str:
    """Of what people and earlier runs wrote."""
    query = _shorten(values.get("query", ""))
    titles = {
        "issues__search": f"Searching earlier issues for {query!r}" if query else "Listing earlier issues",
        "issues__read": f"Reading {values.get('issue', '')}",
        "issues__create_issue": f"Filing an issue {_shorten(values.get('title', ''))!r}",
        "issues__add_message": f"Saying something to {values.get('issue', '')}",
        "runbooks__list": "Listing the runbooks",
        "runbooks__search": f"Searching the runbooks for {query!r}",
        "runbooks__read": f"Reading the runbook {values.get('path', '')}",
    }
    return titles.get(tool, f"Calling {tool.replace('__', ' ')}")


def _shorten(text: str, limit: int = 60) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _lines(values: dict[str, str]) -> str:
    if "end" in values:
        return f" lines {values.get('start', '1')}-{values['end']}"
    return f" from line {values['start']}" if "start" in values else ""


def _symbols(values: dict[str, str], of_path: str) -> str:
    if values.get("mode") == "references":
        return f"Looking for uses of {_shorten(values.get('name', ''))}"
    return f"Listing the symbols{of_path or _named(values)}"


def _named(values: dict[str, str]) -> str:
    return f" named {values['name']}" if values.get("name") else ""


def _function(values: dict[str, str]) -> str:
    return f" of {values['function']} in " if values.get("function") else ""


def _grep(values: dict[str, str]) -> str:
    return f" for {_shorten(values['grep'])!r}" if values.get("grep") else ""
