"""The index of one commit: its symbols and its searchable chunks.

On disk, below `<repository dir>/index`:

* `blobs/<xx>.json`      what was parsed out of each blob whose name begins with xx: a new commit parses only new blobs
* `commits/<sha>/`       paths, symbols and chunks (`tree.json`) and two BM25 rankers (NumPy arrays and JSON)

Both are written beside their place and renamed, so that a reader or a kill never meets a half-written one.
"""

from __future__ import annotations

import json
import os
import shutil
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from sahur_core.code.git.clone import locked
from sahur_core.code.git.repository import Repository, TreeEntry
from sahur_core.code.index.ranking import Ranker
from sahur_core.code.index.ranking import words as words_of
from sahur_core.code.languages.messages import find_templates
from sahur_core.code.languages.symbols import Role, decode_source, parse_file, role_of
from sahur_core.code.records import Chunk, SearchHit, Symbol
from sahur_core.code.traces.traceback import PathMap
from sahur_core.errors import IndexNotReady

FORMAT = 1
"""Raised whenever what is stored changes its meaning; indexes of another format are built anew."""
MAX_FILE_BYTES = 512 * 1024
"""Larger files are generated or data; they can be read and grepped, but are not ranked."""
MAX_FILES = 40_000
_SKIPPED_FOLDERS = frozenset({"node_modules", "vendor", "third_party", ".venv", "site-packages", "dist", "__pycache__"})
_SKIPPED_SUFFIXES = (".min.js", ".min.css", ".map", ".lock", "package-lock.json", ".svg", ".ipynb", ".snap")
ROLE_WEIGHTS: dict[Role, float] = {"source": 1.0, "data": 0.6, "document": 0.4, "test": 0.35}
"""How much a hit counts by the role of its file: causes are in source, tests speak the report's words too."""


class CodeIndex:
    """An opened index: immutable, safe to share between threads and to keep in memory."""

    def __init__(self, commit: str, tree: dict[str, Any], chunk_ranker: Ranker, file_ranker: Ranker) -> None:
        self.commit = commit
        self.paths: list[str] = tree["paths"]
        """Every indexed file."""
        self.chunk_ranker, self.file_ranker = chunk_ranker, file_ranker
        # Our own data: validating it again would take most of the time of opening a large index.
        self._symbols = [
            Symbol.model_construct(path=self.paths[row[0]], **_fields(row, "name", "kind", "start", "end", "doc"))
            for row in tree["symbols"]
        ]
        self.chunks = [
            Chunk.model_construct(path=self.paths[row[0]], **_fields(row, "name", "kind", "start", "end"))
            for row in tree["chunks"]
        ]
        self.chunk_files = np.array([row[0] for row in tree["chunks"]], dtype=int)
        """For each chunk, the position of its file in `paths`."""
        weights = [ROLE_WEIGHTS[role_of(path)] for path in self.paths]
        self.file_weights = np.array(weights, dtype=float)
        self.templates: list[tuple[str, int, str]] = [(self.paths[row[0]], row[1], row[2]) for row in tree["templates"]]
        """Path, line and template of each text that the source can write."""
        self.path_map = PathMap(self.paths)
        self._by_path: dict[str, list[Symbol]] = defaultdict(list)
        self._by_name: dict[str, list[Symbol]] = defaultdict(list)
        for symbol in self._symbols:
            self._by_path[symbol.path].append(symbol)
            self._by_name[symbol.name.rsplit(".", 1)[-1]].append(symbol)

    def search(self, query: str, limit: int = 10) -> list[SearchHit]:
        """Chunks by BM25 over their words and parts of identifiers, tests and documents below source."""
        scores = self.chunk_ranker.scores(query)
        if len(self.chunks):
            scores = scores * self.file_weights[self.chunk_files]
        best = np.argsort(-scores, kind="stable")[: max(0, limit)]
        return [SearchHit(chunk=self.chunks[place], score=round(float(scores[place]), 4)) for place in best if scores[place] > 0]

    def symbols(self, path: str = "", name: str = "") -> list[Symbol]:
        """Definitions in the file or folder `path`, or called `name` (bare or qualified), or both."""
        path = path.strip("/")
        if name:
            found = self._by_name.get(name.rsplit(".", 1)[-1], [])
            found = [symbol for symbol in found if "." not in name or symbol.name == name or symbol.name.endswith("." + name)]
        else:
            found = self._by_path.get(path) or self._symbols
        return [symbol for symbol in found if not path or symbol.path == path or symbol.path.startswith(path + "/")]

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word of the indexed files."""
        return self.chunk_ranker.vocabulary

    def chunks_of(self, path: str) -> list[Chunk]:
        """The chunks of one file."""
        return [chunk for chunk in self.chunks if chunk.path == path]

    @property
    def names(self) -> set[str]:
        """Every bare name that is defined."""
        return set(self._by_name)


def build_index(repository: Repository, commit: str, directory: Path, progress: Callable[[str], None]) -> CodeIndex:
    """Index a commit below `<directory>/index`; only blobs not seen before are parsed. Atomic and repeatable."""
    sha = repository.resolve(commit)
    with locked(directory, progress):
        if not _is_built(directory, sha):
            entries = [entry for entry in repository.entries(sha) if _is_indexed(entry)][:MAX_FILES]
            parsed = _parsed_blobs(repository, entries, directory / "index" / "blobs", progress)
            progress(f"Ranking {len(entries)} files")
            _write_commit(directory / "index" / "commits" / sha, entries, parsed)
    return open_index(directory, sha)


def open_index(directory: Path, commit: str) -> CodeIndex:
    """The index of a full sha. Raises `IndexNotReady` if it has not been built."""
    place = directory / "index" / "commits" / commit
    if not commit.isalnum() or not _is_built(directory, commit):
        raise IndexNotReady(f"The index of {commit[:12]} has not been built.", next_step="Try again in some seconds.")
    tree = json.loads((place / "tree.json").read_text("utf-8"))
    chunk_ranker = Ranker.load(place / "chunks", len(tree["chunks"]))
    return CodeIndex(commit, tree, chunk_ranker, Ranker.load(place / "files", len(tree["paths"])))


def _is_built(directory: Path, sha: str) -> bool:
    format_file = directory / "index" / "commits" / sha / "format"
    return format_file.is_file() and format_file.read_text("ascii").strip() == str(FORMAT)


def _is_indexed(entry: TreeEntry) -> bool:
    return (
        entry.is_file
        and entry.size <= MAX_FILE_BYTES
        and not entry.path.endswith(_SKIPPED_SUFFIXES)
        and _SKIPPED_FOLDERS.isdisjoint(PurePosixPath(entry.path).parts[:-1])
    )


def _key(entry: TreeEntry) -> str:
    """The same bytes are parsed by another language under another suffix."""
    return f"{entry.blob}{PurePosixPath(entry.path).suffix.lower()}"


def _parsed_blobs(
    repository: Repository, entries: Sequence[TreeEntry], directory: Path, progress: Callable[[str], None]
) -> dict[str, Any]:
    """What is known of each entry's blob, by its key; blobs met for the first time are parsed and stored."""
    directory.mkdir(parents=True, exist_ok=True)
    shards: dict[str, dict[str, Any]] = {}
    missing: dict[str, TreeEntry] = {}
    for entry in entries:
        prefix = entry.blob[:2]
        if prefix not in shards:
            shards[prefix] = _read_shard(directory / f"{prefix}.json")
        if _key(entry) not in shards[prefix]:
            missing[_key(entry)] = entry
    todo = list(missing.values())
    changed: set[str] = set()
    for number, (entry, data) in enumerate(zip(todo, repository.read_blobs([entry.blob for entry in todo]), strict=True)):
        if number % 100 == 0:
            progress(f"Reading {number} of {len(todo)} new files")
        shards[entry.blob[:2]][_key(entry)] = _parse(entry.path, data)
        changed.add(entry.blob[:2])
    for name in changed:
        _write_atomically(directory / f"{name}.json", {"format": FORMAT, "blobs": shards[name]})
    return {_key(entry): shards[entry.blob[:2]][_key(entry)] for entry in entries}


