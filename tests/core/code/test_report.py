"""Reports as files."""

from __future__ import annotations

import pytest

from sahur_core.code.report import MAX_REPORT_CHARS, decode_report, shortened, split_title
from sahur_core.errors import ReportError

TRACE = "java.lang.IllegalStateException: no price\n\tat shop.Price.total(Price.java:3)\n"


@pytest.mark.parametrize("data", [b"", b" \n\t", b"\xef\xbb\xbf\n"])
def test_an_empty_report_is_refused(data):
    with pytest.raises(ReportError, match="empty"):
        decode_report(data)


@pytest.mark.parametrize("data", [b"\x7fELF\x02\x00\x00", b"\x89PNG\r\n\x1a\n\x00\x01", bytes(range(1, 9)) * 20])
def test_a_binary_report_is_refused(data):
    with pytest.raises(ReportError, match="binary"):
        decode_report(data)


def test_odd_bytes_and_other_encodings_are_read():
    assert decode_report(b"caf\xe9 is closed").startswith("caf")
    assert decode_report("Prices are wrong".encode("utf-16")) == "Prices are wrong"
    assert decode_report("\ufeffPrices".encode()) == "Prices"
    assert decode_report(b"\x1b[31mred\x1b[0m and plain") == "\x1b[31mred\x1b[0m and plain"


def test_a_long_report_keeps_its_beginning_and_its_end():
    text, is_cut = shortened("begin " + "x" * 5_000_000 + " end")
    assert is_cut
    assert len(text) <= MAX_REPORT_CHARS + 1
    assert text.startswith("begin ")
    assert text.endswith(" end")
    assert shortened("short") == ("short", False)


def test_the_first_line_is_the_title():
    assert split_title("\n\nPrices are wrong\n\nSince today.") == ("Prices are wrong", "\nSince today.")
    assert split_title("Prices are wrong") == ("Prices are wrong", "")


def test_a_first_line_of_a_stack_trace_stays_in_the_text():
    title, text = split_title(TRACE)
    assert title == "java.lang.IllegalStateException: no price"
    assert text == TRACE
