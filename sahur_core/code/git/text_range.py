"""Some lines of a file, and what must be said about them."""

from __future__ import annotations

from sahur_core.code.git.command import Output
from sahur_core.code.git.contents import decode
from sahur_core.code.git.paths import TreeEntry
from sahur_core.code.git.search import MAX_LINE_CHARS, cut_line
from sahur_core.code.languages.roles import is_generated
from sahur_core.code.records import FileRange

MAX_READ_LINES = 2000


def file_range(sha: str, entry: TreeEntry, data: Output, start: int = 1, end: int | None = None) -> FileRange:
    """Lines `start` to `end` of a text, at most 2000 of them. Lines end where git ends them: at LF, with or without CR."""
    decoded = decode(data.stdout)
    lines = decoded.text.split("\n")
    if lines[-1] == "":
        lines.pop()
    start = max(1, start)
    last = min(len(lines), end if end is not None else len(lines), start + MAX_READ_LINES - 1)
    asked = [line.rstrip("\r") for line in lines[start - 1 : max(last, 0)]]
    long = [number for number, line in enumerate(asked, start) if len(line) > MAX_LINE_CHARS]
    notes = []
    if decoded.encoding != "utf-8":
        notes.append(f"Decoded from {decoded.encoding}.")
    if is_generated(entry.path, decoded.text):
        notes.append("A generated file: its source is elsewhere.")
    if data.is_truncated:
        notes.append(f"Only the first {len(data.stdout):,} of {entry.size:,} bytes were read.")
    if long:
        notes.append(
            f"Cut to {MAX_LINE_CHARS} characters: line {', '.join(map(str, long[:10]))}{' and more' if long[10:] else ''}."
        )
    if decoded.text.count("\r") > 1 and len(lines) == 1:
        notes.append("Its lines end with CR alone, which git takes for one line.")
    wanted_end = len(lines) if end is None else min(end, len(lines))
    return FileRange(
        path=entry.path,
        commit=sha,
        start=start,
        end=max(last, start - 1),
        total_lines=len(lines),
        lines=[cut_line(line) for line in asked],
        is_truncated=data.is_truncated or last < wanted_end or bool(long),
        notes=notes,
    )
