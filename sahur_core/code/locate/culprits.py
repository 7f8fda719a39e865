"""The commits behind suspect code: what changed it, when, how well that fits the report, and what undid it since.

Each signal is between 0 and 1 and has a weight, the logarithm of how many times likelier it makes a commit; a commit's
score is how likely it is beside the first of the ranking. The weights of function, latest, file, message, diff and youth
were fitted on 90 fixes of one repository that name the commit they mend (see `tests/benchmarks/locate/commits.py`) and
rounded; the others were set by hand, against the small stories of the tests.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sahur_core.code.git.repository import Repository
from sahur_core.code.languages.roles import role_of
from sahur_core.code.locate.clues import Clues
from sahur_core.code.locate.commit_changes import FileHunks, parse_patch
from sahur_core.code.locate.commit_fit import (
    NO_FIT,
    diff_fits,
    is_manifest,
    is_settings,
    message_fits,
    names_in,
    reverted_commits,
    similar_commits,
)
from sahur_core.code.locate.commit_history import MAX_PATHS, History, read_changes, read_history
from sahur_core.code.locate.suspects import Board, Function
from sahur_core.code.records import Commit, CommitSuspicion
from sahur_core.errors import RepositoryTimeout

__all__ = [
    "MAX_FUNCTIONS",
    "MAX_PATHS",
    "History",
    "accuse_recent_changes",
    "rank_commits",
    "read_changes",
    "read_history",
    "similar_commits",
]

UNLIKE_SHARE = 0.5
"""What a late change counts whose message has nothing to do with the report."""
MAX_FUNCTIONS = 8
"""Suspect functions whose history is read."""
MAX_FILES = 12
MAX_DIFFS = 24
"""Commits whose whole diff is read."""
MAX_SURROUNDINGS = 30
"""Commits that changed nothing but settings or dependencies, of those within the window or with a fitting message."""
MAX_REASONS = 6
MAX_TOUCHED = 8
MANY_FILES = 40
"""A commit that changed more files than this is a sweep over all of them."""

WEIGHTS: Mapping[str, float] = {
    "function": 0.7,
    "latest": 1.2,
    "sure": 5.0,
    "file": 0.7,
    "blame": 0.4,
    "message": 2.7,
    "diff": 1.4,
    "names": 0.4,
    "youth": 1.9,
    "new fault": 2.5,
    "window": 2.5,
    "too late": -4.0,
    "named": 4.0,
    "surroundings": 0.3,
    "sweep": -1.0,
    "undone": -2.5,
    "first": -4.0,
    "only tests": -2.0,
}
SURE = 0.5
"""From this suspicion on a function is suspected for more than its words."""
SURE_BY_RANK = (1.0, 0.6, 0.4, 0.3, 0.2)
"""How much that says of its latest change, of the one before it, and so on."""
CREATED_SHARE = 0.6
"""How much it says of the commit that wrote the function: it worked once, more often than not."""


@dataclass
class Suspected:
    """A commit with what speaks for and against it."""

    commit: Commit
    signals: dict[str, float] = field(default_factory=dict)
    reasons: dict[str, float] = field(default_factory=dict)
    """What speaks for it, in words, with what each is worth."""
    doubts: dict[str, float] = field(default_factory=dict)
    """What speaks against it, in words that begin with "although"."""
    is_outside: bool = False
    """The report tells when the cause came, and it did not come then."""
    touches: dict[str, float] = field(default_factory=dict)
    """Suspect places that it changed, with their suspicion."""
    has_created: bool = False
    """It wrote a suspect function, whose words its diff then has anyway."""

    def add(self, signal: str, value: float, reason: str = "") -> None:
        self.signals[signal] = max(value, self.signals.get(signal, 0.0))
        kept = self.doubts if WEIGHTS[signal] < 0 else self.reasons
        if reason:
            kept[reason] = max(abs(WEIGHTS[signal]) * value, kept.get(reason, 0.0))

    @property
    def worth(self) -> float:
        return sum(WEIGHTS[signal] * value for signal, value in self.signals.items())


def accuse_recent_changes(board: Board, history: History, clues: Clues) -> None:
    """A function that changed lately is more suspect, the more so if the report says that it worked before.

    A change whose message speaks of the same things as the report counts in full, any other less.
    """
    greatest = 0.45 if clues.worked_before else 0.2
    similar = similar_commits(history, clues)
    for function, touches in history.touches.items():
        if not touches or history.is_first(touches[0].commit):
            continue
        latest = touches[0].commit
        reason = f"changed by {latest.sha[:10]} “{latest.summary}” on {latest.committed_at:%Y-%m-%d}"
        alike = UNLIKE_SHARE + (1 - UNLIKE_SHARE) * similar.get(latest.sha, 0.0)
        board.accuse(function, "recent change", alike * greatest * history.recency(latest), reason)


def rank_commits(
    repository: Repository, board: Board, history: History, clues: Clues, failing: dict[str, str], limit: int
) -> list[CommitSuspicion]:
    """Commits by what they changed of the suspect code, by age, window, and the fit of message and diff.

    None at all if the report points to no code, no time and no commit.
    `failing` maps the shas that blame gives for lines of the stack to a description of the line.
    """
    if not (board.files or board.functions or history.window.is_told or history.window.named):
        return []  # nothing in the report points anywhere: being new is no suspicion
    functions = [(function, score.value) for function, score in board.ranked() if function in history.touches]
    files = [(file.path, file.score) for file in board.files[:MAX_FILES]]
    ranked = weigh_commits(repository, functions, files, history, clues, failing)[:limit]
    return [_told(one, history, worth) for one, worth in zip(ranked, _descending(ranked), strict=True)]


def _descending(ranked: Sequence[Suspected]) -> list[float]:
    """What each is worth beside the first, never more than the one before it, whose worth may be of another kind."""
    worths: list[float] = []
    shift = -ranked[0].worth if ranked else 0.0
    for one in ranked:
        shift = min(shift, worths[-1] - one.worth) if worths else shift
        worths.append(one.worth + shift)
    return worths


def weigh_commits(
    repository: Repository,
    functions: Sequence[tuple[Function, float]],
    files: Sequence[tuple[str, float]],
    history: History,
    clues: Clues,
    failing: Mapping[str, str],
) -> list[Suspected]:
    """The likeliest first, of functions and files given with their suspicion from 0 to 1, most suspect first."""
    suspected: dict[str, Suspected] = {}
    _by_functions(suspected, functions, history)
    _by_files(suspected, files, history)
    _by_name(suspected, history)
    _by_surroundings(suspected, history)
    _by_time(suspected, history, clues)
    _by_messages(suspected, history, clues)
    for sha, line in failing.items():
        if sha in suspected:
            suspected[sha].add("blame", 1.0, f"wrote {line}")
    _by_undoing(suspected, history)
    ordered = sorted(suspected.values(), key=_order)
    closest, others = ordered[:MAX_DIFFS], ordered[MAX_DIFFS:]
    _by_diffs(repository, closest, clues)
    return [*sorted(closest, key=_order), *others]


def _order(one: Suspected) -> tuple[bool, float, float, str]:
    return one.is_outside, -one.worth, -one.commit.committed_at.timestamp(), one.commit.sha


def _told(one: Suspected, history: History, worth: float) -> CommitSuspicion:
    """`worth` is 0 for the first. What speaks against it stands last."""
    reasons = sorted(one.reasons, key=lambda reason: -one.reasons[reason])
    doubts = sorted(one.doubts, key=lambda reason: -one.doubts[reason])
    return CommitSuspicion(
        commit=one.commit,
        score=round(math.exp(worth), 4),
        reasons=[*reasons[: max(MAX_REASONS - len(doubts), 1)], *doubts],
        touches=sorted(one.touches, key=lambda place: (-one.touches[place], place))[:MAX_TOUCHED],
        in_window=history.window.covers(one.commit),
    )


def _of(suspected: dict[str, Suspected], commit: Commit) -> Suspected:
    return suspected.setdefault(commit.sha, Suspected(commit))


def _by_functions(suspected: dict[str, Suspected], functions: Sequence[tuple[Function, float]], history: History) -> None:
    """What changed the lines of suspect functions."""
    ranked = [(function, value) for function, value in functions if function in history.touches]
    best = max((value for _, value in ranked), default=1.0) or 1.0
    for function, value in ranked:
        for rank, touch in enumerate(history.touches[function]):
            one, suspicion = _of(suspected, touch.commit), value / best
            name = f"{function.path}:{function.name}" if function.name else function.path
            one.touches[name] = suspicion
            verb = "wrote" if touch.has_created else "last changed" if rank == 0 else "changed"
            path = touch.path or function.path
            one.add("function", suspicion, f"{verb} `{function.name}` in {path}" if function.name else f"changed {path}")
            one.has_created |= touch.has_created
            if rank == 0:
                one.add("latest", suspicion)
            share = SURE_BY_RANK[min(rank, len(SURE_BY_RANK) - 1)] * (CREATED_SHARE if touch.has_created else 1.0)
            one.add("sure", max(0.0, value - SURE) / (1 - SURE) * share)


def _by_files(suspected: dict[str, Suspected], files: Sequence[tuple[str, float]], history: History) -> None:
    """What changed suspect files, also outside of the suspect functions."""
    for today, value in files:
        for path, change in history.of_files.get(today, ()):
            one = _of(suspected, change.commit)
            if any(touched.startswith(f"{today}:") for touched in one.touches):
                one.add("file", value)
            else:
                one.touches[today] = value
                one.add("file", value, f"changed {path}")


def _by_name(suspected: dict[str, Suspected], history: History) -> None:
    by_sha = {commit.sha: commit for commit in history.recent}
    for sha, reason in history.window.named.items():
        if sha in by_sha or sha in suspected:
            _of(suspected, by_sha.get(sha) or suspected[sha].commit).add("named", 1.0, reason)


def _by_surroundings(suspected: dict[str, Suspected], history: History) -> None:
    """What changed only settings, deployment or the versions of other software: no function shows it."""
    for commit in [commit for commit in history.recent if commit.files and history.is_within_reach(commit)][:MAX_SURROUNDINGS]:
        found = [path for path in commit.files if is_manifest(path) or is_settings(path)]
        if found and len(commit.files) <= MANY_FILES and not history.is_first(commit):
            what = "the versions of what it uses" if all(map(is_manifest, found)) else "settings"
            one = _of(suspected, commit)
            one.touches.setdefault(found[0], 0.0)
            one.add("surroundings", 1.0, f"changed {what} ({', '.join(found[:3])})")


def _by_time(suspected: Mapping[str, Suspected], history: History, clues: Clues) -> None:
    for one in suspected.values():
        one.add("youth", history.youth(one.commit))
        if clues.worked_before:
            one.add("new fault", history.recency(one.commit))
        if history.window.covers(one.commit):
            one.add("window", 1.0, history.window.in_words)
        elif history.window.is_told and "named" not in one.signals:
            one.is_outside = True
            one.doubts[history.window.out_in_words(one.commit)] = math.inf  # told before any other doubt
            if history.window.is_over(one.commit):
                one.add("too late", 1.0)
        if history.is_first(one.commit):
            one.add("first", 1.0, "although it is the first commit, which wrote whatever nobody changed since")


def _by_messages(suspected: Mapping[str, Suspected], history: History, clues: Clues) -> None:
    others = {commit.sha: commit for commit in history.recent}
    fits = message_fits({**others, **{sha: one.commit for sha, one in suspected.items()}}.values(), clues)
    for sha, one in suspected.items():
        fit = fits.get(sha, NO_FIT)
        if fit.share:
            one.add("message", fit.strength, "its message speaks of the same things as the report")


def _by_undoing(suspected: Mapping[str, Suspected], history: History) -> None:
    known = {commit.sha: commit for commit in history.recent} | {sha: one.commit for sha, one in suspected.items()}
    newest_first = sorted(known.values(), key=lambda commit: -commit.committed_at.timestamp())
    for sha, by in reverted_commits(newest_first).items():
        if sha in suspected:
            suspected[sha].add("undone", 1.0, f"although it was undone by {by.sha[:10]} “{by.summary}”")


def _by_diffs(repository: Repository, closest: Sequence[Suspected], clues: Clues) -> None:
    """What needs the whole diff: its words, the names in it, how many files it swept over, whether it changed tests alone."""
    try:
        shown = repository.show_patches([one.commit.sha for one in closest])
    except RepositoryTimeout:
        return
    diffs: dict[str, Mapping[str, FileHunks]] = {commit.sha: parse_patch(patch) for commit, patch in shown}
    fits = diff_fits(diffs, clues)
    for one in closest:
        files = diffs.get(one.commit.sha, {})
        fit = fits.get(one.commit.sha, NO_FIT)
        if fit.share:
            one.add(
                "diff", fit.strength * (CREATED_SHARE if one.has_created else 1.0), "its diff is about the words of the report"
            )
        named = names_in(files, clues.names)
        if named:
            one.add("names", 1.0, f"changes lines with `{'`, `'.join(named[:3])}`, which the report names")
        if len(files) > 1:
            sweep = min(math.log(len(files)) / math.log(MANY_FILES), 1.0)
            one.add("sweep", sweep, f"although it changed {len(files)} files at once" if len(files) >= MANY_FILES else "")
        if files and _is_of_tests(files):
            one.add("only tests", 1.0, "although it changed only tests and documents")


def _is_of_tests(paths: Iterable[str]) -> bool:
    return all(role_of(path) in ("test", "document") for path in paths)
