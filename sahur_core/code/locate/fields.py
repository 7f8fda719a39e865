"""BM25 over several fields: the text of a piece, the words of its name, and those of its file's path.

A word in a name or path counts as often as `NAME_TIMES` and `PATH_TIMES` say (Robertson, Zaragoza and Taylor, "Simple BM25
extension to multiple weighted fields", 2004). How rare a word is, is counted over files.
"""

from __future__ import annotations

import numpy as np

from sahur_core.code.index.arrays import Numbers, expand
from sahur_core.code.index.scoring import Hits, find_hits
from sahur_core.code.locate.case import Case

NAME_TIMES, PATH_TIMES = 6.0, 6.0
K1, LENGTH_WEIGHT = 2.5, 0.6
SHARES = (1.0, 0.5, 0.33, 0.2, 0.2)
"""What the best pieces of a file count for it."""


class FieldScores:
    """Scores of `case.pieces` and of the candidates with any of the case's queries."""

    def __init__(self, case: Case) -> None:
        self._case = case
        text = case.piece_hits
        size = max(len(case.pieces), 1)
        names, name_lengths = self._names()
        paths, path_lengths = self._paths()
        keys = np.concatenate([hits.terms * size + hits.documents for hits in (text, names, paths)])
        counts = np.concatenate([text.counts, NAME_TIMES * names.counts, PATH_TIMES * paths.counts])
        pairs, inverse = np.unique(keys, return_inverse=True)
        self._terms, self._pieces = pairs // size, pairs % size
        counts = np.bincount(inverse, weights=counts, minlength=len(pairs))
        lengths = case.piece_lengths + NAME_TIMES * name_lengths + PATH_TIMES * path_lengths
        mean = float(lengths.mean()) if len(lengths) else 1.0
        norms = K1 * (1 - LENGTH_WEIGHT + LENGTH_WEIGHT * lengths / max(mean, 1e-9))
        self._worth = case.rarity[self._terms] * counts / (counts + norms[self._pieces])

    def pieces(self, query: str) -> Numbers:
        """The score of each piece."""
        weights = self._case.term_weights_of(query)
        return np.bincount(self._pieces, weights=self._worth * weights[self._terms], minlength=len(self._case.pieces))

    def _names(self) -> tuple[Hits, Numbers]:
        case, index = self._case, self._case.index
        definitions = index.piece_definitions[case.pieces]
        places = np.full(len(index.definition_blobs) + 1, -1, dtype=np.int64)
        named = np.flatnonzero(definitions >= 0)[::-1]
        places[definitions[named]] = named
        hits = find_hits(index.name_postings, case.terms, places[index.definition_documents])
        lengths = np.append(index.name_lengths, 0.0)[definitions]
        return hits, lengths

    def _paths(self) -> tuple[Hits, Numbers]:
        """Each piece has the words of the path of one file that its blob is in."""
        case, index = self._case, self._case.index
        starts = np.searchsorted(case.piece_blobs, np.arange(index.blob_count + 1))
        terms: list[int] = []
        blobs: list[int] = []
        for number, term in enumerate(case.terms):
            for file in index.files_by_path_word.get(term, ()):
                if case.place_of_file[file] >= 0 and index.file_blobs[file] >= 0:
                    terms.append(number)
                    blobs.append(int(index.file_blobs[file]))
        groups = np.array(blobs, dtype=np.int64)
        pieces = expand(starts, groups)
        repeated = np.repeat(np.array(terms, dtype=np.int64), starts[groups + 1] - starts[groups])
        lengths = np.array([len(words) for words in index.path_words], dtype=np.float64)
        hits = Hits(repeated, pieces, np.ones(len(pieces)))
        return hits, lengths[index.blob_files[case.piece_blobs]] if len(case.pieces) else np.zeros(0)
