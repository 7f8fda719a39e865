"""A report is taken apart: what is about the problem stays, and odd text costs nothing."""

from __future__ import annotations

import pytest

from sahur_core.code.locate.report import Report

FORM = """Total is wrong
### Describe the bug
The total of `Order` is rounded *twice*.

```python
from shop.orders import Order, Line as L
Order.total(3)
```
- [x] I searched for it
### Environment
Python 3.12.1
shop==4.2
### Anything else
It fails with "no tax for this order" since last week.
"""


def test_forms_boxes_and_lists_of_versions_are_left_out() -> None:
    report = Report.read(FORM)
    assert report.title == "Total is wrong"
    for gone in ("Describe the bug", "I searched", "3.12.1", "4.2", "Environment"):
        assert gone not in report.text
    assert "rounded" in report.prose
    assert "since last week" in report.prose
    assert report.first_paragraph == "The total of `Order` is rounded *twice*."


def test_names_quotes_and_code_are_told_apart() -> None:
    report = Report.read(FORM)
    assert report.ticked == ["Order"]
    assert report.dotted[-1] == ["Order", "total"]
    assert "no tax for this order" in report.quoted
    assert "Order.total(3)" in report.code
    assert [name for name in ("total", "Order", "rounded") if report.looks_like_code(name)] == ["total", "Order"]


def test_a_title_that_begins_the_text_is_not_counted_twice() -> None:
    assert Report.read("Crash\nIt crashes.", "Crash").text == Report.read("Crash\nIt crashes.").text
    assert Report.read("It crashes.", "Crash").whole == "Crash\nIt crashes."


@pytest.mark.parametrize(
    "line", [" " * 50_000 + "x", "# " * 20_000, "- " * 20_000, "=" * 50_000, "(. /-" * 10_000, "<!--" * 10_000, "`" * 50_000]
)
def test_long_odd_lines_come_to_an_end(line: str) -> None:
    report = Report.read(f"Crash\n{line}\nend")
    assert report.title == "Crash"
    assert isinstance(report.prose + report.code + report.first_paragraph, str)
    assert report.dotted is not None
    assert report.quoted is not None
