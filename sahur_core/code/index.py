"""The index of one commit: its symbols and its searchable chunks, content-addressed by blob."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sahur_core.code.records import SearchHit, Symbol
from sahur_core.code.repository import Repository


class CodeIndex:
    """An opened index: immutable, safe to share between threads and to keep in memory."""

    commit: str

    def search(self, query: str, limit: int = 10) -> list[SearchHit]:
        """Chunks by BM25 over their words and parts of identifiers, tests and documents below source."""
        raise NotImplementedError

    def symbols(self, path: str = "", name: str = "") -> list[Symbol]:
        """Definitions in the file or folder `path`, or called `name` (bare or qualified), or both."""
        raise NotImplementedError


def build_index(repository: Repository, commit: str, directory: Path, progress: Callable[[str], None]) -> CodeIndex:
    """Index a commit below `<directory>/index`; only blobs not seen before are parsed. Atomic and repeatable."""
    raise NotImplementedError


def open_index(directory: Path, commit: str) -> CodeIndex:
    """The index of a full sha. Raises `IndexNotReady` if it has not been built."""
    raise NotImplementedError
