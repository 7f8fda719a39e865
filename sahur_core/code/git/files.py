"""One file of a commit, and what to say where there is none: a folder, a link, a submodule, a path of another time."""

from __future__ import annotations

import posixpath
from difflib import get_close_matches

from sahur_core.code.git.command import Git, Output
from sahur_core.code.git.contents import LfsPointer, binary_kind, is_binary, lfs_pointer
from sahur_core.code.git.paths import FOLDER, SUBMODULE, SYMLINK, TreeEntry, git_path, parse_tree, unquoted
from sahur_core.code.git.submodules import submodule_at
from sahur_core.errors import InputError, NotFound, RepositoryTimeout

MAX_DEPTH = 60
"""Folders of a path that are looked at one by one."""
MAX_FILE_BYTES = 16 * 1024 * 1024
"""A larger file is read up to here."""
MAX_NAMES_BYTES = 64 * 1024 * 1024
MAX_SHOWN = 40
MAX_SIMILAR = 5
MAX_COMPARED = 4000
"""Names that are compared letter by letter."""
HISTORY_SECONDS = 5.0
"""Longest search for the commit that took a path away."""


def entry_at(git: Git, sha: str, path: str) -> TreeEntry | None:
    """What is at a path in the tree of a full sha: a file, link, submodule or folder."""
    asked = git_path(path)
    listed = parse_tree(git.run("ls-tree", "-l", "-z", "--full-tree", sha, "--", asked).stdout)
    return next((entry for entry in listed if git_path(entry.path) == asked), None)


def read_blob(git: Git, sha: str, path: str) -> tuple[TreeEntry, Output]:
    """A file and its bytes, whatever they are. Raises `NotFound` and `InputError` with what to read instead."""
    entry = entry_at(git, sha, path)
    if entry is None:
        raise missing(git, sha, path)
    if not entry.is_file:
        raise _no_file(git, sha, entry)
    return entry, git.run("cat-file", "blob", entry.blob, max_bytes=MAX_FILE_BYTES)


def read_text_blob(git: Git, sha: str, path: str) -> tuple[TreeEntry, Output]:
    """As `read_blob`, for a file that has lines: `InputError` also for pointers of Git LFS and for binary files."""
    entry, data = read_blob(git, sha, path)
    pointer = lfs_pointer(data.stdout)
    if pointer is not None:
        raise InputError(_lfs_words(entry.path, pointer), next_step="Its history is here: see log and blame.", field="path")
    if is_binary(data.stdout):
        kind = binary_kind(data.stdout)
        what = f"is a binary file ({kind}, {entry.size:,} bytes)" if kind else f"is a binary file ({entry.size:,} bytes)"
        raise InputError(f"{entry.path} {what}.", next_step="Read a text file.", field="path")
    return entry, data


def link_target(git: Git, entry: TreeEntry) -> str:
    """Where a symbolic link points to, in its own words."""
    return git.run("cat-file", "blob", entry.blob, max_bytes=4096).text


def folder_entries(git: Git, sha: str, path: str) -> list[str]:
    """Names in a folder, as in `ls -p`: folders end with a slash."""
    folder = git_path(path, may_be_empty=True)
    listed = parse_tree(git.run("ls-tree", "-z", "--full-tree", f"{sha}:{folder}", max_bytes=MAX_NAMES_BYTES).stdout)
    return [f"{entry.path}/" if entry.mode == FOLDER else entry.path for entry in listed]


def missing(git: Git, sha: str, path: str) -> NotFound | InputError:
    """Why there is nothing at a path, and where it may be."""
    asked = path.strip().strip("/")
    if _goes_through(git, sha, asked, SUBMODULE) and (submodule := submodule_at(git, sha, asked)):
        where = f"of {submodule.url} at {submodule.commit[:12]}" if submodule.url else f"at commit {submodule.commit[:12]}"
        return InputError(
            f"{asked} is in the submodule {submodule.path}: its content is in another repository.",
            next_step=f"It would be {asked.removeprefix(submodule.path).strip('/')} {where}.",
            field="path",
        )
    if link := _goes_through(git, sha, asked, SYMLINK):
        rest = asked.removeprefix(link.path).strip("/")
        return InputError(
            f"{link.path}, a part of {asked}, is a symbolic link to {link_target(git, link)!r}.",
            next_step=_through(link.path, link_target(git, link), rest),
            field="path",
        )
    told = _of_another_time(git, sha, asked)
    near = similar_paths(git, sha, asked)
    next_step = f"Similar: {', '.join(near)}." if near else "List the files of the folder."
    return NotFound(f"There is no file {asked} at {sha[:12]}.{told}", next_step=next_step)


