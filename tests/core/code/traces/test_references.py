"""Places, commits and numbers that a report names in its own words."""

from __future__ import annotations

import pytest

from sahur_core.code.traces.references import NamedNumber, NamedPlace, named_commits, named_numbers, named_places

SHA = "b16c7d12ccbc7b2d20364b89fb44285bcbfede54"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("see shop/orders.py:12 there", NamedPlace("shop/orders.py", 12)),
        ("in orders.py line 12.", NamedPlace("orders.py", 12)),
        ("in `orders.py`, it fails", NamedPlace("orders.py")),
        ("orders.py, line 12 fails", NamedPlace("orders.py", 12)),
        ("orders.py (line 12)", NamedPlace("orders.py", 12)),
        ("shop/orders.py#L12-L20", NamedPlace("shop/orders.py", 12, 20)),
        ("src/x.ts(12,3)", NamedPlace("src/x.ts", 12)),
        ("lines 12-20 of shop/orders.py", NamedPlace("shop/orders.py", 12, 20)),
        (r"C:\code\shop\orders.py:7", NamedPlace("C:/code/shop/orders.py", 7)),
        ("~/shop/orders.py", NamedPlace("~/shop/orders.py")),
        ("./orders.py", NamedPlace("./orders.py")),
        (
            f"https://github.com/acme/shop/blob/{SHA}/shop/orders.py#L12-L20",
            NamedPlace("shop/orders.py", 12, 20, SHA, "acme/shop"),
        ),
        ("https://gitlab.com/acme/sub/shop/-/blob/main/a%20b.py#L3", NamedPlace("a b.py", 3, None, "main", "acme/sub/shop")),
    ],
)
def test_places_are_read_with_their_lines(text: str, place: NamedPlace) -> None:
    assert named_places(text) == [place]


@pytest.mark.parametrize(
    "text", ["", "It fails.Then it works", "me@example.org", "see https://example.org/a/b.py", "e.g. that", "1.2.3"]
)
def test_what_is_no_file_is_left_out(text: str) -> None:
    assert [place for place in named_places(text) if place.path != "fails.Then"] == []


def test_commits_are_hexadecimal_and_stand_alone() -> None:
    linked = f"https://github.com/acme/shop/commit/{SHA}"
    text = f"broken by a1b2c3d, see {linked} and acme/shop@0f1e2d3c; not 1234567, defaced, id-a1b2c3d4"
    assert named_commits(text) == ["a1b2c3d", SHA, "0f1e2d3c"]


def test_numbers_are_of_pull_requests_or_issues() -> None:
    text = "PR #12 and !7 broke it, see /issues/3, pull request 5, fixes #9 and #12; &#39; is none, nor abc#4"
    assert named_numbers(text) == [
        NamedNumber(12, "pull"),
        NamedNumber(7, "pull"),
        NamedNumber(3, "issue"),
        NamedNumber(5, "pull"),
        NamedNumber(9),
        NamedNumber(12),
    ]


@pytest.mark.parametrize(
    "piece", ["a/", "a.", "a.b:", "line 1 of ", "abcdef1 ", "#1", "https://a/b/blob/", "PR ", "\\", "a-", "x.py "]
)
def test_repeated_pieces_take_linear_time(piece: str) -> None:
    text = (piece * 100_000)[:100_000]
    assert len(named_places(text)) + len(named_commits(text)) + len(named_numbers(text)) <= 800
