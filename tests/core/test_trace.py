"""Lines of the log, whatever they quote."""

from __future__ import annotations

import logging
import sys

from sahur_core.trace import LineFormatter


def formatted(message: str, *arguments: object, exc_info: object = None) -> str:
    record = logging.LogRecord("sahur", logging.INFO, "x.py", 1, message, arguments, exc_info)  # type: ignore[arg-type]
    return LineFormatter("%(levelname)s %(message)s").format(record)


def test_a_quoted_line_end_begins_no_line() -> None:
    assert formatted("call tool=%s", "x\n2026-11-22 INFO forged\r\u2028") == r"INFO call tool=x\n2026-11-22 INFO forged\r\u2028"


def test_escape_codes_stay_visible_and_words_as_they_are() -> None:
    assert formatted("größer: %s", "\x1b[2J\x9b31m") == r"INFO größer: \x1b[2J\x9b31m"


def test_a_traceback_keeps_its_lines_without_escape_codes() -> None:
    try:
        raise ValueError("\x1b]0;owned\x07")
    except ValueError:
        lines = formatted("failed", exc_info=sys.exc_info()).splitlines()
    assert lines[:2] == ["INFO failed", "Traceback (most recent call last):"]
    assert lines[-1] == r"ValueError: \x1b]0;owned\x07"