def _read_shard(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    stored = json.loads(path.read_text("utf-8"))
    blobs: dict[str, Any] = stored["blobs"] if stored.get("format") == FORMAT else {}
    return blobs


def _parse(path: str, data: bytes) -> dict[str, Any]:
    """`symbols`: name, kind, start, end, doc; `chunks`: name, kind, start, end, words. Empty for binary files."""
    if b"\0" in data[:8000]:
        return {"symbols": [], "chunks": [], "templates": []}
    parsed = parse_file(path, data)
    return {
        "symbols": [[symbol.name, symbol.kind, symbol.start, symbol.end, symbol.doc] for symbol in parsed.symbols],
        "chunks": [
            [part.chunk.name, part.chunk.kind, part.chunk.start, part.chunk.end, " ".join(words_of(part.text))]
            for part in parsed.chunks
        ],
        "templates": find_templates(path, decode_source(data)),
    }


def _write_commit(place: Path, entries: Sequence[TreeEntry], parsed: dict[str, Any]) -> None:
    fresh = place.with_name(f"{place.name}.new")
    for old in (fresh, place):
        shutil.rmtree(old, ignore_errors=True)
    tree: dict[str, list[Any]] = {"paths": [entry.path for entry in entries], "symbols": [], "chunks": [], "templates": []}
    chunk_words: list[list[str]] = []
    file_words: list[list[str]] = []
    for number, entry in enumerate(entries):
        known = parsed[_key(entry)]
        of_path = words_of(str(PurePosixPath(entry.path).with_suffix("")))
        tree["symbols"] += [[number, *row] for row in known["symbols"]]
        tree["chunks"] += [[number, *row[:4]] for row in known["chunks"]]
        if role_of(entry.path) == "source":
            tree["templates"] += [[number, *row] for row in known["templates"]]
        of_chunks = [row[4].split(" ") for row in known["chunks"]]
        chunk_words += of_chunks
        file_words.append([*of_path, *of_path, *(word for chunk in of_chunks for word in chunk)])
    Ranker.build(chunk_words).save(fresh / "chunks")
    Ranker.build(file_words, length_weight=0.75).save(fresh / "files")
    (fresh / "tree.json").write_text(json.dumps(tree, ensure_ascii=False, separators=(",", ":")), "utf-8")
    (fresh / "format").write_text(f"{FORMAT}\n", "ascii")
    fresh.rename(place)


def _write_atomically(path: Path, content: dict[str, Any]) -> None:
    fresh = path.with_suffix(".new")
    with fresh.open("w", encoding="utf-8") as stream:
        json.dump(content, stream, ensure_ascii=False, separators=(",", ":"))
        stream.flush()
        os.fsync(stream.fileno())
    fresh.rename(path)


def _fields(row: Sequence[Any], *names: str) -> dict[str, Any]:
    return dict(zip(names, row[1:], strict=True))
