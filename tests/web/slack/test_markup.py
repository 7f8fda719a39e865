"""Slack's markup to plain text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sahur.slack.markup import escape, escape_code, parse_report, to_plain, unescape


@pytest.mark.parametrize(
    ("markup", "plain"),
    [
        ("a &lt; b &amp;&amp; c &gt; d", "a < b && c > d"),
        ("&amp;lt;", "&lt;"),
        ("<https://example.org/a?b=1&amp;c=2>", "https://example.org/a?b=1&c=2"),
        ("<https://example.org|the page>", "the page (https://example.org)"),
        ("<http://example.org|example.org>", "http://example.org"),
        ("<mailto:a@example.org|a@example.org>", "a@example.org"),
        ("<#C1|general> <@U2|rita> <@U3>", "#general @rita @U3"),
        ("<!here> <!subteam^S1|@oncall>", "@here @oncall"),
        ("<!date^1392734382^{date}|Feb 18, 2014>", "Feb 18, 2014"),
        ("<@U0SAHUR> It broke", "It broke"),
        ("```\nKeyError: &lt;rate&gt;\n```", "```\nKeyError: <rate>\n```"),
    ],
)
def test_what_a_person_sees(markup, plain):
    assert to_plain(markup, without_users=frozenset({"U0SAHUR"})) == plain


@given(st.text())
def test_escaping_comes_back(text):
    assert unescape(escape_code(text)) == text


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_any_text_is_a_report(text):
    report = parse_report(text)
    assert len(report.title) <= 300
    assert "\n" not in report.title


@pytest.mark.parametrize("line", ["repo: shop", "Repository:shop", "  repo :  shop  "])
def test_the_line_of_the_repository_is_taken_out(line):
    report = parse_report(f"It broke\n{line}\nreally")
    assert (report.title, report.repository) == ("It broke", "shop")
    assert line not in report.body


def test_a_sentence_about_a_repository_names_none():
    assert parse_report("Broken\nrepo: the one with the shop").repository == ""


def test_what_comes_from_outside_mentions_and_links_nothing():
    assert escape("<!channel> <@U1> <https://evil.test/?d=1|ok>") == "&lt;!channel&gt; &lt;@U1&gt; ‹hxxps://evil.test/?d=1|ok›"
