"""The past of one commit, as far as suspects are concerned: the last commits, and what changed the suspect code."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sahur_core.code.git.repository import MAX_LOG, Repository
from sahur_core.code.locate.clues import Clues
from sahur_core.code.locate.commit_changes import Change, FileHunks, Touch, follow_lines, parse_patch
from sahur_core.code.locate.commit_window import CommitWindow, find_commits
from sahur_core.code.locate.suspects import Function
from sahur_core.code.records import Commit
from sahur_core.code.traces.mentions import read_window
from sahur_core.errors import RepositoryTimeout

MAX_CHANGES = 200
"""Commits whose changes of the suspect files are read."""
MAX_WALKED = 5000
MAX_PATHS = 16
MAX_TOUCHES = 8
"""Changes of one function that are followed back."""
MAX_RENAMES = 2
"""How often a file is followed to an earlier name."""
MAX_RENAMED = 4
HALF_LIFE_DAYS, NEW_FAULT_HALF_LIFE_DAYS = 30.0, 7.0
"""How fast a change grows unlikely to be the cause; faster if the report says that it worked before."""
FIRST_COMMIT_FACTOR = 0.25
"""The first commit wrote everything that nobody changed since; that says little."""
OLDEST_DAYS = 3650.0


@dataclass
class History:
    """What was read of the past of one commit."""

    recent: list[Commit]
    """Newest first, none made after the report."""
    half_life_days: float = HALF_LIFE_DAYS
    window: CommitWindow = field(default_factory=CommitWindow)
    seen_at: datetime | None = None
    """When the trouble was seen: ages count back from here, or else from the newest commit."""
    touches: dict[Function, list[Touch]] = field(default_factory=dict)
    """Newest first, for every suspect function that was read."""
    of_files: dict[str, list[Change]] = field(default_factory=dict)
    """Newest first, by today's path of the file."""
    unread: list[Function] = field(default_factory=list)
    """Suspect functions whose history took too long to read."""

    @property
    def changes(self) -> dict[Function, list[Commit]]:
        """The commits that changed each suspect function, newest first."""
        return {function: [touch.commit for touch in touches] for function, touches in self.touches.items()}

    @property
    def since(self) -> datetime | None:
        """How far back changes are looked for: a long history is walked for about `MAX_WALKED` commits, a short one wholly."""
        if len(self.recent) < MAX_LOG:
            return None
        newest, oldest = self.recent[0].committed_at, self.recent[-1].committed_at
        return newest - max(newest - oldest, timedelta(days=1)) * (MAX_WALKED / len(self.recent))

    def age_days(self, commit: Commit) -> float:
        """Days from the commit to when the trouble was seen, never below 0."""
        if not self.recent and self.seen_at is None:
            return 0.0
        seen = self.seen_at or self.recent[0].committed_at
        return max((seen - commit.committed_at).total_seconds() / 86_400, 0.0)

    def recency(self, commit: Commit) -> float:
        """1 for the newest commit, half of it after each half-life before that; less for the first commit of all."""
        factor = FIRST_COMMIT_FACTOR if self.is_first(commit) else 1.0
        return float(0.5 ** (self.age_days(commit) / self.half_life_days)) * factor

    def youth(self, commit: Commit) -> float:
        """1 for a commit of the same day, 0 for one ten years old; the steps between are those of the logarithm."""
        return max(0.0, 1.0 - math.log1p(self.age_days(commit)) / math.log1p(OLDEST_DAYS))

    def is_first(self, commit: Commit) -> bool:
        return len(self.recent) < MAX_LOG and bool(self.recent) and commit.sha == self.recent[-1].sha

    def is_within_reach(self, commit: Commit) -> bool:
        """Whether it may be suspected for its time alone: within the window, or where none is told, within two half-lives."""
        if self.window.is_told:
            return self.window.covers(commit)
        return self.age_days(commit) <= 2 * self.half_life_days

    def age_in_words(self, commit: Commit) -> str:
        if self.recent and commit.sha == self.recent[0].sha:
            return "the newest commit"
        days = int(self.age_days(commit))
        from_when = "before the report" if self.seen_at else "before the newest commit"
        return f"{days} day{'s' if days != 1 else ''} {from_when}"


def read_history(repository: Repository, commit: str, clues: Clues, reported_at: datetime | None) -> History:
    """The last commits, without those made after the report."""
    recent = repository.recent(commit)
    seen_at = None
    if reported_at is not None and reported_at.tzinfo is not None:
        before = [entry for entry in recent if entry.committed_at <= reported_at]
        # A clock that is wrong must not empty the history.
        seen_at = reported_at if before else None
        recent = before or recent
    text = f"{clues.title}\n{clues.prose}"
    window = find_commits(repository, commit, text, read_window(text, reported_at), recent)
    return History(recent, NEW_FAULT_HALF_LIFE_DAYS if clues.worked_before else HALF_LIFE_DAYS, window, seen_at)


def read_changes(
    repository: Repository, commit: str, history: History, functions: Sequence[Function], files: Iterable[str] = ()
) -> None:
    """Fill `history.touches` for the functions, and `history.of_files` for their files and further suspect ones."""
    paths = [path for path in dict.fromkeys([*(function.path for function in functions), *files]) if path.isprintable()]
    try:
        read = _read_changes(repository, commit, paths[:MAX_PATHS], history.since) if paths else []
    except RepositoryTimeout:
        history.unread.extend(functions)
        return
    changes = [change for change in read if history.seen_at is None or change.commit.committed_at <= history.seen_at]
    for function in functions:
        history.touches[function] = follow_lines(changes, function.path, function.start, function.end, limit=MAX_TOUCHES)
    for path in paths:
        history.of_files[path] = _changes_of(changes, path)


def _read_changes(repository: Repository, commit: str, paths: Sequence[str], since: datetime | None) -> list[Change]:
    """What changed the files, newest first, and before that what changed those they were renamed from."""
    changes = _parsed(repository, commit, paths, since)
    fresh = changes
    for _ in range(MAX_RENAMES):
        made = [change for change in fresh if any(not file.old_path for file in change.files.values())][-MAX_RENAMED:]
        renames = dict(_renames(repository, made))
        fresh = []
        for change in made:
            renamed = {path: file for path, file in renames.get(change.commit.sha, {}).items() if path in change.files}
            change.files.update(renamed)
            old_paths = [file.old_path for file in renamed.values() if file.old_path.isprintable()]
            fresh += _parsed(repository, f"{change.commit.sha}^", old_paths, since) if old_paths else []
        if not fresh:
            break
        changes = [*changes, *fresh]
    return changes


def _renames(repository: Repository, changes: Sequence[Change]) -> Iterator[tuple[str, dict[str, FileHunks]]]:
    """Of each commit the files it renamed; those that renamed none are missing."""
    if changes:
        for commit, patch in repository.show_patches([change.commit.sha for change in changes], only_renames=True):
            yield commit.sha, parse_patch(patch)


def _parsed(repository: Repository, commit: str, paths: Sequence[str], since: datetime | None) -> list[Change]:
    found = repository.log_patches(commit, paths, limit=MAX_CHANGES, since=since)
    return [Change(entry, parse_patch(patch)) for entry, patch in found]


def _changes_of(changes: Sequence[Change], path: str) -> list[Change]:
    """Those that changed a file, followed to its earlier names."""
    found: list[Change] = []
    for change in changes:
        file = change.files.get(path)
        if file is not None:
            found.append(change)
            path = file.old_path or path
    return found
