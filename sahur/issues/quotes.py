"""Whether a text gives away what another one says: by its words in a row, or by a name, a number or an id of it.

Made to err on the safe side: a text that only may quote is left out, and people are pointed to the page.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cached_property

RUN_OF_WORDS = 4
"""So many words in a row are nobody's own."""
_WORD = re.compile(r"[^\W_](?:[\w.@+-]*\w)?")
_SENTENCE = re.compile(r"(?:^|[.!?:\n]\s*|[-*•]\s+)$")
_LONG_NUMBER = 4
_LONG_NAME = 5
"""A shorter one may stand within other words by chance."""
_ORDINARY_WORDS = """
    a an and any all after also as at because before but by can do does error errors every everything fails failed for from get
    has have he here how i if in is it its maybe my no not now of on or our please seems she since so some still that the their
    there these they this to today until we what when where which who why with you your
"""
_ORDINARY = frozenset(_ORDINARY_WORDS.split())
"""So often at the beginning of a sentence that they name nobody."""


Texts = Callable[[], Iterable[str]]


class Quotes:
    """What is in `hidden` texts and in no `shown` one. They are read when a text is first held against them."""

    def __init__(self, hidden: Texts, shown: Texts) -> None:
        self._read_hidden = hidden
        self._read_shown = shown

    def are_in(self, text: str) -> bool:
        words = [word.casefold() for word in _WORD.findall(text)]
        if any(self._is_hidden_run(words[at : at + RUN_OF_WORDS]) for at in range(len(words) - RUN_OF_WORDS + 1)):
            return True
        squashed = _squashed(text)
        if any(name in squashed or name[::-1] in squashed for name in self._hidden_names):
            return True
        telling = _telling(text)
        return any(
            word in self._hidden_words and word not in self._shown_words
            for word in words
            if word in telling or word in self._hidden_telling
        )

    @cached_property
    def _hidden(self) -> str:
        return "\n".join(self._read_hidden())

    @cached_property
    def _shown(self) -> str:
        return "\n".join(self._read_shown())

    def _is_hidden_run(self, words: list[str]) -> bool:
        run = f" {' '.join(words)} "
        return run in self._hidden_line and run not in self._shown_line

    @cached_property
    def _hidden_line(self) -> str:
        return f" {' '.join(word.casefold() for word in _WORD.findall(self._hidden))} "

    @cached_property
    def _shown_line(self) -> str:
        return f" {' '.join(word.casefold() for word in _WORD.findall(self._shown))} "

    @cached_property
    def _hidden_words(self) -> set[str]:
        return set(self._hidden_line.split())

    @cached_property
    def _shown_words(self) -> set[str]:
        return set(self._shown_line.split())

    @cached_property
    def _hidden_telling(self) -> set[str]:
        return _telling(self._hidden, is_hidden=True)

    @cached_property
    def _hidden_names(self) -> set[str]:
        """Found also within other words, letter by letter, and backwards."""
        shown = _squashed(self._shown)
        names = {_squashed(word) for word in self._hidden_telling - self._shown_words}
        return {name for name in names if len(name) >= _LONG_NAME and name not in shown}


def _squashed(text: str) -> str:
    """Letters and digits alone, in their plain forms."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", text).casefold() if letter.isalnum())


def _telling(text: str, *, is_hidden: bool = False) -> set[str]:
    """Names, addresses, identifiers and long numbers, in small letters.

    A name may well begin a sentence: in what is hidden, any great letter counts there but that of an ordinary word.
    """
    found = set()
    for match in _WORD.finditer(text):
        word = match[0]
        is_first = bool(_SENTENCE.search(text[max(0, match.start() - 4) : match.start()]))
        is_name = word[0].isupper() and (not is_first or (is_hidden and word.casefold() not in _ORDINARY))
        is_odd = any(letter.isupper() for letter in word[1:]) or any(sign in word for sign in "@_.+")
        digits = sum(letter.isdigit() for letter in word)
        if is_name or is_odd or digits >= _LONG_NUMBER or (digits and digits < len(word)):
            found.add(word.casefold())
    return found
