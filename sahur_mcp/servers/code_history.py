"""What the `code` server's tools on the past do, blocking: arguments in, result out."""

from __future__ import annotations

import re

from sahur_core.code import records
from sahur_core.code.git.changes import what_changed
from sahur_core.code.git.owners import owners_of
from sahur_core.code.git.records import Person, Rule
from sahur_core.code.git.repository import Repository
from sahur_core.code.locate.commit_window import find_version
from sahur_mcp.servers import code_arguments as asked
from sahur_mcp.servers import code_schemas as schemas
from sahur_mcp.servers.code_opened import Opened, changed_parts, commit_part, last_line, page

MAX_DIFF_BYTES = 8 * 1024 * 1024
"""A diff is paged up to here."""
DIFF_PAGE_CHARS = 20_000
MAX_CHANGED_FILES = 300
_VERSION = re.compile(r"v?\d{1,5}(?:\.\w{1,10}){1,4}")


def log(opened: Opened, arguments: asked.LogArguments) -> schemas.LogResult:
    repository = opened.repository
    commit = repository.resolve(arguments.commit)
    found = repository.log(
        commit,
        path=arguments.path,
        function=arguments.function,
        grep=arguments.grep,
        since=arguments.since,
        until=arguments.until,
        offset=arguments.offset,
        limit=arguments.limit + 1,
    )
    if not found:
        repository.require(commit, arguments.path)  # that nothing changed it proves something only of what is there
    shown = [commit_part(item) for item in found[: arguments.limit]]
    next_offset = arguments.offset + arguments.limit if len(found) > arguments.limit else None
    return schemas.LogResult(repository=opened.id, commit=commit, commits=shown, next_offset=next_offset)


def blame(opened: Opened, arguments: asked.BlameArguments) -> schemas.BlameResult:
    repository = opened.repository
    commit = repository.resolve(arguments.commit)
    last = last_line(arguments.start, arguments.end, asked.MAX_READ_LINES)
    found = repository.blame(commit, arguments.path, arguments.start, last)
    total = repository.read(commit, arguments.path, 1, 1).total_lines
    commits = {b.sha: schemas.Commit(sha=b.sha, author=b.author, committed_at=b.authored_at, summary=b.summary) for b in found}
    end = found[-1].line if found else total
    return schemas.BlameResult(
        repository=opened.id,
        commit=commit,
        path=arguments.path,
        lines=[schemas.BlamedLine(line=b.line, sha=b.sha, text=b.text) for b in found],
        commits=sorted(commits.values(), key=lambda item: item.committed_at, reverse=True),
        next_start=end + 1 if end < total else None,
    )


def show(opened: Opened, arguments: asked.ShowArguments) -> schemas.ShowResult:
    repository = opened.repository
    sha = repository.resolve(arguments.commit)
    found = repository.show(sha, path=arguments.path, max_bytes=MAX_DIFF_BYTES)
    text, next_offset, notes = _diff_page(found.diff, arguments.offset)
    return schemas.ShowResult(
        repository=opened.id,
        commit=found.commit.sha,
        shown=commit_part(found.commit),
        message=f"{found.commit.summary}\n\n{found.commit.body}".strip() if arguments.offset == 0 else "",
        parents=repository.parents(sha),
        files=_files(found.diff, arguments.offset),
        diff=text,
        is_truncated=next_offset is not None or found.diff.is_truncated,
        next_offset=next_offset,
        notes=notes,
    )


def diff(opened: Opened, arguments: asked.DiffArguments) -> schemas.DiffResult:
    repository = opened.repository
    base, head = repository.resolve(arguments.base), repository.resolve(arguments.head)
    found = repository.diff(base, head, arguments.path, max_bytes=MAX_DIFF_BYTES)
    text, next_offset, notes = _diff_page(found, arguments.offset)
    return schemas.DiffResult(
        repository=opened.id,
        commit=head,
        base=base,
        files=_files(found, arguments.offset),
        diff=text,
        is_truncated=next_offset is not None or found.is_truncated,
        next_offset=next_offset,
        notes=notes,
    )


