"""Past fixes of a repository, as questions with known answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sahur_core.code.evaluate.candidates import is_source
from sahur_core.code.evaluate.messages import reason_to_leave_out, report_of, says_enough
from sahur_core.code.evaluate.plain_bm25 import outer_functions
from sahur_core.code.git.hunks import ChangedFile, changed_files
from sahur_core.code.git.repository import Repository
from sahur_core.code.languages.encoding import decode_source
from sahur_core.code.records import Commit
from sahur_core.errors import RevisionMissing

MAX_FILES = 5
MAX_LOOKED_AT = 20_000
"""How many commits back past fixes are sought."""


@dataclass(frozen=True)
class Fix:
    """A question: `title` and `text` are asked at `parent`, where `files` and `functions` are the answer."""

    sha: str
    parent: str
    title: str
    text: str
    files: list[str]
    functions: list[str]
    """`path:Class.method`; empty if no function was touched that existed then."""


@dataclass
class PastFixes:
    """What was found, newest first, and how many commits were left out for which reason."""

    fixes: list[Fix] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    looked_at: int = 0


def find_fixes(repository: Repository, git_dir: Path, commit: str, *, limit: int, since: str = "") -> PastFixes:
    """The newest `limit` fixes among the ancestors of `commit`, back to `since`. Raises `InputError` and `RepositoryError`."""
    commits = [
        entry
        for entry in repository.recent(commit, limit=MAX_LOOKED_AT)
        if not since or f"{entry.committed_at:%Y-%m-%d}" >= since
    ]
    times_said = Counter(_key(entry) for entry in commits)
    found = PastFixes()
    for entry in commits:
        if len(found.fixes) >= limit:
            break
        found.looked_at += 1
        times_said[_key(entry)] -= 1
        reason = _reason(entry, is_repeated=times_said[_key(entry)] > 0)
        fix = None if reason else _as_question(repository, git_dir, entry)
        if isinstance(fix, Fix):
            found.fixes.append(fix)
        else:
            found.left_out[fix or reason] += 1
    return found


def _key(commit: Commit) -> str:
    return " ".join(commit.summary.lower().split())


def _reason(commit: Commit, *, is_repeated: bool) -> str:
    reason = reason_to_leave_out(f"{commit.summary}\n\n{commit.body}")
    if reason:
        return reason
    changed = sum(is_source(path) for path in commit.files)
    if not changed:
        return "no source file changed"
    if changed > MAX_FILES:
        return f"more than {MAX_FILES} source files changed"
    if is_repeated:
        return "an earlier commit has the same summary"
    if not says_enough(*report_of(f"{commit.summary}\n\n{commit.body}", commit.files)):
        return "the message says too little"
    return ""


def _as_question(repository: Repository, git_dir: Path, commit: Commit) -> Fix | str:
    """The question, or why there is none."""
    try:
        parent = repository.resolve(f"{commit.sha}~1")
    except RevisionMissing:
        return "the commit before it is not here"
    changed = [file for file in changed_files(git_dir, parent, commit.sha) if is_source(file.new_path or file.path or "")]
    mended = {file.path: file for file in changed if file.path is not None and file.hunks}
    if not mended:
        return "no source file changed that existed before"
    functions = _touched_functions(repository, parent, mended)
    title, text = report_of(f"{commit.summary}\n\n{commit.body}", [path for file in changed for path in _names(file)])
    return Fix(commit.sha, parent, title, text, sorted(mended), functions)


def _names(file: ChangedFile) -> Sequence[str]:
    return [path for path in (file.path, file.new_path) if path]


def _touched_functions(repository: Repository, parent: str, mended: dict[str, ChangedFile]) -> list[str]:
    entries = {entry.path: entry for path in mended for entry in repository.entries(parent, path) if entry.path == path}
    contents = repository.read_blobs([entry.blob for entry in entries.values()])
    found: list[str] = []
    for path, data in zip(entries, contents, strict=True):
        functions = outer_functions(path, decode_source(data))
        found += [f"{path}:{name}" for name, start, end in functions if mended[path].touches(start, end)]
    return sorted(dict.fromkeys(found))
