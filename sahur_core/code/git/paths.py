"""Paths of a repository: as git has them, which is any bytes, and as they are shown and given, which is plain text.

A path that is no plain text (control characters, other encodings, a quote or space at its ends) is shown in git's own
quotes, with the escapes of C (`"caf\\351.txt"`, git-config(1) core.quotePath), and understood in that form.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import fnmatchcase

from sahur_core.errors import InputError

MAX_PATH_CHARS = 4096
SYMLINK, SUBMODULE, FOLDER = "120000", "160000", "040000"
_ESCAPES = {"a": 7, "b": 8, "t": 9, "n": 10, "v": 11, "f": 12, "r": 13, '"': 34, "\\": 92}
_LETTERS = {code: letter for letter, code in _ESCAPES.items()}
_ESCAPED = re.compile(rb'\\([0-7]{3}|[abtnvfr"\\])')


class TreeEntry:
    """An entry of a tree: `path` as it is shown, `mode` and `blob` as git names them, `size` in bytes (-1: not asked)."""

    __slots__ = ("blob", "mode", "path", "size")

    def __init__(self, path: str, mode: str, blob: str, size: int) -> None:
        self.path, self.mode, self.blob, self.size = path, mode, blob, size

    @property
    def is_file(self) -> bool:
        """False for symbolic links, submodules and folders."""
        return self.mode not in (SYMLINK, SUBMODULE, FOLDER)


def shown_path(raw: bytes) -> str:
    """A path as people and models read it."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return _quote(raw)
    is_plain = text.isprintable() and text == text.strip() and not text.startswith(('"', "~"))
    return text if is_plain else _quote(raw)


def unquoted(line: str) -> str:
    """A path from a line of git's output, which quotes some of them: as it is shown."""
    raw = line.encode("utf-8", "surrogateescape")
    return shown_path(_unquote(raw) if raw.startswith(b'"') and raw.endswith(b'"') and len(raw) > 1 else raw)


def git_path(path: str, *, may_be_empty: bool = False) -> str:
    """A path that was given, as git's command line takes it. Raises `InputError` for what cannot be in a repository.

    Reads go through trees, not the file system; this is the second lock on the door.
    """
    path = path.strip()
    if path.startswith('"') and path.endswith('"') and len(path) > 1:
        found = _unquote(path.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")
        is_wrong = "\0" in found or found.startswith("/")
    else:
        found = path.removeprefix("./").rstrip("/")
        is_wrong = path.startswith(("/", "~")) or not path.isprintable()
    if (not found or found == ".") and not is_wrong:
        if may_be_empty:
            return ""
        raise InputError("A path is needed.", next_step="List the files.", field="path")
    if is_wrong or ".." in found.split("/") or len(path) > MAX_PATH_CHARS:
        raise InputError(
            f"{path[:200]!r} is not a path in the repository.", next_step="Paths are relative to its root.", field="path"
        )
    return found


def parse_tree(listed: bytes) -> list[TreeEntry]:
    """Output of `git ls-tree -z`, with or without `-l`."""
    entries = []
    for record in filter(None, listed.split(b"\0")):
        meta, tab, path = record.partition(b"\t")
        fields = meta.decode("ascii", "replace").split()
        if not tab or len(fields) < 3:
            continue  # the rest of an answer that was cut
        size = fields[3] if len(fields) > 3 else ""
        entries.append(TreeEntry(shown_path(path), fields[0], fields[2], int(size) if size.isdigit() else -1))
    return entries


def is_below(path: str, folder: str) -> bool:
    """Whether a path is the folder or in it; everything is in the empty one."""
    return not folder or path == folder or path.startswith(f"{folder}/")


def glob(pattern: str) -> Callable[[str], bool]:
    """`*.py` fits the name in any folder; with a slash the whole path; `**/` may stand for no folder at all."""
    if not pattern:
        return lambda _: True
    if "/" not in pattern:
        return lambda path: fnmatchcase(path.rsplit("/", 1)[-1], pattern)
    return lambda path: fnmatchcase(path, pattern) or fnmatchcase(path, pattern.replace("**/", ""))


def _quote(raw: bytes) -> str:
    def escaped(code: int) -> str:
        if code in _LETTERS:
            return f"\\{_LETTERS[code]}"
        return chr(code) if 32 <= code < 127 else f"\\{code:03o}"

    return f'"{"".join(map(escaped, raw))}"'


def _unquote(raw: bytes) -> bytes:
    def plain(match: re.Match[bytes]) -> bytes:
        escape = match[1].decode("ascii")
        return bytes([_ESCAPES[escape] if escape in _ESCAPES else int(escape, 8) & 0xFF])

    return _ESCAPED.sub(plain, raw[1:-1])
