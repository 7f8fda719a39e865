"""What changed between two commits, tags or dates: commits, files with counts, merged pull requests."""

from __future__ import annotations

import re

from sahur_core.code.git.command import MAX_OUTPUT_BYTES
from sahur_core.code.git.output import parse_numstat
from sahur_core.code.git.paths import git_path
from sahur_core.code.git.records import Changes, PullRequest
from sahur_core.code.git.repository import Repository
from sahur_core.code.git.revisions import resolve_point
from sahur_core.code.records import Commit, FileChange
from sahur_core.errors import InputError, RepositoryTimeout

MAX_READ_COMMITS = 5000
"""Messages that are read for pull requests."""
_GITHUB = re.compile(r"^Merge pull request #(\d+) from \S+")
_BITBUCKET = re.compile(r"^Merged in \S+ \(pull request #(\d+)\)")
_GITLAB = re.compile(r"^See merge request \S*!(\d+)\s*$", re.M)
_AZURE = re.compile(r"^Merged PR (\d+): (.+)")
_SQUASHED = re.compile(r"^(.*\S)\s+\((?:#|!)(\d+)\)$")


def what_changed(
    repository: Repository, base: str, head: str = "", *, path: str = "", offset: int = 0, limit: int = 50
) -> Changes:
    """What `head` has and `base` has not, below `path`. Either may be a date: the last commit before it is meant.

    Commits are newest first, without merges. Raises as `resolve` does, and `InputError` where it takes too long.
    """
    newest = repository.resolve("")
    to = resolve_point(repository.git, head, newest) if head.strip() else newest
    since = resolve_point(repository.git, base, to)
    spec = [found] if (found := git_path(path, may_be_empty=True)) else []
    try:
        total = _count(repository, [f"^{since}", to], spec)
        only_in_base = _count(repository, [f"^{to}", since], spec)
        files, is_cut = _files(repository, since, to, spec)
        commits = repository.log_between(since, to, path=path, offset=offset, limit=limit)
        requests = _pull_requests(repository, since, to, path)
    except RepositoryTimeout as error:
        raise InputError(
            f"What lies between {since[:12]} and {to[:12]} is too much.", next_step="Name a path, or a nearer base.", field="path"
        ) from error
    return Changes(
        base=since,
        head=to,
        total_commits=total,
        only_in_base=only_in_base,
        commits=commits,
        total_files=len(files),
        added=sum(file.added or 0 for file in files),
        deleted=sum(file.deleted or 0 for file in files),
        files=files[offset : offset + limit],
        total_pull_requests=len(requests),
        pull_requests=requests[offset : offset + limit],
        is_capped=is_cut,
    )


def pull_request_of(commit: Commit) -> PullRequest | None:
    """The pull request that a commit brought in, by what the great hosts write into merges and squashed commits."""
    first_of_body = next((line.strip() for line in commit.body.splitlines() if line.strip()), "")
    for pattern in (_GITHUB, _BITBUCKET):
        if match := pattern.match(commit.summary):
            return PullRequest(number=int(match[1]), title=first_of_body or commit.summary, sha=commit.sha)
    if match := _GITLAB.search(commit.body):
        is_title = not first_of_body.startswith(("See merge request", "Closes"))
        title = first_of_body if commit.summary.startswith("Merge branch") and is_title else commit.summary
        return PullRequest(number=int(match[1]), title=title, sha=commit.sha)
    if match := _AZURE.match(commit.summary):
        return PullRequest(number=int(match[1]), title=match[2], sha=commit.sha)
    if match := _SQUASHED.match(commit.summary):
        return PullRequest(number=int(match[2]), title=match[1], sha=commit.sha)
    return None


def _count(repository: Repository, range_: list[str], spec: list[str]) -> int:
    return int(repository.git.run("rev-list", "--count", "--no-merges", *range_, "--", *spec).text)


def _files(repository: Repository, base: str, head: str, spec: list[str]) -> tuple[list[FileChange], bool]:
    """Most changed first, and whether some are missing. Binary files, whose lines are not counted, come last."""
    options = ("--numstat", "-z", "-M", "--no-ext-diff", "--no-textconv")
    found = repository.git.run("diff", *options, base, head, "--", *spec, max_bytes=MAX_OUTPUT_BYTES)
    files = parse_numstat(found.raw_text)
    return sorted(files, key=lambda file: (-((file.added or 0) + (file.deleted or 0)), file.path)), found.is_truncated


def _pull_requests(repository: Repository, base: str, head: str, path: str) -> list[PullRequest]:
    """Of the main line alone: what was merged into a branch came in with that branch's own request."""
    found = repository.log_between(base, head, path=path, limit=MAX_READ_COMMITS, is_main_line=True)
    by_number: dict[int, PullRequest] = {}
    for commit in found:
        request = pull_request_of(commit)
        if request is not None:
            by_number.setdefault(request.number, request)
    return list(by_number.values())
