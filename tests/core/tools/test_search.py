"""Finding tools by what they do."""

from __future__ import annotations

import pytest

from sahur_core.protocols import ToolSpec
from sahur_core.tools.search import ToolSearch, one_line, words
from tests.core.tools.tool_names import SEARCHES, TOOL_NAMES


def spec(name: str, description: str = "", *arguments: str) -> ToolSpec:
    schema = {"type": "object", "properties": {argument: {"type": "string"} for argument in arguments}}
    return ToolSpec(name=name, description=description, input_schema=schema, read_only=True)


def test_of_two_hundred_names_a_search_shows_the_right_one_among_its_first_eight() -> None:
    """By names alone, which is the hardest case. The number was measured, not chosen: it must not get worse."""
    search = ToolSearch(spec(name) for name in TOOL_NAMES)
    found = [query for query, expected in SEARCHES if expected in search.find(query)[:8]]
    assert len(TOOL_NAMES) > 200
    assert len(found) >= 41, sorted({query for query, _ in SEARCHES} - set(found))


@pytest.mark.parametrize("name", ["get_pull_request_diff", "getPullRequestDiff", "get-pull-request-diff", "GetPullRequestDiff"])
def test_names_are_split_however_they_are_written(name: str) -> None:
    search = ToolSearch([spec("a__list_users"), spec(f"b__{name}")])
    assert search.find("diff of a PR") == [f"b__{name}"]


def test_an_exact_name_is_found_first() -> None:
    search = ToolSearch([spec("a__get_issue_events", "issue issue issue"), spec("b__get_issue")])
    assert search.find("get_issue")[0] == search.find("b__get_issue")[0] == "b__get_issue"


def test_a_word_of_the_name_counts_more_than_one_of_the_description() -> None:
    search = ToolSearch([spec("a__list_users", "Not for commits"), spec("b__list_commits"), spec("c__echo")])
    assert search.find("commits") == ["b__list_commits", "a__list_users"]


def test_arguments_and_the_server_are_searched_too() -> None:
    search = ToolSearch([spec("sentry__find", "", "organizationSlug"), spec("slack__find", "", "channel")])
    assert search.find("organization slug") == search.find("something of sentry") == ["sentry__find"]


@pytest.mark.parametrize("query", ["", "   ", "the of", "zebra", "\x00", "💥"])
def test_what_fits_nothing_finds_nothing(query: str) -> None:
    assert ToolSearch([spec("a__list_users")]).find(query) == []
    assert ToolSearch([]).find(query) == []


def test_other_scripts_are_words() -> None:
    assert ToolSearch([spec("a__x", "Ищет ошибки"), spec("a__y", "検索")]).find("検索") == ["a__y"]
    assert words("HTTPSocketError42") == ["http", "socket", "error", "42"]


@pytest.mark.parametrize(
    ("description", "line"),
    [
        (None, ""),
        ("\n\n## Finds users. And more", "Finds users."),
        ("Finds users e.g.\nmore", "Finds users e.g."),
        ("x" * 500, "x" * 199 + "…"),
    ],
)
def test_a_description_is_told_in_one_line(description: str | None, line: str) -> None:
    assert one_line(description) == line
