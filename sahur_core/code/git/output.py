"""git's output about commits, turned into records."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from sahur_core.code.git.paths import shown_path, unquoted
from sahur_core.code.records import BlameLine, Commit, FileChange

COMMIT_FORMAT = "%x00%H%x00%an%x00%at%x00%ct%x00%B%x00"
"""NUL before and between the fields: the one byte that no message, name or path can hold."""
_FIELDS = 6
_DECEIVING = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_PATCHED_COMMIT = re.compile(r"\n\0(?=[0-9a-f]{40,64}\0)")


def parse_commits(text: str) -> list[Commit]:
    """Output of `git log --format=COMMIT_FORMAT`, with the names of the touched files if `--name-only` was given.

    Names may hold bytes that are no UTF-8, as surrogates.
    """
    parts = text.split("\0")[1:]
    return [_commit(parts[start : start + _FIELDS]) for start in range(0, len(parts) - _FIELDS + 1, _FIELDS)]


def _commit(parts: list[str]) -> Commit:
    sha, author, authored_at, committed_at, message, files = parts
    summary, _, body = _valid(message).strip().partition("\n")
    return Commit(
        sha=sha.strip(),
        author=_valid(author),
        authored_at=moment(authored_at),
        committed_at=moment(committed_at),
        summary=summary,
        body=body.strip(),
        files=[unquoted(name) for name in files.split("\n") if name],
    )


def _valid(text: str) -> str:
    """What people see of names and messages: without bytes that are no text, control characters and turns of direction."""
    text = _DECEIVING.sub("", text)
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def moment(seconds: str) -> datetime:
    """A time that git tells in seconds since 1970.

    Commits exist with years without end; such a date is taken for the beginning of 1970. Seconds are asked for because
    git itself fails on a date whose time zone is hundreds of hours away.
    """
    try:
        return datetime.fromtimestamp(int(seconds), tz=UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, tz=UTC)


def parse_patches(text: str) -> list[tuple[Commit, str]]:
    """Output of `git log --patch --format=COMMIT_FORMAT`: each commit with its diff.

    A line of a diff never begins with NUL, so that one at the beginning of a line begins a commit, whatever files hold.
    """
    found = []
    for part in _PATCHED_COMMIT.split(f"\n{text}")[1:]:
        fields = part.split("\0", _FIELDS - 1)
        if len(fields) == _FIELDS:
            found.append((_commit([*fields[:-1], ""]), fields[-1]))
    return found


def parse_numstat(text: str) -> list[FileChange]:
    """Output of `git diff --numstat -z`: `added TAB deleted TAB path NUL`, or `… TAB NUL old NUL new NUL` for a rename."""
    changes: list[FileChange] = []
    fields = iter(text.split("\0"))
    for record in fields:
        counts = record.lstrip("\n").split("\t", 2)
        if len(counts) != 3:
            continue
        added, deleted, path = counts
        if not path:
            next(fields, "")
            path = next(fields, "")
        changes.append(
            FileChange(path=shown_path(path.encode("utf-8", "surrogateescape")), added=_count(added), deleted=_count(deleted))
        )
    return changes


def _count(text: str) -> int | None:
    return int(text) if text.isdigit() else None


def parse_blame(text: str) -> list[BlameLine]:
    """Output of `git blame --line-porcelain`."""
    return list(_blame_lines(text))


def _blame_lines(text: str) -> Iterator[BlameLine]:
    head: dict[str, str] = {}
    sha, line = "", 0
    for row in text.split("\n"):
        if row.startswith("\t"):
            authored_at = moment(head.get("author-time", "0"))
            yield BlameLine(
                line=line,
                sha=sha,
                author=_valid(head.get("author", "")),
                authored_at=authored_at,
                summary=_valid(head.get("summary", "")),
                text=row[1:],
            )
            head, sha = {}, ""
        elif not sha:
            sha, *numbers = row.split(" ")
            line = int(numbers[1]) if len(numbers) > 1 else 0
        else:
            key, _, value = row.partition(" ")
            head[key] = value
