"""Whether a diff applies to a commit, and what it really changes.

It is tried on an index and an object store of its own beside the clone (GIT_INDEX_FILE, GIT_OBJECT_DIRECTORY, see git(1)),
which are thrown away: nothing of the clone changes, and no file of the repository is written anywhere. What is shown is
never the diff that was sent, but what git says is different between the two trees.
"""

from __future__ import annotations

import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sahur_core.code.git.command import Git
from sahur_core.code.git.output import parse_numstat
from sahur_core.code.git.patch_text import MAX_PATCH_BYTES, NOTHING, place_hunks, prepared, read_patch, strip_level
from sahur_core.code.git.paths import SUBMODULE, SYMLINK, TreeEntry
from sahur_core.code.git.repository import Repository
from sahur_core.code.records import FileChange
from sahur_core.errors import GitFailed, InputError, PatchRefused

MAX_FILES = 50
MAX_DIFF_BYTES = 2 * MAX_PATCH_BYTES
MAX_BLOB_BYTES = 2 * 1024 * 1024
MAX_TREE_FILES = 50_000
MAX_TREE_BYTES = 400 * 1024 * 1024
"""A larger tree is not copied to be tested."""
_FORBIDDEN_NAMES = frozenset({".git", ".gitmodules"})


@dataclass(frozen=True)
class Patched:
    """A commit with a diff applied. It exists as long as the block that made it."""

    commit: str
    diff: str
    """As git tells it between the commit and the patched tree."""
    files: list[FileChange]
    git: Git
    """With an index that holds the patched tree."""

    def check_out(self, folder: Path) -> None:
        """Write the patched tree into an empty folder. Raises `PatchRefused` for a tree that is too large."""
        listed = self.git.run("ls-tree", "-r", "-l", "-z", "--full-tree", self.commit, max_bytes=64 * 1024 * 1024)
        entries = [record.split(b"\t")[0].split() for record in listed.stdout.split(b"\0") if record]
        size = sum(int(fields[3]) for fields in entries if len(fields) > 3 and fields[3].isdigit())
        if len(entries) > MAX_TREE_FILES or size > MAX_TREE_BYTES or listed.is_truncated:
            raise PatchRefused(f"The repository is too large to be copied for a test: {len(entries)} files, {size:,} bytes.")
        environment = (*self.git.more_environment, ("GIT_WORK_TREE", str(folder)))
        replace(self.git, more_environment=environment).run("checkout-index", "--all", "--force", timeout=60)


@contextmanager
def patched(repository: Repository, commit: str, diff: str) -> Iterator[Patched]:
    """Apply a diff to a commit, aside.

    Hunks may have wrong counts or numbers; they are placed by their unchanged lines. Raises `PatchRefused`, with what is
    wrong, for a diff that does not apply, changes nothing, or touches anything but text files of the repository.
    """
    data, sha = prepared(diff), repository.resolve(commit)
    with tempfile.TemporaryDirectory(prefix="sahur-patch-") as name:
        git = _aside(repository.git, Path(name))
        git.run("read-tree", sha)
        _apply(git, sha, data)
        tree = git.run("write-tree").text.strip()
        _check_entries(git, sha, tree)
        # No renames: people and tools other than git read it as well.
        told = git.run(*_diff("--patch", sha, tree), max_bytes=MAX_DIFF_BYTES)
        if told.is_truncated:
            raise PatchRefused("The patch changes too much.", next_step="Change only what is at fault.")
        files = parse_numstat(git.run(*_diff("--numstat", "-z", sha, tree)).raw_text)
        if any(file.added is None for file in files):
            raise PatchRefused("The patch changes a binary file.")
        try:
            told.stdout.decode()
        except UnicodeDecodeError as error:
            # Shown with other letters in their place, it would not apply any more.
            raise PatchRefused("The patch stands beside bytes that are no UTF-8 text, so it cannot be shown as it is.") from error
        yield Patched(commit=sha, diff=told.text, files=files, git=git)


