"""Which lines of the old files a change touched."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from sahur_core.code.git.command import Git

_HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_MAX_DIFF_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True)
class ChangedFile:
    """A file as it was before a change. `path` is None for a new file, `new_path` for a deleted one."""

    path: str | None
    new_path: str | None
    hunks: list[tuple[int, int]] = field(default_factory=list)
    """First line and number of lines; with 0 lines something was put in after that line."""

    def touches(self, start: int, end: int) -> bool:
        """Whether a line from `start` to `end` was changed or deleted, or something put in between two of them."""
        return any(first <= end and first + count > start if count else start <= first < end for first, count in self.hunks)


def changed_files(git_dir: Path, base: str, commit: str) -> list[ChangedFile]:
    """What changed between two full shas, with renames found. Raises `RepositoryError`."""
    safe = ("--no-ext-diff", "--no-textconv", "-M", "--unified=0", "--src-prefix=a/", "--dst-prefix=b/")
    found = Git(git_dir).run("diff", *safe, base, commit, "--", max_bytes=_MAX_DIFF_BYTES)
    return parse_hunks(found.text)


def parse_hunks(diff: str) -> list[ChangedFile]:
    """A unified diff with prefixes `a/` and `b/`; the lines of a hunk are counted, for they may look like headers."""
    files: list[ChangedFile] = []
    old: str | None = None
    inside = 0
    for line in diff.split("\n"):
        if inside > 0:
            inside -= line[:1] in "+-" and line != ""
            continue
        match = _HUNK.match(line)
        if match and files:
            old_count = int(match[2]) if match[2] else 1
            inside = old_count + (int(match[4]) if match[4] else 1)
            files[-1].hunks.append((int(match[1]), old_count))
        elif line.startswith("--- "):
            old = _path(line[4:])
        elif line.startswith("+++ "):
            files.append(ChangedFile(old, _path(line[4:])))
    return files


def _path(text: str) -> str | None:
    """git ends names that have spaces with a tab, and quotes those with control characters, quotes or backslashes."""
    text = text.rstrip("\t\r")
    if text.startswith('"'):
        text = text[1:-1].encode("latin-1", "backslashreplace").decode("unicode_escape")
    return None if text == "/dev/null" else text[2:]
