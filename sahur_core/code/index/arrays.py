"""Folders of NumPy arrays that appear whole or not at all, and are read by mapping them into memory.

Processes that open the same folder share its pages. No pickle: a folder holds `.npy` files alone.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

Numbers = np.ndarray[Any, Any]
Arrays = dict[str, Numbers]


NAMES = "arrays"
"""The array of the names of a folder's other arrays: one that is missing is noticed."""


def save_arrays(folder: Path, arrays: Mapping[str, Numbers]) -> None:
    """Write beside the place and rename. An existing folder of that name is replaced."""
    fresh = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for name, array in {**arrays, NAMES: np.array(sorted(arrays))}.items():
        with (fresh / f"{name}.npy").open("wb") as stream:
            np.save(stream, array, allow_pickle=False)
            stream.flush()
            os.fsync(stream.fileno())
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)


def load_arrays(folder: Path) -> Arrays:
    """Raises `FileNotFoundError` if the folder or a file has been removed, `ValueError` or `EOFError` if one is damaged."""
    return {str(name): _load(folder / f"{name}.npy") for name in _load(folder / f"{NAMES}.npy")}


def _load(path: Path) -> Numbers:
    """Small arrays are read: a mapping of each would cost more than it saves."""
    mode: Any = "r" if path.stat().st_size > 65_536 else None
    array: Numbers = np.load(path, mmap_mode=mode, allow_pickle=False)
    return array


class Texts:
    """Different texts, numbered in the order in which they are added."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def add(self, text: str) -> int:
        return self._numbers.setdefault(text, len(self._numbers))

    def arrays(self) -> Arrays:
        encoded = [text.encode("utf-8", "replace") for text in self._numbers]
        offsets = np.zeros(len(encoded) + 1, dtype=np.int64)
        np.cumsum([len(text) for text in encoded], out=offsets[1:])
        return {"text_bytes": np.frombuffer(b"".join(encoded), dtype=np.uint8), "text_offsets": offsets}


class TextReader:
    """Reads what `Texts` stored."""

    def __init__(self, arrays: Mapping[str, Numbers]) -> None:
        self._bytes, self._offsets = arrays["text_bytes"], arrays["text_offsets"]

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def __getitem__(self, number: int) -> str:
        return bytes(self._bytes[self._offsets[number] : self._offsets[number + 1]]).decode("utf-8")

    def many(self, numbers: Iterable[int]) -> list[str]:
        return [self[int(number)] for number in numbers]

    def all(self) -> list[str]:
        """Every text, at the cost of one copy of their bytes."""
        whole, offsets = bytes(self._bytes), self._offsets.tolist()
        return [whole[start:end].decode("utf-8") for start, end in pairwise(offsets)]


def starts_of(lengths: Sequence[int] | Numbers) -> Numbers:
    """Where each of consecutive groups of these lengths begins, and where the last ends."""
    starts = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=starts[1:])
    return starts


def expand(starts: Numbers, groups: Numbers) -> Numbers:
    """The positions `starts[g] … starts[g + 1] - 1` of all `groups`, one after the other."""
    lengths = starts[groups + 1] - starts[groups]
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    places: Numbers = np.arange(total, dtype=np.int64) + np.repeat(starts[groups] - (ends - lengths), lengths)
    return places