def changes(opened: Opened, arguments: asked.ChangesArguments) -> schemas.ChangesResult:
    offset, limit = arguments.offset, arguments.limit
    repository = opened.repository
    base, head = _of_release(repository, arguments.base), _of_release(repository, arguments.head)
    found = what_changed(repository, base, head, path=arguments.path, offset=offset, limit=limit)
    longest = max(found.total_commits, found.total_files, found.total_pull_requests)
    return schemas.ChangesResult(
        repository=opened.id,
        commit=found.head,
        base=found.base,
        total_commits=found.total_commits,
        total_files=found.total_files,
        added=found.added,
        deleted=found.deleted,
        total_pull_requests=found.total_pull_requests,
        only_in_base=found.only_in_base,
        pull_requests=[schemas.PullRequest(number=p.number, title=p.title, sha=p.sha) for p in found.pull_requests],
        commits=[commit_part(commit) for commit in found.commits],
        files=changed_parts(found.files),
        next_offset=offset + limit if offset + limit < longest else None,
        notes=["Not all files are counted: there are too many."] if found.is_capped else [],
    )


def _of_release(repository: Repository, revision: str) -> str:
    """The commit of a version that nothing bears as its name: `4.1` of a tag `v4.1`. Anything else as it is."""
    if not _VERSION.fullmatch(revision):
        return revision
    tags = repository.tags()
    found = None if revision in tags else find_version(repository, repository.resolve(""), revision, tags)
    return found[1] if found else revision


def owners(opened: Opened, arguments: asked.OwnersArguments) -> schemas.OwnersResult:
    repository = opened.repository
    commit = repository.resolve(arguments.commit)
    found = owners_of(repository, commit, arguments.path, arguments.start, arguments.end)
    people, next_offset = page(found.people, arguments.offset, arguments.limit)
    notes = [f"Bots are left out: {', '.join(found.left_out_bots[:5])}."] if found.left_out_bots else []
    if found.is_capped:
        notes.append("The history is longer than what is counted.")
    return schemas.OwnersResult(
        repository=opened.id,
        commit=commit,
        path=arguments.path,
        owners_file=found.owners_file,
        rules=[_rule(rule, emails=arguments.emails) for rule in found.rules],
        people=[_person(person, emails=arguments.emails) for person in people],
        total_people=len(found.people),
        last_change=commit_part(found.last) if found.last else None,
        next_offset=next_offset,
        notes=notes,
    )


def _rule(rule: Rule, *, emails: bool) -> schemas.OwnerRule:
    owners = rule.owners if emails else [_without_address(owner) for owner in rule.owners]
    return schemas.OwnerRule(pattern=rule.pattern, owners=owners, line=rule.line, files=rule.files)


def _person(person: Person, *, emails: bool) -> schemas.Person:
    return schemas.Person(
        name=person.name if emails else _without_address(person.name),
        lines=person.lines,
        commits=person.commits,
        last_commit=person.last_commit,
        last_at=person.last_at,
        email=person.email if emails else "",
    )


def _without_address(name: str) -> str:
    """Some bear their e-mail address for a name; a team of GitHub is `@org/team`."""
    return name if name.startswith("@") or "@" not in name else name.split("@")[0]


def _files(found: records.Diff, offset: int) -> list[schemas.ChangedFile]:
    return changed_parts(found.files[:MAX_CHANGED_FILES]) if offset == 0 else []


def _diff_page(found: records.Diff, offset: int) -> tuple[str, int | None, list[str]]:
    """Whole lines from line `offset` on, the offset of the next page, and what is to be said."""
    lines = found.text.split("\n")
    size, end = 0, offset
    while end < len(lines) and (size == 0 or size + len(lines[end]) < DIFF_PAGE_CHARS):
        size += len(lines[end]) + 1
        end += 1
    # One line may be a whole program.
    shown = [line if len(line) <= DIFF_PAGE_CHARS else f"{line[:1000]}… [cut]" for line in lines[offset:end]]
    notes = [f"{len(found.files)} files in all; name a path to see less."] if len(found.files) > MAX_CHANGED_FILES else []
    if found.is_truncated:
        notes.append(f"The diff is larger than {MAX_DIFF_BYTES:,} bytes; name a path to see the rest.")
    return "\n".join(shown), end if end < len(lines) else None, notes
