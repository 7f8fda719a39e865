"""Redaction of a text that comes in pieces, such as a model's answer: a secret cut in two must not slip through.

The newest part is held back until no secret can begin in it, and is given on at the end.
"""

from __future__ import annotations

from collections.abc import Callable

HELD_BACK = 160
"""Letters, without white space, that are held back: a pattern that spans words is shorter."""
MAX_HELD = 20_000
"""A text without a place to cut it at is given on, redacted as a whole, when this much has come."""

Clean = Callable[[str], str]


class CleanStream:
    """Gives on in clean pieces what comes in pieces. `clean` takes a text and gives it without what must not be in it."""

    def __init__(self, clean: Clean, give: Callable[[str], object]) -> None:
        self._clean = clean
        self._give = give
        self._held = ""
        self._looked_at = 0

    def take(self, piece: str) -> None:
        """More of the text. Looks at what is held only when it has grown by a quarter, so that all work stays linear."""
        self._held += piece
        if len(self._held) < self._looked_at + max(32, self._looked_at // 4):
            return
        cut = len(self._held) if len(self._held) > MAX_HELD else self._safe_cut()
        self._pass_on(cut)

    def flush(self) -> None:
        """The text is at its end: give on what is held."""
        self._pass_on(len(self._held))

    def drop(self) -> None:
        """The text was broken off and is given up: what is held may end in half of a secret, which nobody would know."""
        self._held = ""
        self._looked_at = 0

    def _pass_on(self, cut: int) -> None:
        if cut:
            ready, self._held = self._held[:cut], self._held[cut:]
            self._give(self._clean(ready))
        self._looked_at = len(self._held)

    def _safe_cut(self) -> int:
        """Where the text may be cut in two: before the held letters, at white space, and never within what is cleaned."""
        cut = self._start_of_word(self._before_last_letters())
        if cut == 0:
            return 0
        whole = self._clean(self._held)
        is_alike = self._clean(self._held[:cut]) + self._clean(self._held[cut:]) == whole
        return cut if is_alike else 0

    def _before_last_letters(self) -> int:
        letters = 0
        for position in range(len(self._held) - 1, -1, -1):
            letters += not self._held[position].isspace()
            if letters >= HELD_BACK:
                return position
        return 0

    def _start_of_word(self, position: int) -> int:
        """The beginning of the word in which the position is; 0 where there is no white space before."""
        while position > 0 and not self._held[position - 1].isspace():
            position -= 1
        return position
