"""The runbooks that one reader may see, and the index of their sections. Blocking."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sahur_core.code.index.ranking import Ranker, words
from sahur_mcp.servers.runbook_files import Runbook, Section
from sahur_mcp.servers.runbook_sources import FolderSource, Found, RepositorySource

KEPT_SHELVES = 16
SNIPPET_LINES = 6


@dataclass(frozen=True)
class Hit:
    """A section that fits a question, and the lines of it that fit best."""

    runbook: Runbook
    section: Section
    score: float
    first: int
    last: int


class Shelf:
    """Some runbooks, by path, with what could not be used."""

    def __init__(self, runbooks: Sequence[Runbook], left_out: dict[str, str]) -> None:
        self.runbooks = {runbook.path: runbook for runbook in runbooks}
        self.left_out = left_out
        self._lock = threading.Lock()

    def search(self, question: str, limit: int) -> list[Hit]:
        """Sections with words of the question, best first."""
        with self._lock:
            sections, ranker = self._index
        scores = ranker.scores(question)
        best = sorted(range(len(sections)), key=lambda place: -scores[place])[:limit]
        asked = set(words(question))
        return [_hit(*sections[place], float(scores[place]), asked) for place in best if scores[place] > 0]

    @cached_property
    def _index(self) -> tuple[list[tuple[Runbook, Section]], Ranker]:
        sections = [(runbook, section) for runbook in self.runbooks.values() for section in runbook.sections]
        return sections, Ranker.build([runbook.words_of(section) for runbook, section in sections])


def _hit(runbook: Runbook, section: Section, score: float, asked: set[str]) -> Hit:
    """The lines are those that hold the most of the words, the first of several such places."""
    fitting = [len(asked.intersection(words(line))) for line in runbook.lines[section.start - 1 : section.end]]
    places = range(max(1, len(fitting) - SNIPPET_LINES + 1))
    at = max(places, key=lambda place: (sum(fitting[place : place + SNIPPET_LINES]), -place))
    first = section.start + at
    return Hit(runbook, section, score, first, min(first + SNIPPET_LINES - 1, section.end))


class Library:
    """Puts together what a reader may see. A shelf is built again only if a runbook of it has changed."""

    def __init__(self, directory: Path | None) -> None:
        self._folder = FolderSource(directory) if directory else None
        self._repositories = RepositorySource()
        self._shelves: OrderedDict[tuple[tuple[str, str], ...], Shelf] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def needs_team(self) -> bool:
        """Whether some runbooks are for one team only, so that its key must be known."""
        return self._folder is not None and self._folder.has_team_folders

    def shelf(self, team: str, repositories: Sequence[tuple[str, Path]], away: dict[str, str]) -> Shelf:
        """For readers of the team with this key (empty: no team's own) who may read these repositories (name, folder).

        `away` tells what should be there too and is not known.
        """
        found: list[Found] = []
        if self._folder is not None:
            found.append(self._folder.shared())
            found += [self._folder.of_team(team)] if team else []
        found += [self._repositories.found(folder, name) for name, folder in repositories]
        runbooks = [runbook for each in found for runbook in each.runbooks]
        left_out = away | {path: reason for each in found for path, reason in each.left_out.items()}
        key = tuple((runbook.path, runbook.version) for runbook in runbooks)
        with self._lock:
            kept = self._shelves.pop(key, None)
            shelf = kept if kept is not None and kept.left_out == left_out else Shelf(runbooks, left_out)
            self._shelves[key] = shelf
            while len(self._shelves) > KEPT_SHELVES:
                self._shelves.popitem(last=False)
        return shelf
