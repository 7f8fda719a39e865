"""The past of a repository, searchable: of each commit its message, its time and the files it touched."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sahur_core.code.git.repository import Repository
from sahur_core.code.index.arrays import Arrays, Numbers, TextReader, Texts, expand, starts_of
from sahur_core.code.index.postings import build_postings, merge_postings
from sahur_core.code.index.store import Store
from sahur_core.code.index.terms import Vocabulary, term_number
from sahur_core.code.records import Commit

MAX_COMMITS = 6000
"""How far back the past is read."""
MAX_BODY_CHARS = 600
MAX_FIX_CHARS = 300
_BATCH = 2000
_ASIDE = re.compile(
    r"^\s*(?:docs?|chore|style|tests?|ci|build|release)\b[^:]{0,40}:|^merge\b|\btypos?\b|^(?:bump|release|prepare|version)\b|changelog"
    r"|^(?:update|updating|improve|add(?:ed|ing)?|document(?:ed)?|clarif\w+)\b.{0,40}\b(?:docs?|documentation|comments?|readme|examples?)\b",
    re.I,
)
_FIX = re.compile(
    r"\b(?:fix(?:e[sd])?|bug|clos(?:e[sd]?|ing)|resolv(?:e[sd]?)|regress\w*|crash\w*|error|issue|correct(?:ed|s)?)\b", re.I
)


def path_key(path: str) -> int:
    """What a path is known by in the history."""
    return term_number(f"path:{path}")


def commit_key(sha: str) -> int:
    return int(sha[:16], 16)


def build_history(repository: Repository, commit: str, store: Store) -> Numbers:
    """Read the ancestors of a commit that are not yet known; gives the keys of all its ancestors, the newest first."""
    shas = repository.ancestors(commit, limit=MAX_COMMITS)
    known = {int(key) for part in store.load() for key in part["keys"]}
    missing = [sha for sha in shas if commit_key(sha) not in known]
    for first in range(0, len(missing), _BATCH):
        store.add(_arrays(list(repository.commits(missing[first : first + _BATCH]))))
    store.tidy()
    return np.array([commit_key(sha) for sha in shas], dtype=np.uint64)


def _arrays(commits: Sequence[Commit]) -> Arrays:
    texts, vocabulary = Texts(), Vocabulary()
    documents = [vocabulary.encode(f"{commit.summary}\n{commit.body[:MAX_BODY_CHARS]}") for commit in commits]
    rows = [(texts.add(c.sha), texts.add(c.author), texts.add(c.summary), texts.add(c.body[:MAX_BODY_CHARS])) for c in commits]
    return {
        "keys": np.array([commit_key(commit.sha) for commit in commits], dtype=np.uint64),
        "commit_texts": np.array(rows, dtype=np.int32).reshape(len(rows), 4),
        "fixes": np.array([bool(_FIX.search(f"{c.summary} {c.body[:MAX_FIX_CHARS]}")) for c in commits], dtype=np.uint8),
        "asides": np.array([bool(_ASIDE.search(commit.summary)) for commit in commits], dtype=np.uint8),
        "times": np.array([int(commit.committed_at.timestamp()) for commit in commits], dtype=np.int64),
        "file_starts": starts_of([len(commit.files) for commit in commits]),
        "files": np.array([path_key(path) for commit in commits for path in commit.files], dtype=np.uint64),
        **texts.arrays(),
        **build_postings(vocabulary, documents),
    }


def merge_history(parts: Sequence[Arrays]) -> Arrays:
    offsets = np.cumsum([0, *(len(part["text_offsets"]) - 1 for part in parts)])
    texts = [part["commit_texts"] + np.int32(offset) for part, offset in zip(parts, offsets, strict=False)]
    joined = {
        name: np.concatenate([part[name] for part in parts])
        for name in ("keys", "times", "fixes", "asides", "files", "text_bytes")
    }
    starts = {
        name: starts_of(np.concatenate([np.diff(part[name]) for part in parts])) for name in ("file_starts", "text_offsets")
    }
    return joined | starts | {"commit_texts": np.concatenate(texts).astype(np.int32)} | merge_postings(parts)


@dataclass(frozen=True)
class PastCommit:
    """A commit as the history keeps it."""

    sha: str
    author: str
    summary: str
    body: str
    time: int
    """Seconds since 1970."""


class History:
    """The ancestors of one commit, the newest first."""

    def __init__(self, parts: Sequence[Arrays], ancestors: Numbers) -> None:
        self.parts = parts
        keys = np.concatenate([np.zeros(0, dtype=np.uint64), *(part["keys"] for part in parts)])
        order = np.argsort(keys, kind="stable")
        places = np.searchsorted(keys[order], ancestors)
        self.rows = order[places] if len(order) else np.zeros(0, dtype=np.int64)
        """For each ancestor its row over all parts."""
        self._offsets = np.cumsum([0, *(len(part["keys"]) for part in parts)])

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def positions(self) -> Numbers:
        """For each row over all parts its place among the ancestors; -1 for other commits."""
        positions = np.full(int(self._offsets[-1]), -1, dtype=np.int64)
        positions[self.rows] = np.arange(len(self.rows))
        return positions

    @cached_property
    def times(self) -> Numbers:
        """When each ancestor was committed, in seconds since 1970."""
        every = np.concatenate([np.zeros(0, dtype=np.int64), *(part["times"] for part in self.parts)])
        return every[self.rows]

    @cached_property
    def is_fix(self) -> Numbers:
        """Whether each ancestor's message speaks of mending something."""
        every = np.concatenate([np.zeros(0, dtype=np.uint8), *(part["fixes"] for part in self.parts)])
        return every[self.rows].astype(bool)

    @cached_property
    def is_aside(self) -> Numbers:
        """Whether each ancestor's summary is about documents, tests, style or a release."""
        every = np.concatenate([np.zeros(0, dtype=np.uint8), *(part["asides"] for part in self.parts)])
        return every[self.rows].astype(bool)

    @cached_property
    def lengths(self) -> Numbers:
        """How many terms each ancestor's message has."""
        every = np.concatenate([np.zeros(0, dtype=np.float32), *(part["lengths"] for part in self.parts)])
        return every[self.rows]

    @cached_property
    def touched(self) -> tuple[Numbers, Numbers]:
        """`(starts, keys)`: ancestor i touched the paths with the keys `keys[starts[i]:starts[i + 1]]`."""
        files = np.concatenate([np.zeros(0, dtype=np.uint64), *(part["files"] for part in self.parts)])
        starts = starts_of(np.concatenate([np.zeros(0, dtype=np.int64), *(np.diff(part["file_starts"]) for part in self.parts)]))
        lengths = starts[self.rows + 1] - starts[self.rows]
        return starts_of(lengths), files[expand(starts, self.rows)]

    def commit(self, place: int) -> PastCommit:
        """The ancestor at a place, 0 for the newest."""
        row = int(self.rows[place])
        number = int(np.searchsorted(self._offsets, row, side="right")) - 1
        part = self.parts[number]
        texts = TextReader(part)
        local = row - int(self._offsets[number])
        sha, author, summary, body = texts.many(part["commit_texts"][local])
        return PastCommit(sha, author, summary, body, int(part["times"][local]))
