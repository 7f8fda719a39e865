"""A segment: what was parsed out of some blobs, as arrays. Segments are written once, and later merged into larger ones.

A blob is known by `blob_key`: the same bytes are parsed anew under a name of another language, and only then. Rows of a
blob's pieces, definitions, imports and templates follow each other, `*_starts` say where they begin.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sahur_core.code.index.arrays import Arrays, Numbers, Texts, starts_of
from sahur_core.code.index.parsing import ParsedFile
from sahur_core.code.index.postings import build_postings, merge_postings
from sahur_core.code.index.terms import Vocabulary, term_number
from sahur_core.code.languages.outline import language_of

KINDS = ("variable", "function", "method", "class")
MAX_TOKENS = 2_500_000
"""A segment is closed at so many words: what is held in memory while it is built stays below some 200 MB."""
NAMES = "name_"
"""Begins the names of the arrays of `name_postings`."""
_GROUPS = ("piece", "definition", "import", "template")
_ROWS = {
    "piece": ("piece_kinds", "piece_definitions", "piece_spans"),
    "definition": ("definition_names", "definition_kinds", "definition_spans", "definition_docs", "definition_hashes"),
    "import": ("imports",),
    "template": ("template_lines", "template_texts"),
}
_TEXT_COLUMNS = ("blob_languages", "definition_names", "definition_docs", "base_names", "imports", "template_texts")


def blob_key(blob: str, path: str) -> int:
    """The key of a blob's sha under the language of a path."""
    return int(blob[:16], 16) ^ term_number(f"language:{language_of(path)}")


class SegmentWriter:
    """Gathers parsed files. `size` is the number of words so far."""

    def __init__(self) -> None:
        self._texts = Texts()
        self._vocabulary = Vocabulary()
        self._names = Vocabulary(wholes=False)
        self._name_documents: list[Numbers] = []
        self._documents: list[Numbers] = []
        self._keys: list[int] = []
        self._blobs: list[tuple[int, int]] = []
        self._counts: list[tuple[int, int, int, int]] = []
        self._pieces: list[tuple[int, int, int, int]] = []
        self._definitions: list[tuple[int, int, int, int, int]] = []
        self._hashes: list[int] = []
        self._bases: list[list[int]] = []
        self._imports: list[tuple[int, int, int]] = []
        self._templates: list[tuple[int, int]] = []
        self.size = 0

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, key: int, parsed: ParsedFile) -> None:
        text = self._texts.add
        self._keys.append(key)
        self._blobs.append((text(parsed.language), parsed.lines))
        self._counts.append((len(parsed.pieces), len(parsed.definitions), len(parsed.imports), len(parsed.templates)))
        for piece in parsed.pieces:
            self._pieces.append((piece.kind, piece.definition, piece.start, piece.end))
            document = self._vocabulary.encode(piece.text)
            self._documents.append(document)
            self.size += len(document)
        for entry in parsed.definitions:
            self._definitions.append((text(entry.name), KINDS.index(entry.kind), entry.start, entry.end, text(entry.doc)))
            self._hashes.append(term_number(entry.name.rsplit(".", 1)[-1]))
            self._name_documents.append(self._names.encode(entry.name.replace(".", " ")))
            self._bases.append([text(base) for base in entry.bases])
        self._imports += [(text(entry.module), text(entry.name), text(entry.alias)) for entry in parsed.imports]
        self._templates += [(line, text(template)) for line, template in parsed.templates]

    def arrays(self) -> Arrays:
        blobs, pieces = _table(self._blobs, 2), _table(self._pieces, 4)
        definitions, templates = _table(self._definitions, 5), _table(self._templates, 2)
        counts = _table(self._counts, 4)
        arrays: Arrays = {
            "keys": np.array(self._keys, dtype=np.uint64),
            "blob_languages": blobs[:, 0],
            "blob_lines": blobs[:, 1],
            "piece_kinds": pieces[:, 0].astype(np.uint8),
            "piece_definitions": pieces[:, 1],
            "piece_spans": pieces[:, 2:],
            "definition_names": definitions[:, 0],
            "definition_kinds": definitions[:, 1].astype(np.uint8),
            "definition_spans": definitions[:, 2:4],
            "definition_docs": definitions[:, 4],
            "definition_hashes": np.array(self._hashes, dtype=np.uint64),
            "base_starts": starts_of([len(bases) for bases in self._bases]),
            "base_names": np.array([base for bases in self._bases for base in bases], dtype=np.int32),
            "imports": _table(self._imports, 3),
            "template_lines": templates[:, 0],
            "template_texts": templates[:, 1],
        }
        for column, group in enumerate(_GROUPS):
            arrays[f"{group}_starts"] = starts_of(counts[:, column])
        names = build_postings(self._names, self._name_documents)
        arrays |= {f"{NAMES}{key}": array for key, array in names.items()}
        return arrays | self._texts.arrays() | build_postings(self._vocabulary, self._documents)


def merge_segments(parts: Sequence[Arrays]) -> Arrays:
    """One segment with the blobs of all parts, which must not share any."""
    merged: Arrays = {name: np.concatenate([part[name] for part in parts]) for name in ("keys", "blob_lines")}
    text_offsets = np.cumsum([0, *(len(part["text_offsets"]) - 1 for part in parts)])
    for group in _GROUPS:
        merged[f"{group}_starts"] = _joined_starts([part[f"{group}_starts"] for part in parts])
        merged |= {name: np.concatenate([part[name] for part in parts]) for name in _ROWS[group]}
    merged["base_starts"] = _joined_starts([part["base_starts"] for part in parts])
    for name in _TEXT_COLUMNS:
        columns = [part[name] + np.int32(offset) for part, offset in zip(parts, text_offsets, strict=False)]
        merged[name] = np.concatenate(columns).astype(np.int32)
    merged["text_bytes"] = np.concatenate([part["text_bytes"] for part in parts])
    merged["text_offsets"] = _joined_starts([part["text_offsets"] for part in parts])
    names = merge_postings([name_postings(part) for part in parts])
    return merged | {f"{NAMES}{key}": array for key, array in names.items()} | merge_postings(parts)


def name_postings(segment: Arrays) -> Arrays:
    """The postings whose documents are the segment's definitions, by the words of their names."""
    return {key.removeprefix(NAMES): array for key, array in segment.items() if key.startswith(NAMES)}


def _joined_starts(parts: Sequence[Numbers]) -> Numbers:
    return starts_of(np.concatenate([np.diff(part) for part in parts]))


def _table(rows: Sequence[tuple[int, ...]], width: int) -> Numbers:
    return np.array(rows, dtype=np.int32).reshape(len(rows), width)


def known_keys(segments: Sequence[Arrays]) -> Numbers:
    """The keys of all blobs, sorted."""
    return np.sort(np.concatenate([np.zeros(0, dtype=np.uint64), *(segment["keys"] for segment in segments)]))
