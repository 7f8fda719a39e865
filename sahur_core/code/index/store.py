"""Numbered folders of arrays of one sort: new ones are added, many small ones are merged into one.

Only the holder of the repository's lock adds and merges. A reader that meets a folder which a merge has just removed
lists them again.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from sahur_core.code.index.arrays import Arrays, load_arrays, save_arrays

MAX_PARTS = 24
"""More parts than this are merged: each part costs every query a little."""
_ATTEMPTS = 5


class Store:
    """Parts below one directory. `merge` makes one of several; `key_array` names the array of a part's keys."""

    def __init__(self, directory: Path, merge: Callable[[Sequence[Arrays]], Arrays]) -> None:
        self.directory = directory
        self._merge = merge

    def next_name(self) -> str:
        """Sorts behind every name given before."""
        return f"{time.time_ns():020d}"

    def add(self, arrays: Arrays, name: str = "") -> None:
        if len(arrays["keys"]):
            save_arrays(self.directory / (name or self.next_name()), arrays)

    def load(self) -> list[Arrays]:
        """All parts, the oldest first."""
        for attempt in range(_ATTEMPTS):
            try:
                return [load_arrays(folder) for folder in self._folders()]
            except (FileNotFoundError, NotADirectoryError):
                if attempt == _ATTEMPTS - 1:
                    raise
        return []

    def tidy(self) -> None:
        """Remove what a kill left behind, and merge the smaller parts if there are too many. Under the lock only."""
        for leftover in self.directory.glob("*.new"):
            shutil.rmtree(leftover, ignore_errors=True)
        folders = self._folders()
        parts = [(folder, load_arrays(folder)) for folder in folders]
        parts.sort(key=lambda part: -len(part[1]["keys"]))
        known = np.zeros(0, dtype=np.uint64)
        kept = []
        for folder, arrays in parts:
            if np.isin(arrays["keys"], known).all():
                shutil.rmtree(folder)  # merged into a larger part by a process that was killed before it removed this one
            else:
                kept.append((folder, arrays))
                known = np.concatenate([known, arrays["keys"]])
        if len(kept) > MAX_PARTS:
            small = kept[MAX_PARTS // 2 :]
            self.add(self._merge([arrays for _, arrays in small]))
            for folder, _ in small:
                shutil.rmtree(folder)

    def _folders(self) -> list[Path]:
        if not self.directory.is_dir():
            return []
        return sorted(path for path in self.directory.iterdir() if path.is_dir() and path.suffix != ".new")
