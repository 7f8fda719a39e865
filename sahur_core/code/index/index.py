"""The index of a repository at one commit: its files, definitions and imports, its past, and ranked search.

An index is a view: the list of a commit's files over segments that hold what was parsed out of each blob (`segment.py`),
and the list of its ancestors over what was read of each commit (`history.py`). Immutable once opened, safe to share
between threads and to keep in memory; the arrays are mapped, so that processes share them.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np

from sahur_core.code.index.arrays import Arrays, Numbers, TextReader, expand
from sahur_core.code.index.history import History
from sahur_core.code.index.import_graph import ImportedName, ImportGraph
from sahur_core.code.index.parsing import PieceKind
from sahur_core.code.index.phrases import phrase_table
from sahur_core.code.index.ranking import split_word, stem
from sahur_core.code.index.scoring import find_hits, query_weights, score, term_weights
from sahur_core.code.index.segment import KINDS
from sahur_core.code.index.terms import count_terms, term_number
from sahur_core.code.index.view import ROLES, View
from sahur_core.code.languages.roles import Role
from sahur_core.code.records import Chunk, SearchHit, Symbol
from sahur_core.code.traces.path_map import PathMap

ROLE_WEIGHTS: dict[Role, float] = {"source": 1.0, "data": 0.6, "document": 0.4, "test": 0.35}
"""How much a hit counts by the role of its file: causes are in source, tests speak the report's words too."""
PIECE_LENGTH_WEIGHT = 0.6
"""How much a long piece has to hold more of a word than a short one (BM25's b)."""
_PIECE_NAMES = {PieceKind.LINES: "lines", PieceKind.MODULE: "module"}


