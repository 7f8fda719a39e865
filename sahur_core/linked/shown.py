"""What a linked result shows of the failure: its stack trace, the files of a change, the commit that it was merged as."""

from __future__ import annotations

import re

from sahur_core.code.traces.parse import parse_traces

MAX_TRACE_CHARS = 12_000
MAX_FILES = 12
_TWICE = re.compile(r"\*\*Most Relevant Frame:\*\*.{0,4000}?(?=\*\*Full Stacktrace)", re.DOTALL)
"""Sentry's server shows one frame before all of them; read as they stand they would be one stack, in the wrong order."""
_RULE = re.compile(r"^─+$", re.MULTILINE)
_FILE_NAME = re.compile(r'"(?:filename|new_path)":\s*"([^"\\\n]{1,300})"')
_MERGED_AS = re.compile(r'"(?:merge_commit_sha|squash_commit_sha)":\s*"([0-9a-f]{40})"')


def trace_in(text: str) -> str:
    """The text of a result without what it says twice, if it shows a stack trace; else empty."""
    kept = _RULE.sub("", _TWICE.sub("", text[: 2 * MAX_TRACE_CHARS]))[:MAX_TRACE_CHARS]
    return kept if any(trace.frames for trace in parse_traces(kept)) else ""


def changed_files(text: str) -> list[str]:
    """The files that a pull (merge) request changes, as GitHub's and GitLab's servers tell them."""
    return list(dict.fromkeys(_FILE_NAME.findall(text)))[:MAX_FILES]


def merged_as(text: str) -> str:
    """The commit that a pull (merge) request became; empty while it is open."""
    found = _MERGED_AS.search(text)
    return found[1] if found and re.search(r'"merged(?:_at|_by)?":\s*(?:true|["{])|"state":\s*"merged"', text) else ""
