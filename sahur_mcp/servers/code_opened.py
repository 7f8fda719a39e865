"""A repository that a caller may read, and the small steps that all tools of the `code` server share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from sahur_core.code import records
from sahur_core.code.git.repository import Repository
from sahur_core.code.index.index import CodeIndex
from sahur_mcp.servers import code_schemas as schemas

T = TypeVar("T")


@dataclass(frozen=True)
class Opened:
    """A repository that the caller may read."""

    id: str
    folder: Path
    open_index: Callable[[Path, str], CodeIndex]

    @property
    def repository(self) -> Repository:
        return Repository.open(self.folder)

    def index(self, commit: str) -> CodeIndex:
        return self.open_index(self.folder, commit)


def page(items: Sequence[T], offset: int, limit: int) -> tuple[list[T], int | None]:
    """A page, and the offset of the next one."""
    end = offset + limit
    return list(items[offset:end]), end if end < len(items) else None


def commit_part(commit: records.Commit) -> schemas.Commit:
    return schemas.Commit(sha=commit.sha, author=commit.author, committed_at=commit.committed_at, summary=commit.summary)


def changed_parts(files: Sequence[records.FileChange]) -> list[schemas.ChangedFile]:
    return [schemas.ChangedFile(path=f.path, added=f.added, deleted=f.deleted) for f in files]


def symbol_part(symbol: records.Symbol) -> schemas.Symbol:
    return schemas.Symbol(path=symbol.path, name=symbol.name, kind=symbol.kind, line=symbol.start, end_line=symbol.end)


def last_line(start: int, end: int, most: int) -> int:
    """The last line to give: what was asked for (0: all), within the limit."""
    limit = start + most - 1
    return min(end or limit, limit)
