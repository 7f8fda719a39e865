"""The results of the `code` server as text: what a person or a model reads, in the habit of grep and git."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sahur_mcp.servers import code_schemas as schemas


def render(result: schemas.CodeResult) -> str:
    """The text of a result. Every line that can be cited starts with where it stands."""
    return "\n".join([_RENDERERS[type(result)](result), *_after(result)])


def is_empty(result: schemas.CodeResult) -> bool:
    """Whether the question had no answer in the code: such a result proves nothing but absence."""
    content = [value for name, value in result if name in _CONTENT.get(type(result), ())]
    return bool(content) and not any(content)


def _files(result: schemas.ListFilesResult) -> str:
    listed = [f"{folder.path}/  ({folder.files} files)" for folder in result.folders] + result.files
    links = [f"{link.path} -> {link.target}  (a link, not followed)" for link in result.links]
    others = [
        f"{each.path}  (a submodule: {each.url or 'another repository'} at {each.commit[:12]})" for each in result.submodules
    ]
    if not [*listed, *links, *others]:
        return "No file fits."
    return "\n".join([f"{result.total} files at {result.commit[:12]}", *listed, *links, *others])


def _search(result: schemas.SearchResult) -> str:
    if result.mode == "ranked":
        found = [f"{_span(item)}  {item.name}  ({'; '.join(item.reasons)})" for item in result.functions]
    else:
        found = [f"{line.path}:{line.line}: {line.text}" for line in result.lines]
    return "\n".join(found) or "Nothing was found."


def _read(result: schemas.ReadResult) -> str:
    head = f"{result.path} at {result.commit[:12]}, lines {result.start} to {result.end} of {result.total_lines}"
    if not result.lines:
        return f"{result.path} at {result.commit[:12]} has {result.total_lines} lines; none of them is in this range."
    return "\n".join([head, *(f"{line.line:>5}  {line.text}" for line in result.lines)])


def _symbols(result: schemas.SymbolsResult) -> str:
    found = [f"{_span(symbol)}  {symbol.kind} {symbol.name}" for symbol in result.symbols]
    uses = [f"{use.path}:{use.line}: {use.kind}: {use.text}" for use in result.references]
    if uses:
        return "\n".join([*(["Defined:", *found] if found else ["No definition bears this name."]), "Used:", *uses])
    return "\n".join(found) or "No function, method or class fits."


def _log(result: schemas.LogResult) -> str:
    return "\n".join(_commit(commit) for commit in result.commits) or "No commit fits."


def _blame(result: schemas.BlameResult) -> str:
    if not result.lines:
        return f"{result.path} at {result.commit[:12]} has no line in this range."
    by = {commit.sha: f"{commit.sha[:12]}  {commit.committed_at:%Y-%m-%d}  {commit.author:<20.20}" for commit in result.commits}
    lines = [f"{line.line:>5}  {by[line.sha]}  {line.text}" for line in result.lines]
    return "\n".join([f"{result.path} at {result.commit[:12]}", *lines, "", *(_commit(commit) for commit in result.commits)])


def _show(result: schemas.ShowResult) -> str:
    shown = result.shown
    merge = [f"Merge:  {' '.join(sha[:12] for sha in result.parents)}"] if len(result.parents) > 1 else []
    head = [f"commit {shown.sha}", *merge, f"Author: {shown.author}", f"Date:   {shown.committed_at.isoformat()}"]
    return "\n".join([*head, "", result.message, "", *_changed(result)] if result.message else [*head, "", *_changed(result)])


def _diff(result: schemas.DiffResult) -> str:
    if not result.files and not result.diff:
        return f"Nothing differs between {result.base[:12]} and {result.commit[:12]}."
    return "\n".join([f"{result.base[:12]}..{result.commit[:12]}", *_changed(result)])


def _changes(result: schemas.ChangesResult) -> str:
    counts = f"{result.total_commits} commits, {result.total_files} files (+{result.added} -{result.deleted})"
    parts = [f"{result.base[:12]}..{result.commit[:12]}: {counts}, {result.total_pull_requests} pull requests"]
    if result.only_in_base:
        parts.append(f"{result.only_in_base} commits are only in {result.base[:12]}: the newer one does not build on it.")
    parts += _section("Pull requests", [f"#{each.number}  {each.title}  ({each.sha[:12]})" for each in result.pull_requests])
    parts += _section("Commits", [_commit(commit) for commit in result.commits])
    return "\n".join([*parts, *_section("Files, most changed first", [_counted(file) for file in result.files])])


def _owners(result: schemas.OwnersResult) -> str:
    place = result.path or "the whole repository"
    rules = [
        f"{rule.pattern}: {' '.join(rule.owners) or 'nobody'}  (line {rule.line}, {rule.files} files)" for rule in result.rules
    ]
    people = [
        f"{person.name}: {person.lines} lines, {person.commits} commits, last {person.last_at:%Y-%m-%d} {person.last_commit[:12]}"
        + (f"  <{person.email}>" if person.email else "")
        for person in result.people
    ]
    by_rule = rules or [f"{result.owners_file} names nobody." if result.owners_file else "There is no CODEOWNERS file."]
    parts = [f"{place} at {result.commit[:12]}", *_section(result.owners_file or "CODEOWNERS", by_rule)]
    parts += _section(f"People ({result.total_people})", people)
    return "\n".join([*parts, *_section("Last change", [_commit(result.last_change)] if result.last_change else [])])


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


def _check_patch(result: schemas.CheckPatchResult) -> str:
    if not result.applies:
        return f"It does not apply to {result.commit[:12]}. {result.problem}"
    return "\n".join([f"It applies to {result.commit[:12]}.", *map(_counted, result.files), "", result.diff])


def _section(title: str, lines: list[str]) -> list[str]:
    return ["", f"{title}:", *lines] if lines else []


def _changed(result: schemas.ShowResult | schemas.DiffResult) -> list[str]:
    return [*map(_counted, result.files), *([""] if result.files else []), result.diff]


def _counted(file: schemas.ChangedFile) -> str:
    return f"{file.path}  (binary)" if file.added is None else f"{file.path}  +{file.added} -{file.deleted}"


def _commit(commit: schemas.Commit) -> str:
    return f"{commit.sha[:12]}  {commit.committed_at:%Y-%m-%d %H:%M}  {commit.author}  {commit.summary}"


def _span(item: schemas.Symbol | schemas.ScoredFunction) -> str:
    return f"{item.path}:{item.line}-{item.end_line}"


def _after(result: schemas.CodeResult) -> list[str]:
    """What limits the answer, and how to go on."""
    notes = [f"[{note}]" for note in result.notes]
    if isinstance(result, schemas.Paged) and result.next_offset is not None:
        notes.append(f"[There are more: ask with offset {result.next_offset}.]")
    if isinstance(result, schemas.ReadResult | schemas.BlameResult) and result.next_start is not None:
        notes.append(f"[It goes on: ask with start {result.next_start}.]")
    return notes


_RENDERERS: dict[type[schemas.CodeResult], Callable[[Any], str]] = {
    schemas.ListFilesResult: _files,
    schemas.SearchResult: _search,
    schemas.ReadResult: _read,
    schemas.SymbolsResult: _symbols,
    schemas.LogResult: _log,
    schemas.BlameResult: _blame,
    schemas.ShowResult: _show,
    schemas.DiffResult: _diff,
    schemas.ChangesResult: _changes,
    schemas.OwnersResult: _owners,
    schemas.LocateResult: _locate,
    schemas.CheckPatchResult: _check_patch,
}
_CONTENT: dict[type[schemas.CodeResult], tuple[str, ...]] = {
    schemas.ListFilesResult: ("files", "folders", "links", "submodules"),
    schemas.SearchResult: ("lines", "functions"),
    schemas.ReadResult: ("lines",),
    schemas.SymbolsResult: ("symbols", "references"),
    schemas.LogResult: ("commits",),
    schemas.BlameResult: ("lines",),
    schemas.DiffResult: ("files", "diff"),
    schemas.ChangesResult: ("commits", "files", "pull_requests"),
    schemas.OwnersResult: ("rules", "people"),
    schemas.LocateResult: ("files", "functions", "commits"),
}
