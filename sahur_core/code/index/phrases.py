"""Phrases: a few words in a row of the texts that files can write."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

WORDS = 3
MIN_CHARS = 12
_WORD = re.compile(r"\w[\w'\-./]*")


def phrases_of(text: str) -> Iterator[str]:
    """Every three words in a row that stand in one line, of twelve letters or more."""
    for line in text.split("\n"):
        words = _WORD.findall(line)
        for first in range(len(words) - WORDS + 1):
            phrase = " ".join(words[first : first + WORDS])
            if len(phrase) >= MIN_CHARS:
                yield phrase


def phrase_table(templates: Iterable[tuple[str, int, str]]) -> dict[str, list[str]]:
    """The paths of the files that can write each phrase; what stands for a value parts a text."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for path, _, template in templates:
        for phrase in phrases_of(template.replace("{}", "\n")):
            found[phrase][path] = None
    return {phrase: list(paths) for phrase, paths in found.items()}
