"""What each tool of the `code` server does, blocking: arguments in, result out."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any, TypeVar

from sahur_core.code import records
from sahur_core.code.git.repository import Repository
from sahur_core.code.index.index import CodeIndex
from sahur_core.code.locate.locate import locate
from sahur_core.code.traces.traceback import parse_traces
from sahur_mcp.servers import code_schemas as schemas

MAX_RANKED = 100
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


def list_files(opened: Opened, arguments: schemas.ListFilesArguments) -> schemas.ListFilesResult:
    repository = opened.repository
    commit = repository.resolve(arguments.commit)
    files = repository.list_files(commit, path=arguments.path, pattern=arguments.pattern)
    page, next_offset = _page(files, arguments.offset, arguments.limit)
    return schemas.ListFilesResult(repository=opened.id, commit=commit, files=page, total=len(files), next_offset=next_offset)


def search(opened: Opened, arguments: schemas.SearchArguments) -> schemas.SearchResult:
    repository = opened.repository
    commit = repository.resolve(arguments.commit)
    result = schemas.SearchResult(repository=opened.id, commit=commit, mode=arguments.mode, next_offset=None)
    if arguments.mode == "ranked":
        hits = [
            hit for hit in opened.index(commit).search(arguments.query, MAX_RANKED) if _is_below(hit.chunk.path, arguments.path)
        ]
        found, result.next_offset = _page(hits, arguments.offset, arguments.limit)
        result.functions = [_scored_chunk(hit) for hit in found]
        return result
    pattern, is_regex = arguments.query, arguments.mode == "regex"
    if arguments.ignore_case:
        pattern, is_regex = "(?i)" + (pattern if is_regex else re.escape(pattern)), True
    matches = repository.grep(commit, pattern, regex=is_regex, path=arguments.path)
    page, result.next_offset = _page(matches, arguments.offset, arguments.limit)
    result.lines = [schemas.Line(path=match.path, line=match.line, text=match.text) for match in page]
    return result


def read(opened: Opened, arguments: schemas.ReadArguments) -> schemas.ReadResult:
    repository = opened.repository
    commit = repository.resolve(arguments.commit)
    found = repository.read(commit, arguments.path, arguments.start, _end(arguments))
    lines = [schemas.Line(path=found.path, line=number, text=text) for number, text in enumerate(found.lines, found.start)]
    return schemas.ReadResult(
        repository=opened.id,
        commit=commit,
        path=found.path,
        start=found.start,
        end=found.end,
        total_lines=found.total_lines,
        lines=lines,
        is_truncated=found.is_truncated or bool(arguments.end and found.end < min(arguments.end, found.total_lines)),
    )


def symbols(opened: Opened, arguments: schemas.SymbolsArguments) -> schemas.SymbolsResult:
    commit = opened.repository.resolve(arguments.commit)
    found = opened.index(commit).symbols(arguments.path, arguments.name)
    page, next_offset = _page(found, arguments.offset, arguments.limit)
    listed = [schemas.Symbol(path=s.path, name=s.name, kind=s.kind, line=s.start, end_line=s.end) for s in page]
    return schemas.SymbolsResult(repository=opened.id, commit=commit, symbols=listed, next_offset=next_offset)


def log(opened: Opened, arguments: schemas.LogArguments) -> schemas.LogResult:
    repository = opened.repository
    commit = repository.resolve(arguments.commit)
    found = repository.log(
        commit,
        path=arguments.path,
        function=arguments.function,
        grep=arguments.grep,
        since=arguments.since,
        limit=arguments.limit,
    )
    return schemas.LogResult(repository=opened.id, commit=commit, commits=[_commit(item) for item in found])


def blame(opened: Opened, arguments: schemas.BlameArguments) -> schemas.BlameResult:
    repository = opened.repository
    commit = repository.resolve(arguments.commit)
    found = repository.blame(commit, arguments.path, arguments.start, _end(arguments))
    lines = [schemas.BlamedLine(line=b.line, sha=b.sha, author=b.author, at=b.authored_at, text=b.text) for b in found]
    commits = {b.sha: schemas.Commit(sha=b.sha, author=b.author, committed_at=b.authored_at, summary=b.summary) for b in found}
    newest_first = sorted(commits.values(), key=lambda item: item.committed_at, reverse=True)
    return schemas.BlameResult(repository=opened.id, commit=commit, path=arguments.path, lines=lines, commits=newest_first)


def show(opened: Opened, arguments: schemas.ShowArguments) -> schemas.ShowResult:
    repository = opened.repository
    found = repository.show(repository.resolve(arguments.commit), path=arguments.path)
    message = f"{found.commit.summary}\n\n{found.commit.body}".strip()
    return schemas.ShowResult(
        repository=opened.id,
        commit=found.commit.sha,
        shown=_commit(found.commit),
        message=message,
        files=_changed(found.diff),
        diff=found.diff.text,
        is_truncated=found.diff.is_truncated,
    )


def diff(opened: Opened, arguments: schemas.DiffArguments) -> schemas.DiffResult:
    repository = opened.repository
    base, head = repository.resolve(arguments.base), repository.resolve(arguments.head)
    found = repository.diff(base, head, arguments.path)
    return schemas.DiffResult(
        repository=opened.id, commit=head, base=base, files=_changed(found), diff=found.text, is_truncated=found.is_truncated
    )


def locate_report(opened: Opened, arguments: schemas.LocateArguments) -> schemas.LocateResult:
    repository = opened.repository
    commit = repository.resolve(arguments.commit)
    at = arguments.reported_at
    at = at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at
    index = opened.index(commit)
    found = locate(repository, index, arguments.report, arguments.title, arguments.limit, at)
    frames, exception = _first_trace(arguments.report, index)
    return schemas.LocateResult(
        repository=opened.id,
        commit=commit,
        files=[schemas.ScoredFile(path=f.path, score=f.score, reasons=f.reasons) for f in found.files],
        functions=[
            schemas.ScoredFunction(path=f.path, name=f.name, line=f.start, end_line=f.end, score=f.score, reasons=f.reasons)
            for f in found.functions
        ],
        commits=[schemas.ScoredCommit(**_commit(c.commit).model_dump(), score=c.score, reasons=c.reasons) for c in found.commits],
        frames=frames,
        exception=exception,
        has_anchor=found.has_anchor,
    )


def _first_trace(report: str, index: CodeIndex) -> tuple[list[schemas.Frame], str]:
    """The frames in the repository of the first stack trace that has any (of a chain that is the cause), its exception."""
    traces = parse_traces(report)
    for trace in traces:
        placed = [(index.path_map.find(frame.path), frame) for frame in trace.frames]
        frames = [schemas.Frame(path=path, line=frame.line, function=frame.function) for path, frame in placed if path]
        if frames:
            return frames, trace.exception
    return [], traces[0].exception if traces else ""


def _page(items: Sequence[T], offset: int, limit: int) -> tuple[list[T], int | None]:
    end = offset + limit
    return list(items[offset:end]), end if end < len(items) else None


def _end(arguments: schemas.ReadArguments | schemas.BlameArguments) -> int:
    """The last line to give: what was asked for, within the limit."""
    most = arguments.start + schemas.MAX_READ_LINES - 1
    return min(arguments.end or most, most)


def _is_below(path: str, folder: str) -> bool:
    folder = folder.strip("/")
    return not folder or path == folder or path.startswith(f"{folder}/")


def _commit(commit: records.Commit) -> schemas.Commit:
    return schemas.Commit(sha=commit.sha, author=commit.author, committed_at=commit.committed_at, summary=commit.summary)


def _changed(found: records.Diff) -> list[schemas.ChangedFile]:
    return [schemas.ChangedFile(path=f.path, added=f.added, deleted=f.deleted) for f in found.files]


def _scored_chunk(hit: records.SearchHit) -> schemas.ScoredFunction:
    chunk = hit.chunk
    return schemas.ScoredFunction(
        path=chunk.path,
        name=chunk.name,
        line=chunk.start,
        end_line=chunk.end,
        score=hit.score,
        reasons=[f"{chunk.kind} with these words"],
    )


READS: dict[type[schemas.Arguments], Callable[[Opened, Any], schemas.CodeResult]] = {
    schemas.ListFilesArguments: list_files,
    schemas.SearchArguments: search,
    schemas.ReadArguments: read,
    schemas.SymbolsArguments: symbols,
    schemas.LogArguments: log,
    schemas.BlameArguments: blame,
    schemas.ShowArguments: show,
    schemas.DiffArguments: diff,
    schemas.LocateArguments: locate_report,
}
