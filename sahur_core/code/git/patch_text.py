"""Diffs as models write them: read leniently, and placed anew by their unchanged lines where their numbers are wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sahur_core.errors import PatchRefused

MAX_PATCH_BYTES = 200_000
NOTHING = "/dev/null"
_FENCE = re.compile(r"^```\w*\s*$")
_START = re.compile(r"^@@ -(\d+)")
_LINK, _SUBMODULE = "120000", "160000"
_FORBIDDEN_HEADER = re.compile(
    rf"^(?:GIT binary patch|Binary files |(?:new file|deleted file|old|new) mode (?:{_LINK}|{_SUBMODULE})"
    rf"|index [0-9a-f.]{{1,100}} (?:{_LINK}|{_SUBMODULE}))",
    re.MULTILINE,
)


@dataclass
class PatchHunk:
    """One changed place: `lines` with their signs, and the line of the old file where its author believed it to be."""

    start: int
    lines: list[tuple[str, str]] = field(default_factory=list)

    @property
    def old(self) -> list[str]:
        return [text for sign, text in self.lines if sign != "+"]


@dataclass
class FilePatch:
    """What a diff does to one file."""

    old_path: str
    new_path: str
    hunks: list[PatchHunk] = field(default_factory=list)


def prepared(diff: str) -> bytes:
    """The diff as git takes it. Raises `PatchRefused` for what no patch of ours may be: huge, binary, links, submodules."""
    lines = diff.strip("\n").split("\n")
    if _FENCE.match(lines[0]):
        lines = lines[1:-1] if _FENCE.match(lines[-1]) else lines[1:]
    text = "\n".join(lines) + "\n"
    try:
        data = text.encode()
    except UnicodeEncodeError as error:
        raise PatchRefused("The patch is no text.") from error
    if len(data) > MAX_PATCH_BYTES:
        raise PatchRefused(f"The patch has {len(data):,} bytes; at most {MAX_PATCH_BYTES:,} are taken.")
    if "\0" in text or _FORBIDDEN_HEADER.search(text):
        raise PatchRefused("The patch changes a binary file, a symbolic link or a submodule; only text files may be changed.")
    if not re.search(r"^\+\+\+ ", text, re.MULTILINE) and not re.search(r"^(?:deleted file mode|rename to) ", text, re.MULTILINE):
        raise PatchRefused("This is no unified diff.", next_step="Give `--- a/path`, `+++ b/path` and hunks that begin with @@.")
    return data


def strip_level(data: bytes) -> int:
    """How many folders to take off the paths: one (`a/x.py`), or none where no path has the usual prefix."""
    names = re.findall(rb"^(?:---|\+\+\+) (\S+)", data, re.MULTILINE)
    return 1 if any(name.startswith((b"a/", b"b/", b'"a/', b'"b/')) for name in names) or not names else 0


def read_patch(data: bytes) -> list[FilePatch]:
    """The files of a diff, whatever their hunks' headers say. What is no part of a file is passed over."""
    level, lines = strip_level(data), data.decode().rstrip("\n").split("\n")
    files: list[FilePatch] = []
    hunk: PatchHunk | None = None
    for number, line in enumerate(lines):
        following = lines[number + 1] if number + 1 < len(lines) else ""
        if line.startswith("--- ") and following.startswith("+++ "):
            files.append(FilePatch(_path(line, level), _path(following, level)))
            hunk = None
        elif line.startswith("@@") and files:
            match = _START.match(line)
            hunk = PatchHunk(int(match.group(1)) if match else 0)
            files[-1].hunks.append(hunk)
        elif hunk is not None and not line.startswith("\\"):
            if line[:1] in ("", " ", "+", "-"):
                hunk.lines.append((line[:1] or " ", line[1:]))
            else:
                hunk = None
    return files


def place_hunks(text: str, hunks: list[PatchHunk]) -> str:
    """The text with the hunks put where their old lines stand, white space at the ends of lines aside.

    Raises `PatchRefused` where these lines are not in the text, or are there several times and no number decides.
    """
    lines = text.split("\n")
    bare = [line.rstrip() for line in lines]
    found: list[tuple[int, PatchHunk]] = sorted(((_find(bare, hunk), hunk) for hunk in hunks), key=lambda pair: pair[0])
    result: list[str] = []
    position = 0
    for start, hunk in found:
        if start < position:
            raise PatchRefused("Two hunks of the patch change the same lines.")
        result += lines[position:start]
        position = start
        for sign, added in hunk.lines:
            if sign == "+":
                result.append(added.rstrip("\r") + ("\r" if lines[max(0, position - 1)].endswith("\r") else ""))
            else:
                result += [lines[position]] if sign == " " else []
                position += 1
    return "\n".join(result + lines[position:])


def _find(bare: list[str], hunk: PatchHunk) -> int:
    """Where the old lines of a hunk begin. An empty line at its end is mostly none of the file."""
    while hunk.lines and hunk.lines[-1] == (" ", "") and not _positions(bare, hunk.old):
        hunk.lines.pop()
    wanted = hunk.old
    if not any(line.strip() for line in wanted):
        raise PatchRefused("A hunk has no unchanged or removed line, so nobody can say where it belongs.")
    found = _positions(bare, wanted)
    if not found:
        first = next(line.strip() for line in wanted if line.strip())
        raise PatchRefused(f"These lines are not in the file as the patch has them, beginning with {first[:120]!r}.")
    if len(found) > 1 and not hunk.start:
        raise PatchRefused("The unchanged lines of a hunk stand in the file several times, and it has no line number.")
    return min(found, key=lambda start: abs(start + 1 - hunk.start))


def _positions(bare: list[str], wanted: list[str]) -> list[int]:
    plain = [line.rstrip() for line in wanted]
    size = len(plain)
    return [start for start in range(len(bare) - size + 1) if bare[start : start + size] == plain] if plain else []


def _path(line: str, level: int) -> str:
    """The path of a `---` or `+++` line; a time stamp behind it is left out."""
    name = line[4:].split("\t")[0].strip()
    return name if name == NOTHING or not level else name.partition("/")[2]
