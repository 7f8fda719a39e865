"""Columns of what is known at one commit, over all segments: its blobs, their pieces and their definitions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise

import numpy as np

from sahur_core.code.index.arrays import Arrays, Numbers, TextReader, expand, starts_of
from sahur_core.code.index.segment import name_postings
from sahur_core.code.languages.roles import Role

ROLES: tuple[Role, ...] = ("source", "data", "document", "test")


class View:
    """Files are numbered by their place in `paths`, blobs and pieces and definitions by that in here."""

    def __init__(self, view: Arrays, segments: Sequence[Arrays]) -> None:
        self.paths: list[str] = TextReader(view).all()
        """Every file that is looked at, in their order in the tree; of very large and binary ones only the name."""
        self.roles: Numbers = view["roles"]
        """For each file the place of its role in `ROLES`."""
        self.segments = segments
        self._texts = [TextReader(segment) for segment in segments]
        offsets = np.cumsum([0, *(len(segment["keys"]) for segment in segments)])
        keys = np.concatenate([np.zeros(0, dtype=np.uint64), *(segment["keys"] for segment in segments)])
        order = np.argsort(keys, kind="stable")
        rows = np.full(len(self.paths), -1, dtype=np.int64)
        if len(keys):
            places = np.minimum(np.searchsorted(keys[order], view["keys"]), len(keys) - 1)
            rows = np.where(keys[order][places] == view["keys"], order[places], -1)
        self._blob_rows = np.unique(rows[rows >= 0])
        self.file_blobs: Numbers = np.where(rows >= 0, np.searchsorted(self._blob_rows, np.maximum(rows, 0)), -1)
        """For each file its blob; -1 where nothing was parsed."""
        self._in_segment = [
            self._blob_rows[(self._blob_rows >= a) & (self._blob_rows < b)] - a for a, b in pairwise(offsets.tolist())
        ]

    # ---- blobs and files

    @property
    def blob_count(self) -> int:
        return len(self._blob_rows)

    @cached_property
    def blob_files(self) -> Numbers:
        """For each blob one file that has it: source before others, then the first by path."""
        files = np.zeros(self.blob_count, dtype=np.int64)
        there = np.flatnonzero(self.file_blobs >= 0)
        by_role = there[np.lexsort((there, self.roles[there]))][::-1]
        files[self.file_blobs[by_role]] = by_role
        return files

    @cached_property
    def blob_lines(self) -> Numbers:
        return self._blob_column("blob_lines")

    # ---- pieces

    @cached_property
    def _piece_rows(self) -> list[Numbers]:
        return self._rows("piece_starts")

    @cached_property
    def piece_documents(self) -> Numbers:
        """For each document of the segments' postings the number of its piece; -1 for those of other commits."""
        return self._numbered(self._piece_rows, "lengths")

    @cached_property
    def piece_blobs(self) -> Numbers:
        """For each piece its blob; pieces of a blob follow each other."""
        return np.repeat(np.arange(self.blob_count), self._lengths("piece_starts"))

    @cached_property
    def piece_kinds(self) -> Numbers:
        return self._column(self._piece_rows, "piece_kinds")

    @cached_property
    def piece_lengths(self) -> Numbers:
        """How many terms each piece has."""
        return self._column(self._piece_rows, "lengths").astype(np.float64)

    @cached_property
    def piece_spans(self) -> Numbers:
        """First and last line of each piece."""
        return self._column(self._piece_rows, "piece_spans")

    @cached_property
    def piece_definitions(self) -> Numbers:
        """For each piece the definition that it is the text of; -1 for none."""
        local = self._column(self._piece_rows, "piece_definitions").astype(np.int64)
        return np.where(local >= 0, self.definition_starts[self.piece_blobs] + local, -1)

    @cached_property
    def _definition_rows(self) -> list[Numbers]:
        return self._rows("definition_starts")

    @cached_property
    def definition_starts(self) -> Numbers:
        """The definitions of blob b are those from `definition_starts[b]` up to `definition_starts[b + 1]`."""
        return starts_of(self._lengths("definition_starts"))

    @cached_property
    def definition_blobs(self) -> Numbers:
        return np.repeat(np.arange(self.blob_count), np.diff(self.definition_starts))

    @cached_property
    def name_postings(self) -> list[Arrays]:
        """Postings whose documents are definitions, by the words of their names."""
        return [name_postings(segment) for segment in self.segments]

    @cached_property
    def definition_documents(self) -> Numbers:
        """For each document of `name_postings` the number of its definition; -1 for those of other commits."""
        return self._numbered(self._definition_rows, "name_lengths")

    @cached_property
    def name_lengths(self) -> Numbers:
        """How many words the name of each definition has."""
        found = np.zeros(len(self.definition_blobs))
        every = np.concatenate([np.zeros(0, dtype=np.float32), *(part["lengths"] for part in self.name_postings)])
        known = self.definition_documents >= 0
        found[self.definition_documents[known]] = every[known]
        return found

    @cached_property
    def name_rarity(self) -> Numbers:
        """For each definition the rarity of all words of its name together, whole identifiers left out."""
        total = len(self.definition_blobs)
        documents: list[Numbers] = []
        terms: list[Numbers] = []
        offset = 0
        for part in self.name_postings:
            mapped = self.definition_documents[offset + part["documents"]]
            alive = mapped >= 0
            documents.append(mapped[alive])
            terms.append(np.repeat(part["terms"], np.diff(part["posting_starts"]))[alive])
            offset += len(part["lengths"])
        if not documents:
            return np.zeros(total)
        _, places, frequencies = np.unique(np.concatenate(terms), return_inverse=True, return_counts=True)
        rarity = np.log(1 + total / (1 + frequencies))
        return np.bincount(np.concatenate(documents), weights=rarity[places], minlength=total)

    @cached_property
    def definition_kinds(self) -> Numbers:
        """For each definition the place of its kind in `segment.KINDS`."""
        return self._column(self._definition_rows, "definition_kinds")

    @cached_property
    def definition_spans(self) -> Numbers:
        return self._column(self._definition_rows, "definition_spans")

    @cached_property
    def _definition_order(self) -> tuple[Numbers, Numbers]:
        hashes = self._column(self._definition_rows, "definition_hashes")
        order = np.argsort(hashes, kind="stable")
        return hashes[order], order

    # ---- columns over all segments

    def _rows(self, starts: str) -> list[Numbers]:
        pairs = zip(self.segments, self._in_segment, strict=True)
        return [expand(segment[starts], blobs) for segment, blobs in pairs]

    def _numbered(self, rows: Sequence[Numbers], lengths: str) -> Numbers:
        """For each document of the segments' postings its number among `rows`, which are all of this commit; -1 for others."""
        found = np.full(sum(len(segment[lengths]) for segment in self.segments), -1, dtype=np.int64)
        number = offset = 0
        for segment, there in zip(self.segments, rows, strict=True):
            found[offset + there] = np.arange(number, number + len(there))
            number += len(there)
            offset += len(segment[lengths])
        return found

    def _lengths(self, starts: str) -> Numbers:
        pairs = zip(self.segments, self._in_segment, strict=True)
        found = [segment[starts][blobs + 1] - segment[starts][blobs] for segment, blobs in pairs]
        return np.concatenate([np.zeros(0, dtype=np.int64), *found])

    def _column(self, rows: Sequence[Numbers], name: str) -> Numbers:
        found = [segment[name][row] for segment, row in zip(self.segments, rows, strict=True)]
        return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)

    def _blob_column(self, name: str) -> Numbers:
        return self._column(self._in_segment, name)
