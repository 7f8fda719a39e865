"""The results of the `issues` server as text: what a person or a model reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sahur_core.issues import Evidence, Solution
from sahur_mcp.servers import issue_schemas as schemas


def render(result: schemas.Result) -> str:
    """The text of a result."""
    return _RENDERERS[type(result)](result)


def _search(result: schemas.SearchResult) -> str:
    if not result.issues:
        return "No earlier issue has any of these words."
    lines = []
    for has_all in (True, False):
        found = [issue for issue in result.issues if issue.has_all is has_all]
        if found and not has_all:
            lines.append("With some of the words only:")
        for issue in found:
            lines += _found(issue)
    return "\n".join(lines)


def _found(issue: schemas.FoundIssue) -> list[str]:
    where = f"  [{issue.repository}]" if issue.repository else ""
    lines = [f"{issue.key}  {issue.status}  {issue.created_at:%Y-%m-%d}  {issue.title}{where}"]
    if issue.resolution:
        lines.append(f"    resolved: {_one_line(issue.resolution)}")
    if issue.verdict:
        lines.append(f"    {issue.verdict}: {_one_line(issue.summary)}")
    if issue.root_cause:
        lines.append(f"    root cause: {_one_line(issue.root_cause)}")
    return lines


def _read(result: schemas.ReadResult) -> str:
    head = [f"{result.key}  {result.status}  {result.created_at:%Y-%m-%d %H:%M}  reported by {result.reporter}", result.title]
    if result.is_own:
        head.append("[This is the issue that you are working on: it is no precedent of itself.]")
    if result.repository:
        head.append(f"Repository: {result.repository}")
    shown = result.body.rstrip()
    more = [] if result.next_offset is None else [f"[The report goes on: ask with offset {result.next_offset}.]"]
    parts = [*head, "", "Report:", shown, *more]
    if result.resolution:
        parts += ["", "Resolution:", result.resolution]
    if result.solution:
        parts += ["", f"Solution of run {result.solved_by_run}:", *_solution(result.solution)]
    if result.evidence:
        parts += ["", "Evidence:", *(_fact(fact) for fact in result.evidence)]
    parts += ["", "Runs:", *(_run(run) for run in result.runs)]
    return "\n".join(parts)


def _solution(solution: Solution) -> list[str]:
    lines = [f"{solution.verdict.value}: {solution.summary}"]
    if solution.root_cause:
        lines.append(f"Root cause: {solution.root_cause}")
    lines += [f"- {claim.statement} {''.join(f'[{number}]' for number in claim.evidence)}" for claim in solution.claims]
    lines += [
        f"Location: {place.path}{f':{place.line}' if place.line else ''} {place.function}".rstrip()
        for place in solution.locations
    ]
    if solution.suspect_commit:
        lines.append(f"Suspect commit: {solution.suspect_commit.sha[:12]} {solution.suspect_commit.summary}")
    lines.append(f"Next step: {solution.next_step}")
    if solution.proposed_fix:
        lines += ["Proposed fix:", solution.proposed_fix]
    return lines


def _fact(fact: Evidence) -> str:
    place = f" ({fact.path}{f':{fact.line}' if fact.line else ''})" if fact.path else ""
    return f"[{fact.number}] {fact.statement}{place}"


def _run(run: schemas.PastRun) -> str:
    verdict = f", {run.verdict}" if run.verdict else ""
    ended = f", ended {run.ended_at:%Y-%m-%d %H:%M}" if run.ended_at else ""
    return f"{run.number}: {run.status}{verdict}{ended}, asked for by {run.asked_by}"


def _created(result: schemas.CreateIssueResult) -> str:
    if not result.is_new:
        return f"The same call has filed {result.key} before: {result.url}"
    return f"Filed {result.key}; run {result.run} investigates it: {result.url}"


def _said(result: schemas.AddMessageResult) -> str:
    if not result.is_new:
        return f"The same call has said it to {result.issue} before; run {result.run} is its latest."
    if result.status == "carried_over":
        return f"{result.issue} had no run under way: run {result.run} starts with it."
    return f"Run {result.run} of {result.issue} reads it before its next step."


def _one_line(text: str) -> str:
    return " ".join(text.split())


_RENDERERS: dict[type[schemas.Result], Callable[[Any], str]] = {
    schemas.SearchResult: _search,
    schemas.ReadResult: _read,
    schemas.CreateIssueResult: _created,
    schemas.AddMessageResult: _said,
}