class CodeIndex(View):
    """See the module."""

    def __init__(self, commit: str, view: Arrays, segments: Sequence[Arrays], history: History) -> None:
        super().__init__(view, segments)
        self.commit = commit
        self.history = history

    @cached_property
    def file_of_path(self) -> dict[str, int]:
        return {path: number for number, path in enumerate(self.paths)}

    @cached_property
    def file_weights(self) -> Numbers:
        return np.array([ROLE_WEIGHTS[role] for role in ROLES])[self.roles]

    @cached_property
    def path_words(self) -> list[frozenset[str]]:
        """The stemmed words of each path without its suffix."""
        return [frozenset(stem([word for part in _path_parts(path) for word in split_word(part)])) for path in self.paths]

    @cached_property
    def files_by_path_word(self) -> dict[str, list[int]]:
        """The files whose path has a word."""
        found: dict[str, list[int]] = defaultdict(list)
        for number, words in enumerate(self.path_words):
            for word in words:
                found[word].append(number)
        return found

    @cached_property
    def path_map(self) -> PathMap:
        """Finds the file that a path in a report or stack trace means."""
        return PathMap(self.paths)

    def chunk(self, piece: int) -> Chunk:
        """A piece as people and tools see it."""
        definition = int(self.piece_definitions[piece])
        start, end = (int(line) for line in self.piece_spans[piece])
        kind = PieceKind(int(self.piece_kinds[piece]))
        path = self.paths[int(self.blob_files[self.piece_blobs[piece]])]
        if definition < 0:
            return Chunk(path=path, name="", kind=_PIECE_NAMES[kind], start=start, end=end)
        name, what = self.definition_name(definition), KINDS[int(self.definition_kinds[definition])]
        return Chunk(path=path, name=name, kind=what, start=start, end=end)

    def search(self, query: str, limit: int = 10) -> list[SearchHit]:
        """Pieces by BM25 over their words and parts of identifiers, tests and documents below source."""
        counted = query_weights(count_terms(query))
        pieces = len(self.piece_blobs)
        if not counted or not pieces:
            return []
        hits = find_hits(self.segments, list(counted), self.piece_documents)
        weights = term_weights(hits, self.piece_lengths, pieces, len(counted), PIECE_LENGTH_WEIGHT)
        scores = score(hits, weights, np.array(list(counted.values())), pieces)
        files = self.blob_files[self.piece_blobs]
        scores = scores * self.file_weights[files]
        best = _first(np.round(scores, 4), max(0, limit), files, self.piece_spans[:, 0])
        return [SearchHit(chunk=self.chunk(piece), score=round(float(scores[piece]), 4)) for piece in best]

    def known_words(self, words: Iterable[str]) -> set[str]:
        """Those words that any file uses, in any form."""
        terms = {word: list(count_terms(word)) for word in words}
        every = list(dict.fromkeys(term for of_word in terms.values() for term in of_word))
        hits = find_hits(self.segments, every, self.piece_documents)
        there = {every[int(place)] for place in np.unique(hits.terms)}
        return {word for word, of_word in terms.items() if there.intersection(of_word)}

    def source_files_with(self, words: Sequence[str], most: int) -> list[str] | None:
        """The source files that hold one of the words, to look for it there alone.

        None where that cannot be told or does not help: a word that is not searched, or more files than `most`.
        """
        files: set[int] = set()
        for word in words:
            terms = list(count_terms(word))
            hits = find_hits(self.segments, terms, self.piece_documents)
            blobs = self.piece_blobs[hits.documents]
            pairs = np.unique(hits.terms * self.blob_count + blobs)
            found = np.flatnonzero(np.bincount(pairs % max(self.blob_count, 1), minlength=self.blob_count) == len(terms))
            if not terms or len(found) > most:
                return None
            files |= set(self.blob_files[found].tolist())
        return sorted(self.paths[file] for file in files if self.roles[file] == ROLES.index("source"))

    # ---- definitions, imports, texts

    def definitions_of(self, bare_name: str) -> Numbers:
        """The definitions with this last part of their name, in the order of files."""
        hashes, order = self._definition_order
        number = np.uint64(term_number(bare_name))
        return order[np.searchsorted(hashes, number, "left") : np.searchsorted(hashes, number, "right")]

    def defines(self, bare_name: str) -> bool:
        return len(self.definitions_of(bare_name)) > 0

    def definition_name(self, definition: int) -> str:
        texts, segment, row = self._definition_place(definition)
        return texts[int(segment["definition_names"][row])]

    def definition_bases(self, definition: int) -> list[str]:
        """The names of its base classes, as written."""
        texts, segment, row = self._definition_place(definition)
        starts = segment["base_starts"]
        return texts.many(segment["base_names"][starts[row] : starts[row + 1]])

    def _definition_place(self, definition: int) -> tuple[TextReader, Arrays, int]:
        ends = self._definition_ends
        number = int(np.searchsorted(ends, definition, side="right"))
        before = int(ends[number - 1]) if number else 0
        return self._texts[number], self.segments[number], int(self._definition_rows[number][definition - before])

    @cached_property
    def _definition_ends(self) -> Numbers:
        return np.cumsum([len(rows) for rows in self._definition_rows])

    def symbol(self, definition: int, file: int | None = None) -> Symbol:
        """A definition as people and tools see it, in one of the files that have its blob."""
        texts, segment, row = self._definition_place(definition)
        place = self.blob_files[self.definition_blobs[definition]] if file is None else file
        start, end = (int(line) for line in segment["definition_spans"][row])
        name, doc = texts.many((segment["definition_names"][row], segment["definition_docs"][row]))
        kind = KINDS[int(segment["definition_kinds"][row])]
        # Our own data: validating it again would take most of the time of listing many.
        return Symbol.model_construct(path=self.paths[int(place)], name=name, kind=kind, start=start, end=end, doc=doc)

    def symbols(self, path: str = "", name: str = "") -> list[Symbol]:
        """Definitions in the file or folder `path`, or called `name` (bare or qualified), or both."""
        path = path.strip("/")
        if name:
            found = [self._symbols_of(int(number)) for number in self.definitions_of(name.rsplit(".", 1)[-1])]
            listed = [symbol for group in found for symbol in group]
            listed = [s for s in listed if "." not in name or s.name == name or s.name.endswith("." + name)]
            return sorted((s for s in listed if _is_below(s.path, path)), key=lambda s: (s.path, s.start))
        file = self.file_of_path.get(path)
        files = [file] if file is not None else [n for n, each in enumerate(self.paths) if _is_below(each, path)]
        return [symbol for number in files for symbol in self._symbols_in(number)]

    def _symbols_of(self, definition: int) -> list[Symbol]:
        blob = self.definition_blobs[definition]
        return [self.symbol(definition, int(file)) for file in np.flatnonzero(self.file_blobs == blob)]

    def _symbols_in(self, file: int) -> list[Symbol]:
        blob = int(self.file_blobs[file])
        if blob < 0:
            return []
        first, last = self.definition_starts[blob : blob + 2]
        return [self.symbol(number, file) for number in range(int(first), int(last))]

    def chunks_of(self, path: str) -> list[Chunk]:
        """The pieces of one file."""
        file = self.file_of_path.get(path)
        if file is None or self.file_blobs[file] < 0:
            return []
        first, last = np.searchsorted(self.piece_blobs, (self.file_blobs[file], self.file_blobs[file] + 1))
        return [self.chunk(piece).model_copy(update={"path": path}) for piece in range(int(first), int(last))]

    @cached_property
    def imports(self) -> list[list[ImportedName]]:
        """What each blob imports."""
        found: list[list[ImportedName]] = []
        for segment, texts, blobs in zip(self.segments, self._texts, self._in_segment, strict=True):
            starts = segment["import_starts"]
            known = dict.fromkeys(segment["imports"][expand(starts, blobs)].ravel().tolist())
            text = {number: texts[number] for number in known}
            for blob in blobs:
                rows = segment["imports"][starts[blob] : starts[blob + 1]].tolist()
                found.append([ImportedName(text[module], text[name], text[alias]) for module, name, alias in rows])
        return found

    @cached_property
    def templates(self) -> list[tuple[str, int, str]]:
        """Path, line and template of each text that the source can write."""
        found: list[tuple[str, int, str]] = []
        source = np.flatnonzero(self.roles == ROLES.index("source"))
        rows = self._rows("template_starts")
        blobs = np.repeat(np.arange(self.blob_count), self._lengths("template_starts"))
        lines = self._column(rows, "template_lines").tolist()
        texts = [
            text[int(number)]
            for segment, text, row in zip(self.segments, self._texts, rows, strict=True)
            for number in segment["template_texts"][row]
        ]
        files = dict(zip(self.file_blobs[source][::-1].tolist(), source[::-1].tolist(), strict=True))
        for blob, line, template in zip(blobs.tolist(), lines, texts, strict=True):
            if blob in files:
                found.append((self.paths[files[blob]], line, template))
        return found

    @cached_property
    def phrases(self) -> dict[str, list[str]]:
        """The files that can write each phrase of their texts."""
        return phrase_table(self.templates)

    @cached_property
    def graph(self) -> ImportGraph:
        """Which file imports which."""
        return ImportGraph(self.paths, self.file_blobs, self.imports)

    @cached_property
    def languages(self) -> Counter[str]:
        """How many files there are of each language."""
        numbers: Counter[str] = Counter()
        for segment, texts, blobs in zip(self.segments, self._texts, self._in_segment, strict=True):
            for number, count in Counter(segment["blob_languages"][blobs].tolist()).items():
                numbers[texts[number]] += count
        return numbers


def _path_parts(path: str) -> list[str]:
    folder, _, name = path.rpartition("/")
    return re.split(r"[/.\-]", f"{folder}/{name.rsplit('.', 1)[0]}")


def _is_below(path: str, folder: str) -> bool:
    return not folder or path == folder or path.startswith(folder + "/")


def _first(scores: Numbers, limit: int, files: Numbers, lines: Numbers) -> list[int]:
    """The places of the greatest scores above 0, in their order; ties by file and line, however the index was built."""
    if limit < len(scores) // 4:
        bound = np.partition(scores, len(scores) - limit - 1)[len(scores) - limit - 1] if limit else np.inf
        among = np.flatnonzero((scores >= bound) & (scores > 0))
    else:
        among = np.flatnonzero(scores > 0)
    return [int(place) for place in among[np.lexsort((lines[among], files[among], -scores[among]))][:limit]]
