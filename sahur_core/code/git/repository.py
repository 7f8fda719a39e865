"""Reads of one bare clone at one commit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from sahur_core.code.git.command import READ_SECONDS, Git, Output
from sahur_core.code.git.contents import decode
from sahur_core.code.git.files import MAX_NAMES_BYTES, entry_at, missing, read_text_blob
from sahur_core.code.git.output import COMMIT_FORMAT, parse_blame, parse_commits, parse_numstat, parse_patches
from sahur_core.code.git.paths import TreeEntry, git_path, glob, parse_tree
from sahur_core.code.git.revisions import FULL_SHA, check_revision, git_date, resolve
from sahur_core.code.git.search import MAX_LINE_CHARS, grep
from sahur_core.code.git.text_range import MAX_READ_LINES, file_range
from sahur_core.code.languages.lookup import find_definition
from sahur_core.code.languages.outline import outline
from sahur_core.code.records import BlameLine, Commit, CommitDetail, Diff, FileRange, Match, Symbol
from sahur_core.errors import GitFailed, InputError, NotFound, RepositoryError, RepositoryMissing, RepositoryTimeout

__all__ = ["MAX_LINE_CHARS", "MAX_READ_LINES", "Repository", "TreeEntry", "check_revision"]

MAX_MATCHES = 200
MAX_BLAME_LINES = 500
MAX_DIFF_BYTES = 200 * 1024
MAX_LOG = 500
COMMITS_AT_ONCE = 500
MAX_PATCHES_BYTES = 8 * 1024 * 1024
LOG_LINES_SECONDS = 10.0
"""Following lines back is slow where a file was changed thousands of times."""
_PATCH_OPTIONS = (f"--format={COMMIT_FORMAT}", "--patch", "--unified=0", "--no-ext-diff", "--no-textconv", "--no-prefix")


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

    @property
    def git(self) -> Git:
        """For the reads that stand in modules of their own."""
        return self._git

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
        """The full sha of a branch, tag or (short) sha; empty: the default branch. See `revisions.resolve`."""
        if revision in self._verified:
            return revision
        sha = resolve(self._git, revision)
        self._verified.add(sha)
        return sha

    def entries(self, commit: str, path: str = "") -> list[TreeEntry]:
        """Everything in the tree of a commit, sorted by path; links and submodules too."""
        asked = ("ls-tree", "-r", "-l", "-z", "--full-tree", self.resolve(commit), "--", *self._spec(path, may_be_empty=True))
        return sorted(parse_tree(self._git.run(*asked, max_bytes=MAX_NAMES_BYTES).stdout), key=lambda entry: entry.path)

    def list_files(self, commit: str, *, path: str = "", pattern: str = "") -> list[str]:
        """Sorted paths of all files below `path` that fit the glob `pattern` (`*.py`, `billing/**/*.py`)."""
        fits = glob(pattern)
        return [entry.path for entry in self.entries(commit, path) if entry.is_file and fits(entry.path)]

    def read(self, commit: str, path: str, start: int = 1, end: int | None = None) -> FileRange:
        """Lines `start` to `end` of a text file, at most 2000 of them; says what is odd about it.

        Raises `InputError` and `NotFound` for what has no lines (a folder, a link, a binary file), saying what is there.
        """
        sha = self.resolve(commit)
        entry, data = read_text_blob(self._git, sha, path)
        return file_range(sha, entry, data, start, end)

    def entry(self, commit: str, path: str) -> TreeEntry | None:
        """What is at a path: a file, link, submodule or folder."""
        return entry_at(self._git, self.resolve(commit), path)

    def require(self, commit: str, path: str) -> None:
        """Raises `NotFound` or `InputError`, with where it may be, if nothing is at a path. The empty one is the whole tree."""
        sha = self.resolve(commit)
        if git_path(path, may_be_empty=True) and entry_at(self._git, sha, path) is None:
            raise missing(self._git, sha, path)

    def outline(self, commit: str, path: str) -> list[Symbol]:
        """What a file defines, in its order, outer ones before what they contain. Raises as `read`."""
        entry, data = read_text_blob(self._git, self.resolve(commit), path)
        found = outline(entry.path, decode(data.stdout).text).definitions
        return [
            Symbol(name=each.name, kind=each.kind, path=entry.path, start=each.start, end=each.end, doc=each.doc)
            for each in found
        ]

    def read_blobs(self, blobs: Sequence[str]) -> Iterator[bytes]:
        """The contents of blobs, in order, by one git process per 200 of them."""
        for first in range(0, len(blobs), 200):
            batch = blobs[first : first + 200]
            stdin = "".join(f"{blob}\n" for blob in batch).encode()
            yield from _batch_contents(
                self._git.run("cat-file", "--batch", stdin=stdin, timeout=60, max_bytes=512 * 1024 * 1024).stdout
            )

    def grep(
        self,
        commit: str,
        pattern: str,
        *,
        regex: bool = False,
        path: str = "",
        paths: Sequence[str] = (),
        limit: int = MAX_MATCHES,
    ) -> list[Match]:
        """Lines with a literal text or a Perl-style regular expression, at most 200. Binary and generated files are skipped."""
        sha, most = self.resolve(commit), min(limit, MAX_MATCHES)
        return grep(self._git, sha, pattern, regex=regex, path=path, paths=paths, limit=most).matches

    def log(
        self,
        commit: str,
        *,
        path: str = "",
        function: str = "",
        grep: str = "",
        since: str = "",
        until: str = "",
        offset: int = 0,
        limit: int = 20,
    ) -> list[Commit]:
        """Ancestors of `commit`, newest first, that touched `path`, or `function` in it, or whose message has `grep`."""
        filters = [f"--since={git_date(since, 'since')}"] if since else []
        filters += [f"--until={git_date(until, 'until')}"] if until else []
        filters += [f"--skip={offset}"] if offset else []
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

    def log_between(
        self, base: str, commit: str, *, path: str = "", offset: int = 0, limit: int = 50, is_main_line: bool = False
    ) -> list[Commit]:
        """What `commit` has and `base` has not, newest first: without merges, or what stands on its main line, merges too."""
        kind = "--first-parent" if is_main_line else "--no-merges"
        options = (kind, f"--skip={offset}", f"--max-count={limit}", f"^{self.resolve(base)}")
        return self._log(commit, *options, "--", *self._spec(path, may_be_empty=True))

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
        """These commits in their order, each with the files it touched (the first one of a repository: all of its files).

        Where git cannot tell the files of one of some hundred commits, all of them come without.
        """
        options = ("--stdin", "--no-walk=unsorted", "--no-renames", f"--format={COMMIT_FORMAT}")
        for first in range(0, len(shas), COMMITS_AT_ONCE):
            stdin = "".join(f"{sha}\n" for sha in shas[first : first + COMMITS_AT_ONCE]).encode()
            try:
                found = self._git.run("log", *options, "--name-only", stdin=stdin, timeout=60, max_bytes=256 * 1024 * 1024)
            except (GitFailed, RepositoryTimeout):
                found = self._git.run("log", *options, "--no-patch", stdin=stdin, timeout=60)
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
        stdin = "".join(f"{sha}\n" for sha in shas if FULL_SHA.match(sha)).encode()
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

    def show(self, commit: str, *, path: str = "", max_bytes: int = MAX_DIFF_BYTES) -> CommitDetail:
        """A commit and its diff against its first parent, for all files or one."""
        sha = self.resolve(commit)
        spec = self._spec(path, may_be_empty=True)
        (head,) = self._log(sha, "--max-count=1", "--diff-merges=first-parent", "--name-only", "--")
        command = ["show", "--format=", "--diff-merges=first-parent", sha]
        return CommitDetail(commit=head, diff=self._diff(command, spec, max_bytes))

    def diff(self, base: str, commit: str, path: str = "", *, max_bytes: int = MAX_DIFF_BYTES) -> Diff:
        """What changed between two commits."""
        return self._diff(["diff", self.resolve(base), self.resolve(commit)], self._spec(path, may_be_empty=True), max_bytes)

    def _diff(self, command: list[str], spec: Sequence[str], max_bytes: int) -> Diff:
        name, *rest = command
        safe = ("--no-ext-diff", "--no-textconv", "-M")
        numbers = self._git.run(name, *safe, "--numstat", "-z", *rest, "--", *spec)
        patch = self._git.run(name, *safe, "--patch", *rest, "--", *spec, max_bytes=max_bytes)
        return Diff(text=patch.text, files=parse_numstat(numbers.raw_text), is_truncated=patch.is_truncated)

    def _log(self, commit: str, *arguments: str, timeout: float = READ_SECONDS) -> list[Commit]:
        separator = arguments.index("--") if "--" in arguments else len(arguments)
        options, rest = arguments[:separator], arguments[separator:]
        sha = self.resolve(commit)
        command = ("log", f"--format={COMMIT_FORMAT}", *options, sha, *rest)
        return parse_commits(self._output(*command, max_bytes=32 * 1024 * 1024, timeout=timeout).raw_text)

    def _read(self, *arguments: str, max_bytes: int = 8 * 1024 * 1024, timeout: float = READ_SECONDS) -> str:
        return self._output(*arguments, max_bytes=max_bytes, timeout=timeout).text

    def _output(self, *arguments: str, max_bytes: int, timeout: float) -> Output:
        try:
            return self._git.run(*arguments, max_bytes=max_bytes, timeout=timeout)
        except GitFailed as error:
            if re.search(r"no such path|has only \d+ lines?|no path|There is no path", error.stderr):
                raise NotFound("There is no such path or line at that commit.", next_step="List the files.") from error
            raise RepositoryError(error.message, next_step=error.next_step) from error

    def _is_blob(self, commit: str, path: str) -> bool:
        kind = self._git.run("cat-file", "-t", f"{self.resolve(commit)}:{path}", ok_codes=(0, 128))
        return kind.text.strip() == "blob"

    def _function_lines(self, commit: str, path: str, function: str) -> tuple[int, int]:
        symbol = find_definition(self.outline(commit, path), function)
        if symbol is None:
            raise NotFound(f"There is no definition of {function} in {path}.", next_step="List the symbols of the file.")
        return symbol.start, symbol.end

    @staticmethod
    def _spec(path: str, *, may_be_empty: bool = False) -> list[str]:
        """A path as git takes it, in a list of at most one."""
        asked = git_path(path, may_be_empty=may_be_empty)
        return [asked] if asked else []


def _batch_contents(data: bytes) -> Iterator[bytes]:
    position = 0
    while position < len(data):
        line_end = data.index(b"\n", position)
        size = data[position:line_end].rsplit(b" ", 1)[-1]
        length = int(size) if size.isdigit() else 0
        yield data[line_end + 1 : line_end + 1 + length]
        position = line_end + 1 + (length + 1 if size.isdigit() else 0)


def _bounded(limit: int) -> int:
    return max(1, min(limit, MAX_LOG))
