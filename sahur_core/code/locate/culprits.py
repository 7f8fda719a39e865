"""The commits behind suspect code: what changed the suspect functions, how lately, and how well it fits the report."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from sahur_core.code.git.repository import MAX_LOG, Repository
from sahur_core.code.index.ranking import Ranker, words
from sahur_core.code.locate.clues import Clues
from sahur_core.code.locate.suspects import Board, Function, Score
from sahur_core.code.records import Commit, CommitSuspicion
from sahur_core.errors import NotFound, RepositoryTimeout

MAX_FUNCTIONS = 8
"""Suspect functions whose history is read."""
MAX_DIFFS = 6
HALF_LIFE_DAYS, NEW_FAULT_HALF_LIFE_DAYS = 30.0, 7.0
"""How fast a change grows unlikely to be the cause; faster if the report says that it worked before."""
FIRST_COMMIT_FACTOR = 0.25
"""The first commit wrote everything that nobody changed since; that says little."""
_BY_RANK = (1.0, 0.5, 0.3, 0.2, 0.15)
"""How much the latest change of a function counts, the one before it, and so on."""


@dataclass
class History:
    """What was read of the past of one commit."""

    recent: list[Commit]
    half_life_days: float = HALF_LIFE_DAYS
    changes: dict[Function, list[Commit]] = field(default_factory=dict)
    unread: list[Function] = field(default_factory=list)
    """Suspect functions whose history took too long to read."""

    def recency(self, commit: Commit) -> float:
        """1 for the newest commit, half of it after each half-life before that; less for the first commit of all."""
        age = (self.recent[0].committed_at - commit.committed_at).total_seconds() / 86_400 if self.recent else 0.0
        return float(0.5 ** (max(age, 0.0) / self.half_life_days)) * (FIRST_COMMIT_FACTOR if self.is_first(commit) else 1.0)

    def age_factor(self, commit: Commit) -> float:
        """What a commit's clues count by its age: an old one is never ruled out."""
        return 0.2 + 0.8 * self.recency(commit)

    def is_first(self, commit: Commit) -> bool:
        return len(self.recent) < MAX_LOG and bool(self.recent) and commit.sha == self.recent[-1].sha

    def age_in_words(self, commit: Commit) -> str:
        if self.recent and commit.sha == self.recent[0].sha:
            return "the newest commit"
        days = (self.recent[0].committed_at - commit.committed_at).days if self.recent else 0
        return f"{days} day{'s' if days != 1 else ''} before the newest commit"


def read_history(repository: Repository, commit: str, clues: Clues, reported_at: datetime | None) -> History:
    """The last commits, without those made after the report."""
    recent = repository.recent(commit)
    if reported_at is not None and reported_at.tzinfo is not None:
        before = [entry for entry in recent if entry.committed_at <= reported_at]
        recent = before or recent  # a clock that is wrong must not empty the history
    return History(recent, NEW_FAULT_HALF_LIFE_DAYS if clues.worked_before else HALF_LIFE_DAYS)


def similar_commits(history: History, clues: Clues) -> dict[str, float]:
    """Past commits whose message speaks of the same things as the report: sha to similarity, 1 for the best."""
    messages = [f"{commit.summary}\n{commit.body}" for commit in history.recent]
    documents = [words(message) for message in messages]
    scores = Ranker.build(documents).scores(clues.query)
    asked = set(words(clues.query))
    fitting = {
        commit.sha: float(score)
        for commit, score, document in zip(history.recent, scores, documents, strict=True)
        if score > 0 and len(asked & set(document)) >= 2
    }
    best = max(fitting.values(), default=1.0)
    return {sha: score / best for sha, score in fitting.items()}


