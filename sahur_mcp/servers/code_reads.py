"""What the `code` server's tools on files do, blocking: arguments in, result out."""

from __future__ import annotations

from datetime import UTC

from sahur_core.code import records
from sahur_core.code.git.listing import list_tree
from sahur_core.code.git.paths import is_below
from sahur_core.code.git.references import find_references
from sahur_core.code.git.search import grep
from sahur_core.code.index.index import CodeIndex
from sahur_core.code.locate.locate import locate
from sahur_core.code.traces.parse import parse_traces
from sahur_core.errors import InputError
from sahur_mcp.servers import code_arguments as asked
from sahur_mcp.servers import code_schemas as schemas
from sahur_mcp.servers.code_opened import Opened, commit_part, last_line, page, symbol_part

MAX_RANKED = 100


def list_files(opened: Opened, arguments: asked.ListFilesArguments) -> schemas.ListFilesResult:
    repository = opened.repository
    commit = repository.resolve(arguments.commit)
    found = list_tree(repository, commit, arguments.path, pattern=arguments.pattern, depth=arguments.depth)
    both, next_offset = page([*found.folders, *found.files], arguments.offset, arguments.limit)
    is_first = arguments.offset == 0
    return schemas.ListFilesResult(
        repository=opened.id,
        commit=commit,
        files=[path for path in both if path not in found.folders],
        folders=[schemas.Folder(path=path, files=found.folders[path]) for path in both if path in found.folders],
        total=len(found.files) + len(found.folders),
        next_offset=next_offset,
        links=[schemas.Link(path=link.path, target=link.target) for link in found.links] if is_first else [],
        submodules=[schemas.Submodule(path=s.path, url=s.url, commit=s.commit) for s in found.submodules] if is_first else [],
        notes=["The tree is too large to be listed whole; name a folder."] if found.is_capped else [],
    )


def search(opened: Opened, arguments: asked.SearchArguments) -> schemas.SearchResult:
    repository = opened.repository
    commit = repository.resolve(arguments.commit)
    repository.require(commit, arguments.path)
    result = schemas.SearchResult(repository=opened.id, commit=commit, mode=arguments.mode, next_offset=None)
    if arguments.mode == "ranked":
        hits = [
            hit for hit in opened.index(commit).search(arguments.query, MAX_RANKED) if _is_below(hit.chunk.path, arguments.path)
        ]
        ranked, result.next_offset = page(hits, arguments.offset, arguments.limit)
        result.functions = [_scored_chunk(hit) for hit in ranked]
        return result
    found = grep(
        repository.git,
        commit,
        arguments.query,
        regex=arguments.mode == "regex",
        ignore_case=arguments.ignore_case,
        path=arguments.path,
        offset=arguments.offset,
        limit=arguments.limit,
    )
    result.lines = [schemas.Line(path=match.path, line=match.line, text=match.text) for match in found.matches]
    result.next_offset = arguments.offset + arguments.limit if found.has_more else None
    if found.generated:
        result.notes.append(f"{found.generated} lines in generated files are left out; name such a file to search it.")
    if found.is_capped:
        result.notes.append("Not all files were searched: too much fits. Name a path, or search for more.")
    return result


def read(opened: Opened, arguments: asked.ReadArguments) -> schemas.ReadResult:
    repository = opened.repository
    commit = repository.resolve(arguments.commit)
    last = last_line(arguments.start, arguments.end, asked.MAX_READ_LINES)
    found = repository.read(commit, arguments.path, arguments.start, last)
    return schemas.ReadResult(
        repository=opened.id,
        commit=commit,
        path=found.path,
        start=found.start,
        end=found.end,
        total_lines=found.total_lines,
        lines=[schemas.NumberedLine(line=number, text=text) for number, text in enumerate(found.lines, found.start)],
        is_truncated=found.is_truncated or bool(arguments.end and found.end < min(arguments.end, found.total_lines)),
        next_start=found.end + 1 if found.lines and found.end < found.total_lines else None,
        notes=found.notes,
    )


def symbols(opened: Opened, arguments: asked.SymbolsArguments) -> schemas.SymbolsResult:
    repository = opened.repository
    commit = repository.resolve(arguments.commit)
    if arguments.mode == "references":
        return _references(opened, commit, arguments)
    if arguments.mode == "outline":
        if not arguments.path.strip():
            raise InputError("An outline is of one file.", next_step="Give its path.", field="path")
        found = repository.outline(commit, arguments.path)
    else:
        repository.require(commit, arguments.path)
        found = opened.index(commit).symbols(arguments.path, arguments.name)
    listed, next_offset = page(found, arguments.offset, arguments.limit)
    return schemas.SymbolsResult(
        repository=opened.id, commit=commit, symbols=[symbol_part(each) for each in listed], next_offset=next_offset
    )


def _references(opened: Opened, commit: str, arguments: asked.SymbolsArguments) -> schemas.SymbolsResult:
    opened.repository.require(commit, arguments.path)
    found = find_references(
        opened.repository, commit, arguments.name, path=arguments.path, offset=arguments.offset, limit=arguments.limit
    )
    return schemas.SymbolsResult(
        repository=opened.id,
        commit=commit,
        symbols=[symbol_part(each) for each in found.definitions[: arguments.limit]],
        references=[schemas.Reference(path=r.path, line=r.line, kind=r.kind, text=r.text) for r in found.references],
        next_offset=arguments.offset + arguments.limit if found.has_more else None,
        notes=["There are more than were looked at: name a path."] if found.is_capped else [],
    )


def locate_report(opened: Opened, arguments: asked.LocateArguments) -> schemas.LocateResult:
    repository = opened.repository
    commit = repository.resolve(arguments.commit)
    at = arguments.reported_at
    at = at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at
    index = opened.index(commit)
    found = locate(repository, index, arguments.report, arguments.title, arguments.limit, at, arguments.project)
    frames, exception = _first_trace(arguments.report, index)
    return schemas.LocateResult(
        repository=opened.id,
        commit=commit,
        files=[schemas.ScoredFile(path=f.path, score=f.score, reasons=f.reasons) for f in found.files],
        functions=[
            schemas.ScoredFunction(path=f.path, name=f.name, line=f.start, end_line=f.end, score=f.score, reasons=f.reasons)
            for f in found.functions
        ],
        commits=[
            schemas.ScoredCommit(
                **commit_part(c.commit).model_dump(), score=c.score, reasons=c.reasons, touches=c.touches, in_window=c.in_window
            )
            for c in found.commits
        ],
        frames=frames,
        exception=exception,
        has_anchor=found.has_anchor,
        notes=found.notes,
    )


def _first_trace(report: str, index: CodeIndex) -> tuple[list[schemas.Frame], str]:
    """The frames in the repository of the first stack trace that has any (of a chain that is the cause), its exception."""
    traces = parse_traces(report)
    for trace in traces:
        placed = zip(index.path_map.find_all(trace.frames), trace.frames, strict=True)
        frames = [schemas.Frame(path=path, line=frame.line, function=frame.function) for path, frame in placed if path]
        if frames:
            return frames, trace.exception
    return [], traces[0].exception if traces else ""


def _is_below(path: str, folder: str) -> bool:
    return is_below(path, folder.strip().strip("/"))


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