def similar_paths(git: Git, sha: str, path: str) -> list[str]:
    """Files with the same name elsewhere, then with names that are spelled alike."""
    listed = parse_tree(git.run("ls-tree", "-r", "-z", "--full-tree", sha, max_bytes=MAX_NAMES_BYTES).stdout)
    wanted = path.rpartition("/")[2].lower()
    parts = set(path.lower().split("/"))
    by_name: dict[str, list[str]] = {}
    for entry in listed:
        by_name.setdefault(entry.path.rpartition("/")[2].lower(), []).append(entry.path)
    # Letter by letter only what could be near: comparing a hundred thousand names takes seconds.
    close = [
        name for name in by_name if abs(len(name) - len(wanted)) < 4 and (name[:2] == wanted[:2] or name[-4:] == wanted[-4:])
    ]
    names = [wanted, *get_close_matches(wanted, close[:MAX_COMPARED], MAX_SIMILAR, 0.75)]
    found: list[str] = []
    for name in dict.fromkeys(names):
        found += sorted(by_name.get(name, []), key=lambda each: (-len(parts & set(each.lower().split("/"))), len(each)))
    return found[:MAX_SIMILAR]


def _no_file(git: Git, sha: str, entry: TreeEntry) -> InputError:
    if entry.mode == FOLDER:
        names = folder_entries(git, sha, entry.path)
        more = f" and {len(names) - MAX_SHOWN} more" if len(names) > MAX_SHOWN else ""
        return InputError(
            f"{entry.path} is a folder. It holds: {', '.join(names[:MAX_SHOWN])}{more}.", next_step="Name a file.", field="path"
        )
    if entry.mode == SYMLINK:
        target = link_target(git, entry)
        return InputError(
            f"{entry.path} is a symbolic link to {target!r}.", next_step=_through(entry.path, target, ""), field="path"
        )
    submodule = submodule_at(git, sha, entry.path)
    url = submodule.url if submodule and submodule.url else "an address that .gitmodules does not tell"
    return InputError(
        f"{entry.path} is a submodule: its content is in another repository, {url}, at commit {entry.blob}.",
        next_step="Ask for that repository, if it is one of yours.",
        field="path",
    )


def _goes_through(git: Git, sha: str, path: str, mode: str) -> TreeEntry | None:
    """The part of a path that is an entry of this mode."""
    parts = git_path(path).split("/")
    prefixes = ["/".join(parts[:count]) for count in range(1, min(len(parts), MAX_DEPTH) + 1)]
    listed = parse_tree(git.run("ls-tree", "-z", "--full-tree", sha, "--", *prefixes).stdout)
    return next((entry for entry in listed if entry.mode == mode), None)


def _through(link: str, target: str, rest: str) -> str:
    """What to read instead of a link: links are not followed, least of all out of the repository."""
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(link), target, rest))
    if target.startswith("/") or joined.startswith("..") or "\0" in target:
        return "That is outside of the repository, where nothing is read."
    return f"Read {joined}."


def _of_another_time(git: Git, sha: str, path: str) -> str:
    """That the path was there until some commit, or came later."""
    asked = git_path(path)
    options = ("--max-count=1", "--diff-filter=D", "--no-renames", "--format=%H%x00%cs%x00%s")
    try:
        gone = git.run("log", *options, sha, "--", asked, timeout=HISTORY_SECONDS).text.strip()
    except RepositoryTimeout:
        return ""  # the path is not there either way
    if gone:
        commit, date, summary = gone.split("\0")
        new = _renamed_to(git, commit, path)
        how = f"renamed it to {new}" if new else "deleted it"
        return f" It existed until {commit[:12]} ({date}, {summary[:80]!r}), which {how}; read it at {commit[:12]}~1."
    if git.run("ls-tree", "--full-tree", "HEAD", "--", asked, ok_codes=(0, 128)).stdout:
        return " It is in the newest commit, so it came later, or on another branch."
    return ""


def _renamed_to(git: Git, commit: str, path: str) -> str:
    options = ("--format=", "--name-status", "--find-renames", "--diff-filter=R", "--diff-merges=first-parent")
    for line in git.run("show", *options, commit, "--").text.split("\n"):
        _, _, names = line.partition("\t")
        old, _, new = names.partition("\t")
        if unquoted(old) == path:
            return unquoted(new)
    return ""


def _lfs_words(path: str, pointer: LfsPointer) -> str:
    return f"{path} is kept in Git LFS ({pointer.size:,} bytes, {pointer.oid}); the repository holds only a pointer to it."
