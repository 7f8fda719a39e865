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
MESSAGE_DAYS = 1500
"""After so long a message counts half."""
NEAREST = 80
"""Commits whose files are looked at most."""
ENOUGH_WORDS = 3
"""A message that shares fewer words with the report resembles it by chance."""
ASIDE_SHARE = 0.2
"""What a commit vouches for that is about documents, style or releases."""
DAY = 86_400.0
MESSAGE_LENGTH_WEIGHT = 0.75


def past_signals(case: Case) -> Iterator[Signal]:
    """By the history before the index's commit (and before the report)."""
    history = case.index.history
    commits, places = _touched(case)
    touched = np.bincount(commits, minlength=len(history))
    few = touched[commits] <= MAX_TOUCHED
    commits, places = commits[few], places[few]
    now = float(history.times[0]) if len(history) else 0.0
    age = np.maximum(now - history.times[commits], 0.0) / DAY
    shares = 1 / np.maximum(touched[commits], 1)
    for query in ("mixed", "title"):
        scores = message_scores(case, query)
        best, best_commit = _greatest(case, places, commits, scores[commits] * np.sqrt(shares) / (1 + age / MESSAGE_DAYS))
        yield Signal(f"message_{query}", best, _of_message(case, best_commit), "message")
    nearest = np.bincount(places, weights=_nearest(scores)[commits] * shares, minlength=len(case.files))
    yield Signal("nearest_title", nearest, _of_message(case, best_commit), "message")
    yield from _habits(case, commits, places, age, shares)
    recency, latest = _greatest(case, places, commits, 1 / (1 + age / 30))

    def of_latest(place: int) -> str:
        commit = history.commit(int(latest[place]))
        return f"changed lately, by {commit.sha[:10]} “{commit.summary}”"

    yield Signal("recency", recency, of_latest)


def _habits(case: Case, commits: Numbers, places: Numbers, age: Numbers, shares: Numbers) -> Iterator[Signal]:
    """How often a file was changed, and how often to mend something."""
    total = len(case.files)
    count = np.bincount(places, minlength=total)
    fixes = case.index.history.is_fix.astype(np.float64)
    fixed = np.bincount(places, weights=fixes[commits], minlength=total)
    rate = (fixed + 2 * (float(fixes.mean()) if len(fixes) else 0.0)) / (count + 2)
    yield Signal("commit_count", np.log1p(count))
    yield Signal("fix_rate", rate)
    for days in (30, 1000):
        active = np.bincount(places, weights=np.exp(-age / days) * shares, minlength=total)
        yield Signal(f"activity_{days}", np.log1p(active))


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


def _of_message(case: Case, best: Numbers) -> Explain:
    def reason(place: int) -> str:
        commit = case.index.history.commit(int(best[place]))
        return f"touched by {commit.sha[:10]} “{commit.summary}”, which the report resembles"

    return reason


def _nearest(scores: Numbers) -> Numbers:
    """Weights of the commits nearest to the report: the third power of their share of the best."""
    weights = np.zeros(len(scores))
    best = np.argsort(-scores, kind="stable")[:NEAREST]
    if len(best) and scores[best[0]] > 0:
        weights[best] = (scores[best] / scores[best[0]]) ** 3
    return weights


def message_scores(case: Case, name: str) -> Numbers:
    """BM25 of each ancestor's message with one of the queries; none for those made after the report."""
    history = case.index.history
    query = case.queries[name]
    if not len(history) or not query:
        return np.zeros(len(history))
    hits = find_hits(history.parts, list(query), history.positions)
    weights = term_weights(hits, history.lengths, len(history), len(query), MESSAGE_LENGTH_WEIGHT)
    scores = score(hits, weights, np.array(list(query.values())), len(history))
    matched = np.bincount(hits.documents, minlength=len(history))
    scores = scores * np.minimum(1.0, matched / ENOUGH_WORDS) * np.where(history.is_aside, ASIDE_SHARE, 1.0)
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