def _aside(git: Git, folder: Path) -> Git:
    """git on the same clone with an index and new objects in a folder of their own."""
    objects = folder / "objects"
    (objects / "info").mkdir(parents=True)
    (objects / "info" / "alternates").write_text(f"{git.git_dir.resolve() / 'objects'}\n")
    return replace(git, more_environment=(("GIT_INDEX_FILE", str(folder / "index")), ("GIT_OBJECT_DIRECTORY", str(objects))))


def _diff(*arguments: str) -> tuple[str, ...]:
    return ("diff", "--no-ext-diff", "--no-textconv", "--no-renames", *arguments, "--")


def _apply(git: Git, sha: str, data: bytes) -> None:
    """As it is, then with its counts worked out anew, then by the unchanged lines alone."""
    options = ("apply", "--cached", "--whitespace=nowarn", f"-p{strip_level(data)}")
    try:
        git.run(*options, stdin=data)
        return
    except GitFailed as error:
        first = error
    try:
        git.run(*options, "--recount", stdin=data)
    except GitFailed:
        _apply_by_lines(git, sha, data, first)


def _apply_by_lines(git: Git, sha: str, data: bytes, why: GitFailed) -> None:
    """Place the hunks ourselves. Only existing text files are changed this way."""
    files = read_patch(data)
    if not files or any(each.old_path != each.new_path or NOTHING in (each.old_path, each.new_path) for each in files):
        raise PatchRefused(_reason(why)) from why
    if len({each.new_path for each in files}) < len(files):
        raise PatchRefused("The patch has several parts for the same file.", next_step="Put its hunks into one part.")
    for each in files:
        entry = _file_at(git, sha, each.new_path)
        content = git.run("cat-file", "blob", entry.blob, max_bytes=MAX_BLOB_BYTES)
        try:
            changed = place_hunks(content.stdout.decode(), each.hunks).encode()
        except UnicodeDecodeError as error:
            raise PatchRefused(f"{each.new_path[:200]} is no UTF-8 text.") from error
        if content.is_truncated:
            raise PatchRefused(f"{each.new_path[:200]} is too large to be patched.")
        blob = git.run("hash-object", "-w", "--stdin", stdin=changed).text.strip()
        git.run("update-index", "--cacheinfo", f"{entry.mode},{blob},{each.new_path}")


def _file_at(git: Git, sha: str, path: str) -> TreeEntry:
    try:
        entry = Repository(git).entry(sha, path)
    except InputError as error:
        raise PatchRefused(error.message, next_step=error.next_step) from error
    if entry is None or not entry.is_file:
        raise PatchRefused(f"There is no file {path[:200]!r} at that commit.")
    return entry


def _check_entries(git: Git, sha: str, tree: str) -> None:
    """Refuse what is no change of ordinary files inside of the repository."""
    raw = git.run("diff-tree", "-r", "-z", "--raw", "--no-renames", sha, tree, "--", max_bytes=4 * 1024 * 1024)
    fields = raw.stdout.decode("utf-8", "surrogateescape").split("\0")
    changes = list(zip(fields[0::2], fields[1::2], strict=False))
    if not changes:
        raise PatchRefused("The patch changes nothing.")
    if len(changes) > MAX_FILES:
        raise PatchRefused(f"The patch changes {len(changes)} files; at most {MAX_FILES} are taken.")
    for meta, path in changes:
        old_mode, new_mode = meta.lstrip(":").split(" ")[:2]
        if {old_mode, new_mode} & {SYMLINK, SUBMODULE}:
            raise PatchRefused("The patch changes a symbolic link or a submodule; only text files may be changed.")
        if _FORBIDDEN_NAMES & {_plain(part) for part in path.split("/")}:
            raise PatchRefused(f"No patch may touch {path[:200]!r}.")


def _plain(name: str) -> str:
    """A name as file systems read it that know no case and skip letters which nobody sees."""
    return "".join(letter for letter in name if unicodedata.category(letter) != "Cf").lower()


def _reason(error: GitFailed) -> str:
    """git's own words on what does not fit, cut."""
    lines = [line.removeprefix("error: ") for line in error.stderr.splitlines() if line.startswith("error: ")]
    return f"It does not apply: {'; '.join(lines)[:500] or error.message}"
