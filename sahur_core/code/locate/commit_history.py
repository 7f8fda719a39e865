"""The past of one commit, as far as suspects are concerned: the last commits, and what changed the suspect code."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sahur_core.code.git.repository import MAX_LOG, MAX_PATCHES_BYTES, Repository
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
EARLIEST_SINCE = datetime(1971, 1, 1, tzinfo=UTC)
"""git cannot read a moment before 1970, and then shows nothing instead of failing."""
DAY_SECONDS = 86_400
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
    """When the trouble was seen: what was made later is no suspect."""
    touches: dict[Function, list[Touch]] = field(default_factory=dict)
    """Newest first, for every suspect function that was read."""
    of_files: dict[str, list[tuple[str, Change]]] = field(default_factory=dict)
    """Newest first, by today's path of the file, each with the path that the commit left it at."""
    notes: list[str] = field(default_factory=list)
    """What was not read of the past, in words."""

    @property
    def changes(self) -> dict[Function, list[Commit]]:
        """The commits that changed each suspect function, newest first."""
        return {function: [touch.commit for touch in touches] for function, touches in self.touches.items()}

    @property
    def since(self) -> datetime | None:
        """How far back changes are looked for: a long history is walked for about `MAX_WALKED` commits, a short one wholly.

        None, for all of it, too where commits are so rare or clocks so wrong that this would be before git's own time.
        """
        if len(self.recent) < MAX_LOG:
            return None
        moments = [commit.committed_at.timestamp() for commit in self.recent]
        span = max(max(moments) - min(moments), DAY_SECONDS)
        seconds = max(moments) - span * MAX_WALKED / len(self.recent)
        return datetime.fromtimestamp(seconds, UTC) if seconds > EARLIEST_SINCE.timestamp() else None

    def age_days(self, commit: Commit) -> float:
        """Days from the commit to the newest one that the report can be about, never below 0.

        Not to the report: after a long quiet the newest commits are as suspect as on their first day, for they may have
        been released only now.
        """
        if not self.recent:
            return 0.0
        return max((self.recent[0].committed_at - commit.committed_at).total_seconds() / DAY_SECONDS, 0.0)

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


def read_history(repository: Repository, commit: str, clues: Clues, reported_at: datetime | None, project: str = "") -> History:
    """The last commits, without those made after the report. `project` is what the report may call the repository."""
    recent = repository.recent(commit)
    seen_at = None
    notes: list[str] = []
    if reported_at is not None and reported_at.tzinfo is not None:
        before = _recent_before(repository, commit, recent, reported_at)
        # A clock that is wrong must not empty the history.
        seen_at = reported_at if before else None
        if not before:
            notes.append(
                f"No commit is as old as {reported_at:%Y-%m-%d}, the day of the report: those made later are suspects too."
            )
        recent = before or recent
    text = f"{clues.title}\n{clues.prose}"
    window = find_commits(repository, commit, text, read_window(text, reported_at, project), recent)
    half_life = NEW_FAULT_HALF_LIFE_DAYS if clues.worked_before else HALF_LIFE_DAYS
    return History(recent, half_life, window, seen_at, notes=notes)


def _recent_before(repository: Repository, commit: str, recent: list[Commit], moment: datetime) -> list[Commit]:
    """The last commits made until a moment, which may lie behind all that are `recent`."""
    before = [entry for entry in recent if entry.committed_at <= moment]
    if len(before) == len(recent) or len(recent) < MAX_LOG:
        return before
    newest = repository.log(commit, until=moment.astimezone(UTC).isoformat(), limit=1)
    older = repository.recent(newest[0].sha) if newest else []
    return [entry for entry in older if entry.committed_at <= moment] or before


