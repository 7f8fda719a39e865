"""A report as people hand it in: bytes of a file, turned into a title and a text."""

from __future__ import annotations

from sahur_core.code.traces.parse import parse_traces
from sahur_core.errors import ReportError

MAX_REPORT_BYTES = 64 * 1024 * 1024
MAX_REPORT_CHARS = 200_000
"""Of a longer report (a whole log) the beginning and the end are read."""
MAX_TITLE_CHARS = 300
_TEXT_CONTROLS = frozenset(b"\t\n\r\f\b\x1b")


def decode_report(data: bytes) -> str:
    """The text of a report; bytes that are no UTF-8 are replaced. Raises `ReportError` for an empty or binary one."""
    if len(data) > MAX_REPORT_BYTES:
        raise ReportError(
            f"The report is larger than {MAX_REPORT_BYTES // 2**20} MB.",
            next_step="Keep the error and the lines around it.",
            field="report",
        )
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", "replace")  # what PowerShell's > writes
    else:
        _refuse_binary(data)
        text = data.decode("utf-8-sig", "replace")
    if not text.strip():
        raise ReportError("The report is empty.", next_step="Write what went wrong, or paste the error.", field="report")
    return text


def _refuse_binary(data: bytes) -> None:
    controls = sum(byte < 32 and byte not in _TEXT_CONTROLS for byte in data[:8000])
    if b"\0" in data or controls * 10 > len(data[:8000]):
        raise ReportError("The report is binary data, not text.", next_step="Paste it as text.", field="report")


def shortened(text: str) -> tuple[str, bool]:
    """At most `MAX_REPORT_CHARS` of it: a report begins with what happened, a log ends with it."""
    if len(text) <= MAX_REPORT_CHARS:
        return text, False
    half = MAX_REPORT_CHARS // 2
    return f"{text[:half]}\n{text[-half:]}", True


def split_title(text: str) -> tuple[str, str]:
    """The first line as title, and the rest. A first line that belongs to a stack trace stays in the rest too."""
    title, _, rest = text.lstrip().partition("\n")
    if _frames(text) != _frames(rest):
        rest = text
    return title.strip()[:MAX_TITLE_CHARS], rest


def _frames(text: str) -> list[tuple[str, int]]:
    return [(trace.exception, len(trace.frames)) for trace in parse_traces(text)]
