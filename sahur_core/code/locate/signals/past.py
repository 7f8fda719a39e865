"""What past commits touched: those whose message resembles the report, and the recent ones."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sahur_core.code.index.arrays import Numbers
from sahur_core.code.index.history import path_key
from sahur_core.code.index.scoring import find_hits, score, term_weights
from sahur_core.code.locate.case import Case
from sahur_core.code.locate.signals import Explain, Signal

MAX_TOUCHED = 30
"""A commit that touched more candidates says nothing about one of them."""
DAY = 86_400.0
MESSAGE_LENGTH_WEIGHT = 0.75


def past_signals(case: Case) -> Iterator[Signal]:
    """By the history before the index's commit (and before the report)."""
    history = case.index.history
    commits, places = _touched(case)
    touched = np.bincount(commits, minlength=len(history))
    few = touched[commits] <= MAX_TOUCHED
    commits, places = commits[few], places[few]
    similar = message_scores(case)
    per_file = similar[commits] / np.sqrt(np.maximum(touched[commits], 1))
    best, best_commit = _greatest(case, places, commits, per_file)

    def of_message(place: int) -> str:
        commit = history.commit(int(best_commit[place]))
        return f"touched by {commit.sha[:10]} “{commit.summary}”, which the report resembles"

    yield Signal("message_best", best, of_message)
    squares = np.bincount(places, weights=per_file**2, minlength=len(case.files))
    yield Signal("message_sum", np.sqrt(squares), of_message)
    now = float(history.times[0]) if len(history) else 0.0
    age = np.maximum(now - history.times[commits], 0.0) / DAY
    for name, days in (("changes_year", 365), ("changes_quarter", 90)):
        counted = np.bincount(places[age < days], minlength=len(case.files))
        yield Signal(name, np.log1p(counted), _count(counted, days))
    recency, latest = _greatest(case, places, commits, 1 / (1 + age / 30))

    def of_latest(place: int) -> str:
        commit = history.commit(int(latest[place]))
        return f"changed lately, by {commit.sha[:10]} “{commit.summary}”"

    yield Signal("recency", recency, of_latest)


def _touched(case: Case) -> tuple[Numbers, Numbers]:
    """Parallel arrays: ancestor and candidate, for each time that one touched the other."""
    starts, keys = case.index.history.touched
    commits = np.repeat(np.arange(len(case.index.history)), np.diff(starts))
    own = np.array([path_key(case.index.paths[file]) for file in case.files], dtype=np.uint64)
    if not len(own) or not len(keys):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    order = np.argsort(own)
    found = np.minimum(np.searchsorted(own[order], keys), len(own) - 1)
    known = own[order][found] == keys
    return commits[known], order[found[known]]


def message_scores(case: Case) -> Numbers:
    """BM25 of each ancestor's message with the report's words; none for those made after the report."""
    history = case.index.history
    query = case.queries["report"]
    if not len(history) or not query:
        return np.zeros(len(history))
    hits = find_hits(history.parts, list(query), history.positions)
    weights = term_weights(hits, history.lengths, len(history), len(query), MESSAGE_LENGTH_WEIGHT)
    scores = score(hits, weights, np.array(list(query.values())), len(history))
    if case.reported_at is not None:
        scores = np.where(history.times <= case.reported_at.timestamp(), scores, 0.0)
    return scores


def _greatest(case: Case, places: Numbers, commits: Numbers, values: Numbers) -> tuple[Numbers, Numbers]:
    """For each candidate the greatest value, and the commit it comes from."""
    best = case.empty()
    np.maximum.at(best, places, values)
    commit = np.zeros(len(best), dtype=np.int64)
    at = values >= best[places]
    commit[places[at][::-1]] = commits[at][::-1]
    return best, commit


def _count(counted: Numbers, days: int) -> Explain:
    return lambda place: f"changed {int(counted[place])} times in the last {days} days"
