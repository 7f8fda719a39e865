"""The results of the `code` server as text: what a person or a model reads, in the habit of grep and git."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sahur_mcp.servers import code_schemas as schemas


def render(result: schemas.CodeResult) -> str:
    """The text of a result. Every line that can be cited starts with where it stands."""
    return _RENDERERS[type(result)](result)


def is_empty(result: schemas.CodeResult) -> bool:
    """Whether the question had no answer in the code: such a result proves nothing but absence."""
    content = [value for name, value in result if name in _CONTENT.get(type(result), ())]
    return bool(content) and not any(content)


def _files(result: schemas.ListFilesResult) -> str:
    if not result.files:
        return "No file fits."
    return "\n".join([f"{result.total} files at {result.commit[:12]}", *result.files, *_more(result)])


def _search(result: schemas.SearchResult) -> str:
    if result.mode == "ranked":
        found = [f"{_span(item)}  {item.name}  ({'; '.join(item.reasons)})" for item in result.functions]
    else:
        found = [f"{line.path}:{line.line}: {line.text}" for line in result.lines]
    return "\n".join([*found, *_more(result)]) if found else "Nothing was found."


def _read(result: schemas.ReadResult) -> str:
    head = f"{result.path} at {result.commit[:12]}, lines {result.start} to {result.end} of {result.total_lines}"
    if not result.lines:
        return f"{result.path} at {result.commit[:12]} has {result.total_lines} lines; none of them is in this range."
    cut = ["[Some lines were cut or left out; ask for a smaller range.]"] if result.is_truncated else []
    return "\n".join([head, *(f"{line.line:>5}  {line.text}" for line in result.lines), *cut])


def _symbols(result: schemas.SymbolsResult) -> str:
    found = [f"{_span(symbol)}  {symbol.kind} {symbol.name}" for symbol in result.symbols]
    return "\n".join([*found, *_more(result)]) if found else "No function, method or class fits."


def _log(result: schemas.LogResult) -> str:
    return "\n".join(_commit(commit) for commit in result.commits) or "No commit fits."


def _blame(result: schemas.BlameResult) -> str:
    if not result.lines:
        return f"{result.path} at {result.commit[:12]} has no line in this range."
    lines = [f"{line.line:>5}  {line.sha[:12]}  {line.at:%Y-%m-%d}  {line.author:<20.20}  {line.text}" for line in result.lines]
    return "\n".join([f"{result.path} at {result.commit[:12]}", *lines, "", *(_commit(commit) for commit in result.commits)])


def _show(result: schemas.ShowResult) -> str:
    shown = result.shown
    head = [f"commit {shown.sha}", f"Author: {shown.author}", f"Date:   {shown.committed_at.isoformat()}", "", result.message, ""]
    return "\n".join([*head, *_changes(result)])


def _diff(result: schemas.DiffResult) -> str:
    if not result.files:
        return f"Nothing differs between {result.base[:12]} and {result.commit[:12]}."
    return "\n".join([f"{result.base[:12]}..{result.commit[:12]}", *_changes(result)])


def _locate(result: schemas.LocateResult) -> str:
    if not (result.files or result.functions or result.commits):
        return "The report names nothing that is in the code."
    parts = [f"Ranked at {result.commit[:12]}; best first."]
    if not result.has_anchor:
        parts.append("Nothing hard ties the report to the code: the ranking rests on similar words alone.")
    if result.exception:
        parts.append(f"Exception: {result.exception}")
    parts += _section("Frames", [f"{frame.path}:{frame.line} in {frame.function}" for frame in result.frames])
    parts += _section("Files", [f"{item.score:.2f}  {item.path}  ({'; '.join(item.reasons)})" for item in result.files])
    parts += _section(
        "Functions", [f"{item.score:.2f}  {_span(item)}  {item.name}  ({'; '.join(item.reasons)})" for item in result.functions]
    )
    parts += _section("Commits", [f"{item.score:.2f}  {_commit(item)}  ({'; '.join(item.reasons)})" for item in result.commits])
    return "\n".join(parts)


def _section(title: str, lines: list[str]) -> list[str]:
    return ["", f"{title}:", *lines] if lines else []


def _changes(result: schemas.ShowResult | schemas.DiffResult) -> list[str]:
    files = [
        f"{file.path}  (binary)" if file.added is None else f"{file.path}  +{file.added} -{file.deleted}" for file in result.files
    ]
    cut = ["[The diff was cut; name a path.]"] if result.is_truncated else []
    return [*files, "", result.diff, *cut]


def _commit(commit: schemas.Commit) -> str:
    return f"{commit.sha[:12]}  {commit.committed_at:%Y-%m-%d %H:%M}  {commit.author}  {commit.summary}"


def _span(item: schemas.Symbol | schemas.ScoredFunction) -> str:
    return f"{item.path}:{item.line}-{item.end_line}"


def _more(result: schemas.Paged) -> list[str]:
    return [f"[There are more: ask with offset {result.next_offset}.]"] if result.next_offset is not None else []


_RENDERERS: dict[type[schemas.CodeResult], Callable[[Any], str]] = {
    schemas.ListFilesResult: _files,
    schemas.SearchResult: _search,
    schemas.ReadResult: _read,
    schemas.SymbolsResult: _symbols,
    schemas.LogResult: _log,
    schemas.BlameResult: _blame,
    schemas.ShowResult: _show,
    schemas.DiffResult: _diff,
    schemas.LocateResult: _locate,
}
_CONTENT: dict[type[schemas.CodeResult], tuple[str, ...]] = {
    schemas.ListFilesResult: ("files",),
    schemas.SearchResult: ("lines", "functions"),
    schemas.ReadResult: ("lines",),
    schemas.SymbolsResult: ("symbols",),
    schemas.LogResult: ("commits",),
    schemas.BlameResult: ("lines",),
    schemas.DiffResult: ("files",),
    schemas.LocateResult: ("files", "functions", "commits"),
}