def read_changes(
    repository: Repository, commit: str, history: History, functions: Sequence[Function], files: Iterable[str] = ()
) -> None:
    """Fill `history.touches` for the functions, and `history.of_files` for their files and further suspect ones."""
    asked = dict.fromkeys([*(function.path for function in functions), *files])
    paths = [path for path in asked if path.isprintable()]
    if len(paths) < len(asked):
        history.notes.append("The history of files with control characters in their names was not read.")
    paths = paths[:MAX_PATHS]
    try:
        changes = _read_changes(repository, commit, paths, history) if paths else []
    except RepositoryTimeout:
        history.notes.append(
            f"git took too long to show what changed in the suspect files: of the last {len(history.recent)} commits"
            " it is known which files they changed, not which lines."
        )
        _fill_by_names(history, paths)
        return
    is_late = {
        change.commit.sha: history.seen_at is not None and change.commit.committed_at > history.seen_at for change in changes
    }
    # Later changes have to be followed too: they moved the lines.
    limit = MAX_TOUCHES + sum(is_late.values())
    for function in functions:
        touches = follow_lines(changes, function.path, function.start, function.end, limit=limit)
        history.touches[function] = [touch for touch in touches if not is_late[touch.commit.sha]][:MAX_TOUCHES]
    for path in paths:
        history.of_files[path] = [found for found in _changes_of(changes, path) if not is_late[found[1].commit.sha]]


def _fill_by_names(history: History, paths: Sequence[str]) -> None:
    """Which of the last commits changed the files, where their diffs could not be read."""
    for path in paths:
        history.of_files[path] = [
            (path, Change(entry, {path: FileHunks(path, path)})) for entry in history.recent if path in entry.files
        ]


def _read_changes(repository: Repository, commit: str, paths: Sequence[str], history: History) -> list[Change]:
    """What changed the files, newest first, and before that what changed those they were renamed from."""
    # A window or a day that lies far back needs more than the last changes.
    limit = MAX_LOG if history.window.is_told or history.seen_at is not None else MAX_CHANGES
    since = None if history.window.is_told else history.since
    changes = _parsed(repository, commit, paths, since, limit)
    if not changes and since is not None:
        changes, since = _parsed(repository, commit, paths, None, limit), None
    _note_unread(history, changes, paths, is_cut=since is not None or len(changes) >= limit or _is_full(changes))
    fresh = changes
    for _ in range(MAX_RENAMES):
        made = [change for change in fresh if any(not file.old_path for file in change.files.values())][-MAX_RENAMED:]
        renames = dict(_renames(repository, made))
        fresh = []
        for change in made:
            renamed = {path: file for path, file in renames.get(change.commit.sha, {}).items() if path in change.files}
            change.files.update(renamed)
            old_paths = [file.old_path for file in renamed.values() if file.old_path.isprintable()]
            fresh += _parsed(repository, f"{change.commit.sha}^", old_paths, since, limit) if old_paths else []
        if not fresh:
            break
        changes = [*changes, *fresh]
    return changes


def _is_full(changes: Sequence[Change]) -> bool:
    """Whether so much text was read that git's output was cut, as far as its lines tell."""
    return sum(len(line) + 2 for change in changes for line in change.lines) > MAX_PATCHES_BYTES // 2


def _note_unread(history: History, changes: Sequence[Change], paths: Sequence[str], *, is_cut: bool) -> None:
    """Say of which files no change was read because they lie too far back."""
    missing = [path for path in paths if not any(path in change.files for change in changes)]
    if not missing or not is_cut:
        return
    more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
    oldest = min((change.commit.committed_at for change in changes), default=None)
    until = f", back to {oldest:%Y-%m-%d}" if oldest else ""
    history.notes.append(
        f"The changes of the suspect files were read newest first{until}; none of them is of {', '.join(missing[:3])}{more}."
    )


def _renames(repository: Repository, changes: Sequence[Change]) -> Iterator[tuple[str, dict[str, FileHunks]]]:
    """Of each commit the files it renamed; those that renamed none are missing."""
    if changes:
        for commit, patch in repository.show_patches([change.commit.sha for change in changes], only_renames=True):
            yield commit.sha, parse_patch(patch)


def _parsed(repository: Repository, commit: str, paths: Sequence[str], since: datetime | None, limit: int) -> list[Change]:
    found = repository.log_patches(commit, paths, limit=limit, since=since)
    return [Change(entry, parse_patch(patch)) for entry, patch in found]


def _changes_of(changes: Sequence[Change], path: str) -> list[tuple[str, Change]]:
    """Those that changed a file, followed to its earlier names."""
    found: list[tuple[str, Change]] = []
    for change in changes:
        file = change.files.get(path)
        if file is not None:
            found.append((path, change))
            path = file.old_path or path
    return found
