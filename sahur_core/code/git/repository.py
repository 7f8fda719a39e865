"""Reads of one bare clone at one commit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path

from sahur_core.code.git.command import READ_SECONDS, Git, Output
from sahur_core.code.git.output import COMMIT_FORMAT, parse_blame, parse_commits, parse_numstat, parse_patches
from sahur_core.code.languages.symbols import decode_source, find_definition, parse_file
from sahur_core.code.records import BlameLine, Commit, CommitDetail, Diff, FileRange, Match
from sahur_core.errors import (
    GitFailed,
    InputError,
    NotFound,
    RepositoryEmpty,
    RepositoryError,
    RepositoryMissing,
    RepositoryTimeout,
    RevisionMissing,
)

MAX_READ_LINES = 2000
MAX_FILE_BYTES = 2 * 1024 * 1024
"""A larger file is read up to here."""
MAX_LINE_CHARS = 500
MAX_MATCHES = 200
MAX_BLAME_LINES = 500
MAX_DIFF_BYTES = 200 * 1024
MAX_LOG = 500
GREP_SECONDS = 10.0
MAX_PATCHES_BYTES = 8 * 1024 * 1024
LOG_LINES_SECONDS = 10.0
"""Following lines back is slow where a file was changed thousands of times."""
_PATCH_OPTIONS = (f"--format={COMMIT_FORMAT}", "--patch", "--unified=0", "--no-ext-diff", "--no-textconv", "--no-prefix")
_FULL_SHA = re.compile(r"^([0-9a-f]{40}|[0-9a-f]{64})$")
_REVISION = re.compile(r"^[A-Za-z0-9_.][\w./@+#-]*([~^]\d*)*$")
_SINCE = re.compile(r"^[\w .:+-]{1,60}$")
_DAY = re.compile(r"^\d{4}-\d\d-\d\d$")
_SYMLINK, _SUBMODULE = "120000", "160000"


class TreeEntry:
    """A file of a tree: `mode` and `blob` as git names them, `size` in bytes."""

    __slots__ = ("blob", "mode", "path", "size")

    def __init__(self, path: str, mode: str, blob: str, size: int) -> None:
        self.path, self.mode, self.blob, self.size = path, mode, blob, size

    @property
    def is_file(self) -> bool:
        """False for symbolic links and submodules."""
        return self.mode not in (_SYMLINK, _SUBMODULE)


def check_revision(revision: str) -> str:
    """A branch, tag or commit by its form; empty for the default branch. Raises `InputError`."""
    name = revision.strip()
    if name and (not _REVISION.match(name) or len(name) > 200 or ".." in name or "@{" in name):
        raise InputError(f"{name!r} is not a revision.", next_step="Give a branch, a tag or a commit.", field="revision")
    return name


class Repository:
    """A bare clone under `<SAHUR_REPOSITORY_DIR>/<repository id>/`.

    Every method may raise `InputError` (a path outside the repository, an invalid pattern, a search that takes too
    long), `NotFound` (no such file at that commit), `RevisionMissing` and `RepositoryError`.
    """

    def __init__(self, git: Git) -> None:
        self._git = git
        self._verified: set[str] = set()

    @property
    def git_dir(self) -> Path:
        """Where the clone lies."""
        return self._git.git_dir

    @classmethod
    def open(cls, directory: Path) -> Repository:
        """The clone in `<directory>/git`. Raises `RepositoryMissing` if it was not cloned yet."""
        git_dir = directory / "git"
        if not (git_dir / "HEAD").is_file():
            raise RepositoryMissing(
                "The repository has not been cloned yet.", next_step="Wait until the indexer has prepared it."
            )
        return cls(Git(git_dir))

    def resolve(self, revision: str) -> str:
        """The full sha of a branch, tag or (short) sha; empty: the default branch.

        Raises `RevisionMissing`, or `RepositoryEmpty` where there is no commit at all.
        """
        name = check_revision(revision) or "HEAD"
        found = self._git.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}", ok_codes=(0, 1, 128))
        if found.returncode == 0:
            sha = found.text.strip()
            self._verified.add(sha)
            return sha
        if name == "HEAD":
            raise RepositoryEmpty("The repository has no commit.", next_step="Push a commit, then file the report again.")
        raise RevisionMissing(f"There is no branch, tag or commit {name} in the repository.", next_step="Check its spelling.")

    def entries(self, commit: str, path: str = "") -> list[TreeEntry]:
        """Everything in the tree of a commit, sorted by path; links and submodules too."""
        at = self._spec(path, may_be_empty=True)
        listed = self._read(
            "ls-tree", "-r", "-l", "-z", "--full-tree", self.resolve(commit), "--", *at, max_bytes=64 * 1024 * 1024
        )
        return sorted(_tree_entries(listed), key=lambda entry: entry.path)

    def list_files(self, commit: str, *, path: str = "", pattern: str = "") -> list[str]:
        """Sorted paths of all files below `path` that fit the glob `pattern` (`*.py`, `billing/**/*.py`)."""
        fits = _glob(pattern)
        return [entry.path for entry in self.entries(commit, path) if entry.is_file and fits(entry.path)]

    def read(self, commit: str, path: str, start: int = 1, end: int | None = None) -> FileRange:
        """Lines `start` to `end` of a text file, at most 2000 of them. Raises `InputError` for binary files."""
        sha = self.resolve(commit)
        data = self._file(sha, path)
        if b"\0" in data.stdout[:8000]:
            raise InputError(f"{path} is a binary file.", next_step="Read a text file.", field="path")
        lines = decode_source(data.stdout).split("\n")
        if lines[-1] == "":
            lines.pop()
        start = max(1, start)
        last = min(len(lines), end if end is not None else len(lines), start + MAX_READ_LINES - 1)
        asked = lines[start - 1 : max(last, 0)]
        wanted_end = len(lines) if end is None else min(end, len(lines))
        return FileRange(
            path=path,
            commit=sha,
            start=start,
            end=max(last, start - 1),
            total_lines=len(lines),
            lines=[_cut(line.rstrip("\r")) for line in asked],
            is_truncated=data.is_truncated or last < wanted_end or any(len(line) > MAX_LINE_CHARS for line in asked),
        )

    def read_blobs(self, blobs: Sequence[str]) -> Iterator[bytes]:
        """The contents of blobs, in order, by one git process per 200 of them."""
        for first in range(0, len(blobs), 200):
            batch = blobs[first : first + 200]
            stdin = "".join(f"{blob}\n" for blob in batch).encode()
            yield from _batch_contents(
                self._git.run("cat-file", "--batch", stdin=stdin, timeout=60, max_bytes=512 * 1024 * 1024).stdout
            )

    def grep(self, commit: str, pattern: str, *, regex: bool = False, path: str = "", limit: int = MAX_MATCHES) -> list[Match]:
        """Lines with a literal text or a Perl-style regular expression, at most 200. Binary files are skipped."""
        if not pattern.strip() or "\n" in pattern or "\0" in pattern or len(pattern) > 1000:
            raise InputError("The search pattern is empty, longer than 1000 characters or has a line break.", field="pattern")
        sha = self.resolve(commit)
        arguments = [
            "grep",
            "-n",
            "-I",
            "-z",
            "--full-name",
            "--max-count=100",
            "-P" if regex else "-F",
            "-e",
            pattern,
            sha,
            "--",
        ]
        try:
            found = self._git.run(
                *arguments, *self._spec(path, may_be_empty=True), timeout=GREP_SECONDS, max_bytes=1024 * 1024, ok_codes=(0, 1)
            )
        except RepositoryTimeout as error:
            raise InputError(
                f"The search took longer than {GREP_SECONDS:g} seconds.",
                next_step="Use a simpler pattern or a path.",
                field="pattern",
            ) from error
        except GitFailed as error:
            raise InputError(
                f"The pattern cannot be used: {error.message}", next_step="Search for a literal text.", field="pattern"
            ) from error
        return _matches(found, sha)[: min(limit, MAX_MATCHES)]

    def log(
        self, commit: str, *, path: str = "", function: str = "", grep: str = "", since: str = "", limit: int = 20
    ) -> list[Commit]:
        """Ancestors of `commit`, newest first, that touched `path`, or `function` in it, or whose message has `grep`."""
        filters = self._since(since)
        if grep:
            filters += ["--regexp-ignore-case", "--fixed-strings", f"--grep={grep}"]
        if function:
            if not path:
                raise InputError("The history of a function needs its path too.", next_step="Find it with symbols.", field="path")
            start, end = self._function_lines(commit, path, function)
            return self._log_lines(commit, path, start, end, limit, filters)
        spec = self._spec(path, may_be_empty=True)
        if spec and self._is_blob(commit, spec[0]):
            filters.append("--follow")
        return self._log(commit, f"--max-count={_bounded(limit)}", *filters, "--", *spec)

    def log_lines(self, commit: str, path: str, start: int, end: int, *, limit: int = 20) -> list[Commit]:
        """Commits that changed the lines `start` to `end`, newest first (`git log -L`, which follows them back)."""
        return self._log_lines(commit, path, start, end, limit, [])

    def _log_lines(self, commit: str, path: str, start: int, end: int, limit: int, filters: Sequence[str]) -> list[Commit]:
        (checked,) = self._spec(path)
        options = (f"--max-count={_bounded(limit)}", "--no-patch", *filters, f"-L{start},{end}:{checked}")
        return self._log(commit, *options, timeout=LOG_LINES_SECONDS)

    def recent(self, commit: str, *, limit: int = MAX_LOG) -> list[Commit]:
        """The last commits without merges, each with the files it touched."""
        return self._log(commit, f"--max-count={limit}", "--no-merges", "--name-only", "--")

    def ancestors(self, commit: str, *, limit: int) -> list[str]:
        """The shas of the last commits without merges, newest first; the commit itself is the first unless it is a merge."""
        command = ("rev-list", "--no-merges", f"--max-count={limit}", self.resolve(commit), "--")
        return self._read(*command, max_bytes=64 * 1024 * 1024).split()

    def commits(self, shas: Sequence[str]) -> Iterator[Commit]:
        """These commits in their order, each with the files it touched (the first one of a repository: all of its files)."""
        for first in range(0, len(shas), 2000):
            stdin = "".join(f"{sha}\n" for sha in shas[first : first + 2000]).encode()
            options = ("--no-walk=unsorted", "--no-renames", "--name-only", f"--format={COMMIT_FORMAT}")
            found = self._git.run("log", "--stdin", *options, stdin=stdin, timeout=300, max_bytes=512 * 1024 * 1024)
            yield from parse_commits(found.text)

    def log_patches(
        self, commit: str, paths: Sequence[str], *, limit: int, since: datetime | None = None
    ) -> list[tuple[Commit, str]]:
        """The last commits without merges that changed these files, each with its diff of them without context."""
        specs = [spec for path in paths for spec in self._spec(path)]
        after = (f"--since={since.isoformat()}",) if since is not None else ()
        options = (*_PATCH_OPTIONS, "--no-renames", "--no-merges", f"--max-count={_bounded(limit)}", *after)
        found = self._read(
            "log", *options, self.resolve(commit), "--", *specs, max_bytes=MAX_PATCHES_BYTES, timeout=LOG_LINES_SECONDS
        )
        return parse_patches(found)

    def show_patches(self, shas: Sequence[str], *, only_renames: bool = False) -> list[tuple[Commit, str]]:
        """These commits (full shas), each with its whole diff without context, or with the diffs of renamed files alone."""
        options = (*_PATCH_OPTIONS, "-M", "--no-walk=unsorted", "--stdin", *(("--diff-filter=R",) if only_renames else ()))
        stdin = "".join(f"{sha}\n" for sha in shas if _FULL_SHA.match(sha)).encode()
        if not stdin:
            return []
        found = self._git.run("log", *options, stdin=stdin, timeout=LOG_LINES_SECONDS, max_bytes=MAX_PATCHES_BYTES)
        return parse_patches(found.text)

    def tags(self) -> dict[str, str]:
        """Every tag that names a commit, with the full sha of the commit."""
        fields = "%(objecttype) %(objectname) %(*objecttype) %(*objectname) %(refname:lstrip=2)"
        rows = [row.split(" ", 4) for row in self._read("for-each-ref", f"--format={fields}", "refs/tags").splitlines()]
        named = {row[4]: row[1] if row[0] == "commit" else row[3] for row in rows if "commit" in (row[0], row[2])}
        return dict(sorted(named.items()))

    def shas_between(self, excluded: str, commit: str, *, limit: int) -> list[str]:
        """Full shas of what `commit` has and `excluded` has not, newest first, without merges."""
        command = ("rev-list", "--no-merges", f"--max-count={limit}", self.resolve(commit), f"^{self.resolve(excluded)}", "--")
        return self._read(*command).split()

    def parents(self, commit: str) -> list[str]:
        """Full shas of the parents; more than one for a merge."""
        return self._read("rev-list", "--parents", "--max-count=1", self.resolve(commit), "--").split()[1:]

    def merges_of(self, commit: str, pull_request: str) -> list[str]:
        """Merges in the history of `commit` that say that they merged a pull request, newest first, at most 3."""
        words = f"--grep=\\bpull request #{int(pull_request)}\\b"
        command = ("log", "--merges", "--perl-regexp", words, "--max-count=3", "--format=%H", self.resolve(commit), "--")
        return self._read(*command).split()

    def last_changes(self, commit: str, folders: Sequence[str]) -> dict[str, Commit]:
        """The last commit that touched each file of these folders, by path; under `""` the oldest that was looked at.

        At most the last 1000 commits of the folders are looked at: a file that is not among them has not changed since.
        """
        specs = [spec for folder in folders for spec in self._spec(folder)]
        last: dict[str, Commit] = {}
        found = self._log(commit, "--max-count=1000", "--no-merges", "--name-only", "--no-renames", "--", *specs)
        for change in found:
            for path in change.files:
                last.setdefault(path, change)
        oldest = found[-1] if found else self._log(commit, "--max-count=1", "--")[0]
        return last | {"": oldest}

    def blame(self, commit: str, path: str, start: int, end: int) -> list[BlameLine]:
        """Who last changed each of the lines, ignoring white space; at most 500 lines."""
        (checked,) = self._spec(path)
        if start < 1 or end < start:
            raise InputError("The range of lines is empty.", next_step="Lines count from 1.", field="start")
        sha = self.resolve(commit)
        last = min(end, start + MAX_BLAME_LINES - 1, self.read(sha, path, start, end).end)
        if last < start:
            return []
        return parse_blame(self._read("blame", "-w", "--line-porcelain", f"-L{start},{last}", sha, "--", checked))

    def show(self, commit: str, *, path: str = "") -> CommitDetail:
        """A commit and its diff against its first parent, for all files or one."""
        sha = self.resolve(commit)
        spec = self._spec(path, may_be_empty=True)
        (head,) = self._log(sha, "--max-count=1", "--diff-merges=first-parent", "--name-only", "--")
        return CommitDetail(commit=head, diff=self._diff(["show", "--format=", "--diff-merges=first-parent", sha], spec))

    def diff(self, base: str, commit: str, path: str = "") -> Diff:
        """What changed between two commits."""
        return self._diff(["diff", self.resolve(base), self.resolve(commit)], self._spec(path, may_be_empty=True))

    def _diff(self, command: list[str], spec: Sequence[str]) -> Diff:
        name, *rest = command
        safe = ("--no-ext-diff", "--no-textconv", "-M")
        numbers = self._git.run(name, *safe, "--numstat", "-z", *rest, "--", *spec)
        patch = self._git.run(name, *safe, "--patch", *rest, "--", *spec, max_bytes=MAX_DIFF_BYTES)
        return Diff(text=patch.text, files=parse_numstat(numbers.text), is_truncated=patch.is_truncated)

    def _log(self, commit: str, *arguments: str, timeout: float = READ_SECONDS) -> list[Commit]:
        separator = arguments.index("--") if "--" in arguments else len(arguments)
        options, rest = arguments[:separator], arguments[separator:]
        sha = self.resolve(commit)
        command = ("log", f"--format={COMMIT_FORMAT}", *options, sha, *rest)
        return parse_commits(self._read(*command, max_bytes=32 * 1024 * 1024, timeout=timeout))

    def _read(self, *arguments: str, max_bytes: int = 8 * 1024 * 1024, timeout: float = READ_SECONDS) -> str:
        try:
            return self._git.run(*arguments, max_bytes=max_bytes, timeout=timeout).text
        except GitFailed as error:
            if re.search(r"no such path|has only \d+ lines?|no path|There is no path", error.stderr):
                raise NotFound("There is no such path or line at that commit.", next_step="List the files.") from error
            raise RepositoryError(error.message, next_step=error.next_step) from error

    def _file(self, sha: str, path: str) -> Output:
        (checked,) = self._spec(path)
        listed = _tree_entries(self._read("ls-tree", "-l", "-z", "--full-tree", sha, "--", checked))
        entry = next((entry for entry in listed if entry.path == checked), None)
        if entry is None or entry.size < 0:
            raise NotFound(f"There is no file {path} at {sha[:12]}.", next_step="List the files of the folder.")
        if entry.mode == _SYMLINK:
            target = self._git.run("cat-file", "blob", entry.blob, max_bytes=1000).text
            raise InputError(f"{path} is a symbolic link to {target!r}.", next_step="Read the file it stands for.", field="path")
        return self._git.run("cat-file", "blob", entry.blob, max_bytes=MAX_FILE_BYTES)

    def _is_blob(self, commit: str, path: str) -> bool:
        kind = self._git.run("cat-file", "-t", f"{self.resolve(commit)}:{path}", ok_codes=(0, 128))
        return kind.text.strip() == "blob"

    def _function_lines(self, commit: str, path: str, function: str) -> tuple[int, int]:
        symbol = find_definition(parse_file(path, self._file(self.resolve(commit), path).stdout).symbols, function)
        if symbol is None:
            raise NotFound(f"There is no definition of {function} in {path}.", next_step="List the symbols of the file.")
        return symbol.start, symbol.end

    @staticmethod
    def _spec(path: str, *, may_be_empty: bool = False) -> list[str]:
        """A path as git takes it. Reads go through trees, not the file system; this is the second lock on the door."""
        path = path.strip().removeprefix("./").rstrip("/")
        if not path or path == ".":
            if may_be_empty:
                return []
            raise InputError("A path is needed.", next_step="List the files.", field="path")
        if path.startswith(("/", "~")) or ".." in path.split("/") or not path.isprintable() or len(path) > 4096:
            raise InputError(
                f"{path[:200]!r} is not a path in the repository.", next_step="Paths are relative to its root.", field="path"
            )
        return [path]

    @staticmethod
    def _since(since: str) -> list[str]:
        if since and not _SINCE.match(since):
            raise InputError(f"{since!r} is not a date.", next_step="Use 2026-01-31 or 2 weeks ago.", field="since")
        midnight = "T00:00:00" if _DAY.match(since) else ""  # git would take the present time of that day
        return [f"--since={since}{midnight}"] if since else []


def _tree_entries(listed: str) -> list[TreeEntry]:
    entries = []
    for record in filter(None, listed.split("\0")):
        meta, _, path = record.partition("\t")
        mode, _, blob, size = meta.split()
        entries.append(TreeEntry(path, mode, blob, int(size) if size.isdigit() else -1))
    return entries


def _batch_contents(data: bytes) -> Iterator[bytes]:
    position = 0
    while position < len(data):
        line_end = data.index(b"\n", position)
        size = data[position:line_end].rsplit(b" ", 1)[-1]
        length = int(size) if size.isdigit() else 0
        yield data[line_end + 1 : line_end + 1 + length]
        position = line_end + 1 + (length + 1 if size.isdigit() else 0)


def _matches(found: Output, sha: str) -> list[Match]:
    lines = found.text.split("\n")
    if found.is_truncated:
        lines.pop()
    matches = []
    for line in lines:
        name, _, rest = line.partition("\0")
        number, _, text = rest.partition("\0")
        if number.isdigit():
            matches.append(Match(path=name.removeprefix(f"{sha}:"), line=int(number), text=_cut(text.rstrip("\r"))))
    return matches


def _glob(pattern: str) -> Callable[[str], bool]:
    """`*.py` fits the name in any folder; with a slash the whole path; `**/` may stand for no folder at all."""
    if not pattern:
        return lambda _: True
    if "/" not in pattern:
        return lambda path: fnmatchcase(path.rsplit("/", 1)[-1], pattern)
    return lambda path: fnmatchcase(path, pattern) or fnmatchcase(path, pattern.replace("**/", ""))


def _cut(line: str) -> str:
    return line if len(line) <= MAX_LINE_CHARS else line[:MAX_LINE_CHARS] + "…"


def _bounded(limit: int) -> int:
    return max(1, min(limit, MAX_LOG))
