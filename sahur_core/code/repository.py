"""Reads of one bare clone at one commit."""

from __future__ import annotations

from pathlib import Path

from sahur_core.code.records import BlameLine, Commit, CommitDetail, Diff, FileRange, Match


class Repository:
    """A bare clone under `<SAHUR_REPOSITORY_DIR>/<repository id>/`.

    Every method may raise `InputError` (a path outside the repository, an invalid pattern, a search that takes too
    long), `NotFound` (no such file at that commit), `RevisionMissing` and `RepositoryError`.
    """

    @classmethod
    def open(cls, directory: Path) -> Repository:
        """The clone in `<directory>/git`. Raises `RepositoryMissing` if it was not cloned yet."""
        raise NotImplementedError

    def resolve(self, revision: str) -> str:
        """The full sha of a branch, tag or (short) sha; empty: the default branch.

        Raises `RevisionMissing`, or `RepositoryEmpty` where there is no commit at all.
        """
        raise NotImplementedError

    def list_files(self, commit: str, *, path: str = "", pattern: str = "") -> list[str]:
        """Sorted paths of all files below `path` that fit the glob `pattern` (`*.py`, `billing/**/*.py`)."""
        raise NotImplementedError

    def read(self, commit: str, path: str, start: int = 1, end: int | None = None) -> FileRange:
        """Lines `start` to `end` of a text file, at most 2000 of them. Raises `InputError` for binary files."""
        raise NotImplementedError

    def grep(self, commit: str, pattern: str, *, regex: bool = False, path: str = "") -> list[Match]:
        """Lines with a literal text or a Perl-style regular expression, at most 200."""
        raise NotImplementedError

    def log(
        self, commit: str, *, path: str = "", function: str = "", grep: str = "", since: str = "", limit: int = 20
    ) -> list[Commit]:
        """Ancestors of `commit`, newest first, that touched `path`, or `function` in it, or whose message has `grep`."""
        raise NotImplementedError

    def blame(self, commit: str, path: str, start: int, end: int) -> list[BlameLine]:
        """Who last changed each of the lines, ignoring white space; at most 500 lines."""
        raise NotImplementedError

    def show(self, commit: str, *, path: str = "") -> CommitDetail:
        """A commit and its diff against its first parent, for all files or one."""
        raise NotImplementedError

    def diff(self, base: str, commit: str, path: str = "") -> Diff:
        """What changed between two commits."""
        raise NotImplementedError
