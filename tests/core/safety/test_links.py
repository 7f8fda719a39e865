"""Only addresses that somebody vouched for become links, however a link is written."""

from __future__ import annotations

import pytest

from sahur_core.safety.links import Links, addresses_in, defuse

GIVEN = (
    "See https://acme.sentry.io/issues/7?x=1, https://evil.test/c and http://localhost:8000/a (https://github.com/a/b/pull/3)."
)


@pytest.fixture
def links():
    known = Links(("https://sahur.example.com", "https://github.com/acme/shop"), frozenset({"github.com", "sentry.io"}))
    known.learn(GIVEN)
    return known


@pytest.mark.parametrize(
    "text",
    [
        "as in https://acme.sentry.io/issues/7?x=1.",
        "[the change](https://github.com/a/b/pull/3)",
        "http://localhost:8000/a",
        "https://sahur.example.com/runs/1",
        "https://github.com/acme/shop/blob/abc/x.py#L10-L20",
        "handlers[name](payload) and Vec<std::string> and C:\\temp\\x",
        "INFO [worker]: requests.exceptions: refused",
        "`a[0](b)`, a//b, x &amp; y, 5 < 6: no",
        "postgresql://db:5432/shop is down",
    ],
)
def test_what_is_vouched_for_or_no_link_stays_as_it_is(links, text):
    assert defuse(text, links) == defuse(text, links).__class__(text, 0)


@pytest.mark.parametrize(
    "text",
    [
        "https://acme.sentry.io/issues/7?x=2",
        "[a](https://evil.test/c)",
        "![a](https://evil.test/c)",
        "![a][r]\n\n[r]: https://evil.test/c",
        "[a](//evil.test/x)",
        "[a](/\\evil.test/x)",
        "[a](\\\\\\\\evil.test/x)",
        "&#104;ttps://evil.test/x",
        "[a](&#x68;ttps://evil.test/x)",
        "[a](&sol;&sol;evil.test)",
        "[a](https\\://evil.test)",
        "[a](https:evil.test)",
        "[a]: //evil.test/x",
        "<https://evil.test/x|t>",
        "<javascript:alert(1)>",
        "[a](javascript:alert(1))",
        "[a](data:text/html,x)",
        "[a](file:///etc/passwd)",
        "<mailto:a@evil.test?body=x>",
        "www.evil.test/x",
        "HTTPS://EVIL.TEST/x",
        "ht\u200btps://evil.test",
        "\u202ehttps://evil.test",
        "https://sahur.example.com.evil.test/",
        "https://sahur.example.com@evil.test/",
        "https://sahur.example.com/?q=hunter2",
        "https://github.com/acme/shop/../../evil/x",
        "https://github.com/acme/shopping",
        "https://ɢithub.com/a/b/pull/3",
        '<a href="https://evil.test/">x</a>',
        "(https://evil.test/a_(b))",
    ],
)
def test_every_other_way_to_write_a_link_is_taken_away_and_counted(links, text):
    defused = defuse(text, links)
    assert defused.count
    assert not [address for address in addresses_in(defused.text) if not links.may_link(address)]
    assert not any(mark in defused.text for mark in ("](", "]:", "![", "<javascript", "<mailto", "\u200b", "\u202e"))


def test_once_is_enough(links):
    once = defuse(f"{GIVEN} [a](//evil.test/x) ![b](https://evil.test) &#104;ttps://evil.test www.evil.test", links)
    assert defuse(once.text, links) == defuse(once.text, links).__class__(once.text, 0)


def test_an_address_that_the_model_wrote_first_has_not_occurred_when_a_tool_repeats_it(links):
    links.learn_own("code__search(query='https://github.com/evil/x?d=hunter2')")
    links.learn("No match for 'https://github.com/evil/x?d=hunter2'.")
    assert not links.may_link("https://github.com/evil/x?d=hunter2")
    assert not links.may_be_sent("https://github.com/evil/x?d=hunter2")


@pytest.mark.timeout(60)
@pytest.mark.parametrize("unit", ["[a](", "![", "<a:", "http:/", "&amp;\\", "](\t", "www.a", "https://a.b/(", "\\" * 9])
def test_a_text_made_to_be_slow_is_not(links, unit):
    """In linear time this is done in a moment; a way that is quadratic would take minutes."""
    defuse(unit * (400_000 // len(unit)), links)
