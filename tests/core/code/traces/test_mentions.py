"""Since when it is broken, in the many ways in which people say it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from sahur_core.code.traces.mentions import LEAD, Window, named_versions, read_statements, read_window
from sahur_core.code.traces.moments import read_moments

NOW = datetime(2024, 3, 14, 15, 0, tzinfo=UTC)
"""A Thursday."""


def _day(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2024, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "good", "bad"),
    [
        ("Worked in 2.0, broken since 2.1", "2.0", "2.1"),
        ("After we upgraded from 1.3 to 1.4 it fails", "1.3", "1.4"),
        ("It fails with 5.1.\nEverything was fine in 5.0.2, 1.3 -> 1.4 is another story", "1.3", "1.4"),
        ("since 4.2.1 the totals are wrong", None, "4.2.1"),
        ("In v5.3 the mask fails. This is not a problem in v5.2.", "5.2", "5.3"),
        ("Downgrading to 1.2.3 fixes it", "1.2.3", None),
        ("works fine with 3.0.2 but fails with 3.1", "3.0.2", "3.1"),
        ("It works in 2.0 and 2.1; fails in 2.2 and 2.3", "2.1", "2.2"),
        ("The bug was introduced in 2.3.", None, "2.3"),
        ("Broken after updating to v7", None, "7"),
        ("regression between 1.0 and 1.1", "1.0", "1.1"),
        ("fine on v4.1, 500s after v4.2", "4.1", "4.2"),
        ("Worked in 2.0, and after 2.1 not any more", "2.0", "2.1"),
        ("It works in 2.0, 2.1 and 2.2", "2.2", None),
        ("downgraded from 2.0 to 1.9 and it is gone", "1.9", "2.0"),
    ],
)
def test_versions(text: str, good: str | None, bad: str | None) -> None:
    window = read_window(text, NOW)
    assert (window.good_version, window.bad_version) == (good, bad)
    assert window.said
    assert (window.after, window.before) == (None, None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "It took 2.5 seconds",
        "deprecated since 1.2",
        "Upgrading from Python 3.8 to 3.9 breaks it",
        "I have used this since 2015",
        "It fails in 5.3",
        "may be after may",
        "```\nbroken since 2.1\n```",
        "Requires numpy 1.21 or later",
        "we saw it in March 2024",
    ],
)
def test_what_tells_nothing_is_an_empty_window(text: str) -> None:
    assert read_window(text, NOW) == Window()


@pytest.mark.parametrize(
    ("text", "after", "before"),
    [
        ("Totals are wrong since Tuesday's deploy.", _day(3, 12) - LEAD, _day(3, 12, 23, 59)),
        ("Checkout fails since yesterday", _day(3, 13) - LEAD, _day(3, 13, 23, 59)),
        ("It started on 3 March", _day(3, 3) - LEAD, _day(3, 3, 23, 59)),
        ("It started on March 3rd, 2024", _day(3, 3) - LEAD, _day(3, 3, 23, 59)),
        ("First error at 2024-03-01 14:05 UTC", _day(3, 1, 14, 5) - LEAD, _day(3, 1, 14, 5)),
        ("It broke last Friday night", _day(3, 8, 18) - LEAD, _day(3, 9, 6)),
        ("Was fine on Monday, broken since Wednesday", _day(3, 11), _day(3, 13, 23, 59)),
        ("worked until yesterday evening", _day(3, 13, 17), NOW),
        ("It has not worked since last week", _day(3, 4) - LEAD, _day(3, 11)),
        ("It worked three days ago", _day(3, 11), NOW),
        ("500s since 14:05 yesterday", _day(3, 13, 14, 5) - LEAD, _day(3, 13, 14, 5)),
        ("500s since 14:05", _day(3, 14, 14, 5) - LEAD, _day(3, 14, 14, 5)),
        ("500s since 16:05", _day(3, 13, 16, 5) - LEAD, _day(3, 13, 16, 5)),
        ("broken since 9 am", _day(3, 14, 9) - LEAD, _day(3, 14, 9)),
        ("broken since last Tuesday, 2:30 pm", _day(3, 12, 14, 30) - LEAD, _day(3, 12, 14, 30)),
        ("broken since 16:05 UTC+2", _day(3, 14, 14, 5) - LEAD, _day(3, 14, 14, 5)),
        ("Fine until 13:50, errors from 13:55 on", _day(3, 14, 13, 50), _day(3, 14, 13, 55)),
        ("It used to work before Tuesday", _day(3, 12) - LEAD, _day(3, 12, 23, 59)),
    ],
)
def test_moments(text: str, after: datetime, before: datetime) -> None:
    window = read_window(text, NOW)
    assert window.after is not None
    assert window.before is not None
    assert (window.after, window.before.replace(second=0)) == (after, before)


def test_relative_times_need_the_day_of_the_report() -> None:
    assert read_window("broken since Tuesday", None) == Window()
    assert read_window("broken since 2024-03-01", None).before is not None
    naive = read_window("broken since yesterday", NOW.replace(tzinfo=None))
    assert naive.before is not None
    assert naive.before.tzinfo is UTC


def test_a_zone_that_is_told_counts() -> None:
    (moment,) = read_moments("at 2024-03-01T14:05:00+02:00", NOW)
    assert moment.start == datetime(2024, 3, 1, 14, 5, tzinfo=timezone(timedelta(hours=2)))


@pytest.mark.parametrize(
    "text", ["14:05:03 GET /cart 500", "at 14:05", "14:05-14:30", "ratio 16:9", "since 14:05:03.123.9", "since 25:10"]
)
def test_a_time_alone_is_a_logs(text: str) -> None:
    assert read_moments(text, NOW) == []


def test_a_date_without_year_is_the_last_one_before_the_report() -> None:
    assert [moment.start.year for moment in read_moments("since 20 December and since 1 March", NOW)] == [2023, 2024]


@pytest.mark.parametrize(
    "text", ["30 February 2024", "on 2024-02-31", "version 2024.3.1", "march on", "the 5 may differ", "Sunday's"]
)
def test_dates_that_are_none_are_left_out(text: str) -> None:
    moments = read_moments(text, NOW)
    assert [moment for moment in moments if moment.start > NOW] == []


def test_versions_of_other_products_are_left_out_unless_they_are_this_one() -> None:
    text = "numpy 1.21, version 2.3.1 on Python 3.11, v4.0"
    assert named_versions(text) == ["2.3.1", "4.0"]
    assert named_versions(text, project="numpy/numpy") == ["1.21", "2.3.1", "4.0"]


def test_a_regression_without_a_time_is_told() -> None:
    statements = read_statements("This looks like a regression. It no longer works.", NOW)
    assert [statement.kind for statement in statements] == ["regression", "regression"]


@pytest.mark.parametrize(
    "piece",
    [
        "since 1.2 ",
        "Monday ",
        "1.2.",
        "upgraded from x ",
        "last ",
        ", but ",
        "a b ",
        "2024-01-01 ",
        ". ",
        "since 1:00 ",
        "a, since ",
    ],
)
def test_repeated_pieces_take_linear_time(piece: str) -> None:
    read_window((piece * 200_000)[:200_000], NOW)
