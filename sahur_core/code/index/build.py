"""Building indexes: only blobs and commits that were not met before are read.

On disk, below `<repository dir>/index/<format>`:

* `segments/<number>/`   what was parsed out of blobs
* `history/<number>/`    what was read of commits
* `commits/<sha>/`       the files and the ancestors of one commit

Each folder is written beside its place and renamed, so that a reader or a kill never meets a half-written one. A build
that was killed leaves whole segments behind, which the next one uses.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePosixPath

import numpy as np

from sahur_core.code.git.clone import locked
from sahur_core.code.git.repository import Repository, TreeEntry
from sahur_core.code.index.arrays import Arrays, Numbers, Texts, load_arrays, save_arrays
from sahur_core.code.index.history import History, build_history, merge_history
from sahur_core.code.index.index import CodeIndex
from sahur_core.code.index.parse_worker import parse_here, parse_in_processes
from sahur_core.code.index.segment import blob_key, known_keys, merge_segments
from sahur_core.code.index.store import Store
from sahur_core.code.index.view import ROLES
from sahur_core.code.languages.roles import role_of
from sahur_core.errors import IndexNotReady

FORMAT = 7
"""Raised whenever what is stored changes its meaning; indexes of another format are built anew."""
MAX_FILE_BYTES = 512 * 1024
"""Larger files are generated or data; they can be read and grepped, but their content is not ranked."""
MAX_FILES = 200_000
MANY_FILES = 400
"""From so many new files on they are parsed by several processes."""
MAX_PROCESSES = 4
_SKIPPED_FOLDERS = frozenset({"node_modules", "vendor", "third_party", ".venv", "site-packages", "dist", "__pycache__"})
_SKIPPED_SUFFIXES = (
    *(".min.js", ".min.css", ".map", ".lock", "package-lock.json", ".svg", ".ipynb", ".snap", ".po", ".pot", ".mo"),
    *(".png", ".jpg", ".jpeg", ".gif", ".ico", ".pdf", ".zip", ".gz", ".woff", ".woff2", ".ttf", ".eot", ".jar", ".so"),
)

Progress = Callable[[str], None]


def build_index(repository: Repository, commit: str, directory: Path, progress: Progress) -> CodeIndex:
    """Index a commit below `<directory>/index`. Atomic and repeatable; may be killed at any moment."""
    sha = repository.resolve(commit)
    with locked(directory, progress) as lock:
        _remove_other_formats(directory)
        if _place(directory, sha).is_dir():
            try:
                return open_index(directory, sha)
            except IndexNotReady:
                shutil.rmtree(_root(directory))  # damaged; whatever is in it can be made again
        _build(repository, sha, directory, progress, lock)
    return open_index(directory, sha)


def open_index(directory: Path, commit: str) -> CodeIndex:
    """The index of a full sha. Raises `IndexNotReady` if it has not been built."""
    if not commit.isalnum() or not _place(directory, commit).is_dir():
        raise IndexNotReady(f"The index of {commit[:12]} has not been built.", next_step="Try again in some seconds.")
    try:
        view = load_arrays(_place(directory, commit))
        past = History(_history(directory).load(), view["ancestors"])
        return CodeIndex(commit, view, _segments(directory).load(), past)
    except (OSError, EOFError, ValueError, LookupError) as error:
        raise IndexNotReady(
            f"The index of {commit[:12]} is damaged: {error}.", next_step="Have the repository indexed again."
        ) from error


def prune(directory: Path, keep: Iterable[str]) -> None:
    """Forget the indexes of all commits but these full shas, and what was parsed for the others alone."""
    wanted = set(keep)
    with locked(directory):
        commits = _root(directory) / "commits"
        views = [folder for folder in commits.iterdir() if folder.is_dir()] if commits.is_dir() else []
        for folder in views:
            if folder.name not in wanted:
                shutil.rmtree(folder)
        if not wanted.intersection(folder.name for folder in views):
            for store in ("segments", "history"):
                shutil.rmtree(_root(directory) / store, ignore_errors=True)


def _build(repository: Repository, sha: str, directory: Path, progress: Progress, lock: int) -> None:
    entries = [entry for entry in repository.entries(sha) if entry.is_file and _is_looked_at(entry)][:MAX_FILES]
    keys = [blob_key(entry.blob, entry.path) if entry.size <= MAX_FILE_BYTES else 0 for entry in entries]
    segments = _segments(directory)
    segments.tidy()
    known = {int(key) for key in known_keys(segments.load())}
    new = {key: entry for key, entry in zip(keys, entries, strict=True) if key and key not in known}
    todo = [(key, entry.blob, entry.path) for key, entry in new.items()]
    processes = min(MAX_PROCESSES, os.cpu_count() or 1, len(todo) // MANY_FILES + 1)
    if processes > 1:
        todo = [item for item, _ in sorted(zip(todo, new.values(), strict=True), key=lambda pair: -pair[1].size)]
        parse_in_processes(repository.git_dir, todo, segments, processes, progress, lock)
    else:
        parse_here(repository, todo, segments, progress)
    progress(f"Reading the history behind {sha[:10]}")
    ancestors = build_history(repository, sha, _history(directory))
    _write_view(_place(directory, sha), entries, keys, ancestors)


def _write_view(place: Path, entries: Sequence[TreeEntry], keys: Sequence[int], ancestors: Numbers) -> None:
    texts = Texts()
    for entry in entries:
        texts.add(entry.path)
    roles = [ROLES.index(role_of(entry.path)) for entry in entries]
    arrays: Arrays = {"keys": np.array(keys, dtype=np.uint64), "roles": np.array(roles, dtype=np.uint8), "ancestors": ancestors}
    save_arrays(place, arrays | texts.arrays())


def _is_looked_at(entry: TreeEntry) -> bool:
    return not entry.path.lower().endswith(_SKIPPED_SUFFIXES) and _SKIPPED_FOLDERS.isdisjoint(
        PurePosixPath(entry.path).parts[:-1]
    )


def _root(directory: Path) -> Path:
    return directory / "index" / str(FORMAT)


def _place(directory: Path, sha: str) -> Path:
    return _root(directory) / "commits" / sha


def _segments(directory: Path) -> Store:
    return Store(_root(directory) / "segments", merge_segments)


def _history(directory: Path) -> Store:
    return Store(_root(directory) / "history", merge_history)


def _remove_other_formats(directory: Path) -> None:
    index = directory / "index"
    for folder in index.iterdir() if index.is_dir() else ():
        if folder != _root(directory):
            shutil.rmtree(folder, ignore_errors=True)
