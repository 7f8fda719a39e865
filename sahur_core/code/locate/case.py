"""One question to the localization: a report, the index it is asked of, and what several signals need of both."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

import numpy as np

from sahur_core.code.index.arrays import Numbers
from sahur_core.code.index.index import CodeIndex
from sahur_core.code.index.scoring import Hits, find_hits, group_hits, query_weights, score, term_weights
from sahur_core.code.index.terms import count_terms
from sahur_core.code.index.view import ROLES
from sahur_core.code.locate.report import Report

PIECE_LENGTH_WEIGHT, FILE_LENGTH_WEIGHT = 0.6, 0.75
"""How much a long document has to hold more of a word than a short one (BM25's b)."""
_CANDIDATES = (ROLES.index("source"), ROLES.index("data"))

Suspicions = dict[str, tuple[float, list[str]]]
"""How suspect each file is by its most suspect function, with the reasons."""


@dataclass
class Case:
    """Files are numbered as in `index.paths`; `files` are those that may hold the cause."""

    index: CodeIndex
    report: Report
    reported_at: datetime | None = None
    on_stack: Suspicions = field(default_factory=dict)
    """What was found on the stack and around it: values made for its lines, functions called there."""
    spelled: Suspicions = field(default_factory=dict)
    """That, and the names, lines and texts that the report spells."""
    _scored: dict[str, tuple[Numbers, Numbers]] = field(default_factory=dict)

    @cached_property
    def files(self) -> Numbers:
        """The source files, and those of configuration and other data."""
        return np.flatnonzero(np.isin(self.index.roles, _CANDIDATES))

    @cached_property
    def place_of_file(self) -> Numbers:
        """For each file of the index its place in `files`; -1 for others."""
        places = np.full(len(self.index.paths), -1, dtype=np.int64)
        places[self.files] = np.arange(len(self.files))
        return places

    @cached_property
    def blobs(self) -> Numbers:
        """For each candidate its blob; -1 where nothing was parsed."""
        return self.index.file_blobs[self.files]

    @cached_property
    def places_of_blob(self) -> dict[int, list[int]]:
        """The candidates that have a blob."""
        found: dict[int, list[int]] = defaultdict(list)
        for place, blob in enumerate(self.blobs.tolist()):
            if blob >= 0:
                found[blob].append(place)
        return found

    # ---- texts: pieces and files of the candidates

    @cached_property
    def pieces(self) -> Numbers:
        """The pieces of all candidates, by their numbers in the index."""
        wanted = np.zeros(self.index.blob_count, dtype=bool)
        wanted[self.blobs[self.blobs >= 0]] = True
        return np.flatnonzero(wanted[self.index.piece_blobs])

    @cached_property
    def _documents(self) -> Numbers:
        """Documents of the postings to places in `pieces`."""
        places = np.full(len(self.index.piece_blobs) + 1, -1, dtype=np.int64)
        places[self.pieces] = np.arange(len(self.pieces))
        found: Numbers = places[self.index.piece_documents]
        return found

    @cached_property
    def piece_lengths(self) -> Numbers:
        return self.index.piece_lengths[self.pieces]

    @cached_property
    def piece_blobs(self) -> Numbers:
        return self.index.piece_blobs[self.pieces]

    @cached_property
    def _blob_lengths(self) -> Numbers:
        return np.bincount(self.piece_blobs, weights=self.piece_lengths, minlength=self.index.blob_count)

    @cached_property
    def queries(self) -> dict[str, dict[str, float]]:
        """The texts that are asked for: term to weight."""
        report = self.report
        counted = {
            "report": count_terms(report.text),
            "title": count_terms(report.title),
            "prose": count_terms(report.prose),
            "code": count_terms(report.code),
            "cause": count_terms(f"{report.without_traces}\n{report.hints}"),
        }
        queries = {name: query_weights(words_only(terms)) for name, terms in counted.items()}
        first = query_weights(words_only(count_terms(report.first_paragraph)))
        ticked = query_weights(words_only(count_terms("\n".join(report.ticked))))
        parts = ((queries["title"], 2.0), (first, 1.0), (queries["prose"], 1.0), (ticked, 0.5), (queries["code"], 0.8))
        mixed: dict[str, float] = defaultdict(float)
        for query, share in parts:
            for term, weight in query.items():
                mixed[term] += share * weight
        queries["mixed"] = dict(mixed)
        hints = query_weights(words_only(count_terms(report.hints)))
        queries["hinted"] = {term: mixed.get(term, 0.0) + hints.get(term, 0.0) for term in {**mixed, **hints}}
        queries["ticked"] = ticked
        queries["names"] = query_weights({term: n for term, n in counted["report"].items() if term.startswith("=")})
        return queries

    @cached_property
    def terms(self) -> list[str]:
        """The terms of all queries."""
        return list(dict.fromkeys(term for query in self.queries.values() for term in query))

    @cached_property
    def piece_hits(self) -> Hits:
        """Where the terms occur in `pieces`."""
        return find_hits(self.index.segments, self.terms, self._documents)

    @cached_property
    def _piece_hits(self) -> tuple[Hits, Numbers]:
        hits = self.piece_hits
        return hits, term_weights(hits, self.piece_lengths, len(self.pieces), len(self.terms), PIECE_LENGTH_WEIGHT)

    @cached_property
    def _blob_hits(self) -> tuple[Hits, Numbers]:
        total = max(self.index.blob_count, 1)
        hits = group_hits(self._piece_hits[0], self.piece_blobs, total)
        blobs = np.unique(self.blobs[self.blobs >= 0])
        return hits, term_weights(hits, self._blob_lengths, len(blobs), len(self.terms), FILE_LENGTH_WEIGHT)

    def piece_scores(self, query: str) -> Numbers:
        """BM25 of each of `pieces` with one of the queries."""
        return self._both(query)[0]

    def file_scores(self, query: str) -> Numbers:
        """BM25 of each candidate's whole text with one of the queries."""
        return self._both(query)[1]

    def _both(self, query: str) -> tuple[Numbers, Numbers]:
        if query not in self._scored:
            weights = self.term_weights_of(query)
            hits, worth = self._piece_hits
            pieces = score(hits, worth, weights, len(self.pieces))
            hits, worth = self._blob_hits
            of_blob = score(hits, worth, weights, self.index.blob_count + 1)
            self._scored[query] = pieces, of_blob[self.blobs]  # -1 is the last, which is empty
        return self._scored[query]

    def piece_coverage(self, query: str) -> Numbers:
        """For each of `pieces` the share of a query's rarity that it covers at all."""
        return self._coverage(query, self._piece_hits[0], len(self.pieces))

    def file_coverage(self, query: str) -> Numbers:
        """For each candidate the share of a query's rarity that its text covers at all."""
        covered = self._coverage(query, self._blob_hits[0], self.index.blob_count + 1)
        return covered[self.blobs]

    def _coverage(self, query: str, hits: Hits, size: int) -> Numbers:
        """Rarity is that of terms among files: what a title says is rare if few files say it."""
        asked = np.array([term in self.queries[query] for term in self.terms], dtype=np.float64)
        worth = asked * self.rarity
        whole = float(worth.sum())
        return np.bincount(hits.documents, weights=worth[hits.terms], minlength=size) / (whole if whole > 0 else 1.0)

    @cached_property
    def rarity(self) -> Numbers:
        """How rare each of `terms` is among the candidates' texts."""
        frequencies = np.bincount(self._blob_hits[0].terms, minlength=len(self.terms))
        total = len(np.unique(self.blobs[self.blobs >= 0]))
        found: Numbers = np.log1p((total - frequencies + 0.5) / (frequencies + 0.5))
        return found

    def term_weights_of(self, query: str) -> Numbers:
        """The weight of each of `terms` in one of the queries."""
        return np.array([self.queries[query].get(term, 0.0) for term in self.terms])

    def name_fit(self, query: str) -> Numbers:
        """For each definition how well the words of its name fit a query: covered share times the root of what is covered."""
        index, terms = self.index, [term for term in self.queries[query] if not term.startswith("=")]
        total = len(index.definition_blobs)
        hits = find_hits(index.name_postings, terms, index.definition_documents)
        if not len(hits.terms):
            return np.zeros(total)
        frequencies = np.bincount(hits.terms, minlength=len(terms))
        covered = np.bincount(hits.documents, weights=np.log(1 + total / (1 + frequencies))[hits.terms], minlength=total)
        found: Numbers = covered / np.maximum(index.name_rarity, 1e-9) * np.sqrt(covered)
        return found

    def best_piece_scores(self, files: Numbers) -> Numbers:
        """BM25 of the best piece of each of these files with the report, as if there were no others."""
        index, query = self.index, self.queries["report"]
        wanted = np.zeros(index.blob_count + 1, dtype=bool)
        wanted[index.file_blobs[files]] = True
        pieces = np.flatnonzero(wanted[index.piece_blobs])
        places = np.full(len(index.piece_blobs) + 1, -1, dtype=np.int64)
        places[pieces] = np.arange(len(pieces))
        hits = find_hits(index.segments, list(query), places[index.piece_documents])
        weights = term_weights(hits, index.piece_lengths[pieces], len(pieces), len(query), PIECE_LENGTH_WEIGHT)
        best = np.zeros(index.blob_count + 1)
        np.maximum.at(best, index.piece_blobs[pieces], score(hits, weights, np.array(list(query.values())), len(pieces)))
        found: Numbers = best[index.file_blobs[files]]
        return found

    def of_files(self, by_blob: Numbers) -> Numbers:
        """Values of blobs, for the candidates; 0 where nothing was parsed."""
        found: Numbers = np.append(by_blob, 0.0)[self.blobs]
        return found

    def empty(self) -> Numbers:
        return np.zeros(len(self.files))


def words_only(counted: dict[str, int]) -> Counter[str]:
    """Without the terms of whole identifiers."""
    return Counter({term: count for term, count in counted.items() if not term.startswith("=")})