def read_changes(repository: Repository, commit: str, history: History, functions: Sequence[Function]) -> None:
    """Fill `history.changes` with the commits that changed each function, newest first."""
    known = {entry.sha for entry in history.recent}

    def changes(function: Function) -> list[Commit] | None:
        try:
            found = repository.log_lines(commit, function.path, function.start, function.end, limit=len(_BY_RANK))
        except (RepositoryTimeout, NotFound):
            return None
        return [entry for entry in found if entry.sha in known or len(known) >= MAX_LOG]

    with ThreadPoolExecutor(max_workers=4) as pool:
        for function, found in zip(functions, pool.map(changes, functions), strict=True):
            if found is None:
                history.unread.append(function)
            else:
                history.changes[function] = found


def accuse_recent_changes(board: Board, history: History, clues: Clues) -> None:
    """A function that changed lately is more suspect, the more so if the report says that it worked before."""
    greatest = 0.45 if clues.worked_before else 0.2
    for function, commits in history.changes.items():
        if not commits or history.is_first(commits[0]):
            continue
        latest = commits[0]
        reason = f"changed by {latest.sha[:10]} “{latest.summary}”, {history.age_in_words(latest)}"
        board.accuse(function, "recent change", greatest * history.recency(latest), reason)


def rank_commits(
    repository: Repository, board: Board, history: History, clues: Clues, failing: dict[str, str], limit: int
) -> list[CommitSuspicion]:
    """Commits by the suspicion of the functions they changed, their age, and the fit of message and diff.

    `failing` maps the shas that blame gives for lines of the stack to a description of the line.
    """
    commits = {commit.sha: commit for changed in history.changes.values() for commit in changed}
    scores: dict[str, Score] = {sha: Score() for sha in commits}
    ranked = [(function, score.value) for function, score in board.ranked() if function in history.changes]
    for place, (function, suspicion) in enumerate(ranked, 1):
        for rank, commit in enumerate(history.changes[function]):
            weight = 0.85 * suspicion**2 * _BY_RANK[rank] * history.age_factor(commit)
            if history.is_first(commit):
                weight *= FIRST_COMMIT_FACTOR
            when = "last changed" if rank == 0 else "changed"
            what = f"{when} `{function.name or function.path}` (suspect {place}), {history.age_in_words(commit)}"
            scores[commit.sha].add(f"suspect {place}", weight, what)
    for sha, line in failing.items():
        if sha in commits and not history.is_first(commits[sha]):
            scores[sha].add("blame", 0.2, f"wrote {line}")
    for sha, similarity in similar_commits(history, clues).items():
        if sha in commits and not history.is_first(commits[sha]):
            scores[sha].add(
                "similar commit",
                0.2 * similarity * history.age_factor(commits[sha]),
                "its message speaks of the same things as the report",
            )
    best = sorted(scores, key=lambda sha: -scores[sha].value)
    for sha, fit in _diff_fit(repository, best[:MAX_DIFFS], clues).items():
        if not history.is_first(commits[sha]):
            scores[sha].add("diff", 0.25 * fit * history.age_factor(commits[sha]), "its diff is about the words of the report")
    best = sorted(scores, key=lambda sha: (-scores[sha].value, -commits[sha].committed_at.timestamp(), sha))[:limit]
    top = scores[best[0]].value if best else 1.0
    return [
        CommitSuspicion(commit=commits[sha], score=round(scores[sha].value / top, 4), reasons=scores[sha].reasons)
        for sha in best
        if scores[sha].value > 0
    ]


def _diff_fit(repository: Repository, shas: Sequence[str], clues: Clues) -> dict[str, float]:
    """How well the changed lines of each commit fit the report, 1 for the best."""

    def changed_lines(sha: str) -> list[str]:
        try:
            diff = repository.show(sha).diff.text
        except RepositoryTimeout:
            return []
        lines = [line[1:] for line in diff.split("\n") if line.startswith(("+", "-")) and not line.startswith(("+++", "---"))]
        return words("\n".join(lines))

    with ThreadPoolExecutor(max_workers=4) as pool:
        documents = list(pool.map(changed_lines, shas))
    scores = Ranker.build(documents).scores(clues.query)
    best = max((float(score) for score in scores), default=0.0)
    return {sha: float(score) / best for sha, score in zip(shas, scores, strict=True) if best > 0 and score > 0}
