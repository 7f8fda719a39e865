"""What two reports of one problem have in common, and what only looks like it."""

from __future__ import annotations

import pytest

from sahur.issues.fingerprints import MAX_CHARS, fingerprints_of, is_strong, steady, strong, words_for

TRACE = """Checkout of order 4711 fails on {host}
Traceback (most recent call last):
  File "/srv/{release}/shop/views.py", line {line}, in checkout
    total(cart)
  File "/srv/{release}/shop/cart.py", line 9, in {function}
    rate = RATES[key]
{error}
"""
USUAL = {"host": "web-1", "release": "a1", "line": 3, "function": "total", "error": "KeyError: 'rate'"}


def of_trace(**changed: object) -> set[str]:
    return set(strong(fingerprints_of("Checkout fails", TRACE.format(**{**USUAL, **changed}))))


@pytest.mark.parametrize("changed", [{"host": "web-2"}, {"release": "2026-11-23"}, {"line": 77}])
def test_the_same_error_elsewhere_is_the_same(changed):
    assert of_trace(**changed) == of_trace() != set()


@pytest.mark.parametrize(
    "changed", [{"error": "KeyError: 'price'"}, {"error": "ValueError: 'rate'"}, {"function": "subtotal"}]
)  # fmt: skip
def test_another_message_type_or_place_is_another_error(changed):
    assert not of_trace(**changed) & of_trace()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("no route to db-3.eu.internal:5432 for order 77", "no route to db-9.us.internal:5432 for order 8"),
        ("pod shop-7d9f8b6c5-x2k4z is gone", "pod shop-6c5f9d7b8-q9z1r is gone"),
        ("user 0b9f2c1e-1f6a-4a7e-9a53-2b1f6a4a7e9a at 10.0.0.1", "user 5c8d2e1e-3f6a-4b7e-8a53-9b1f6a4a7e9a at 10.2.3.4"),
        ("GET https://a.example.com/x timed out", "GET https://b.example.com/x timed out"),
    ],
)
def test_hosts_numbers_and_ids_are_left_out_of_messages(one, other):
    assert steady(one) == steady(other)


def test_names_of_code_are_no_hosts():
    assert steady("Could not load com.acme.Foo") != steady("Could not load com.acme.Bar")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://acme.sentry.io/issues/123/?project=4", "see https://sentry.io/organizations/acme/issues/123/events/latest/"),
        ("https://acme.pagerduty.com/incidents/Q1ABC23", "<https://acme.pagerduty.com/incidents/Q1ABC23/timeline|the page>"),
        ("https://app.datadoghq.com/monitors/99?group=a", "https://app.datadoghq.com/monitors/99?group=b"),
        ("https://grafana.acme.io/alerting/grafana/ab-1/view?x=1", "(https://grafana.acme.io/alerting/grafana/ab-1/view)"),
        ("acme/shop#12 is back", "https://github.com/acme/shop/pull/12/files"),
        ("https://acme.slack.com/archives/C012AB3CD/p1764000000000100", "https://acme.slack.com/archives/C012AB3CD/p1764000000000100"),
    ],
)  # fmt: skip
def test_the_same_link_written_otherwise_is_the_same(one, other):
    found = strong(fingerprints_of(one, ""))
    assert found == strong(fingerprints_of(other, ""))
    assert len(found) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://acme.sentry.io/issues/123/", "https://acme.sentry.io/issues/124/"),
        ("https://acme.sentry.io/issues/SHOP-1A/", "https://other.sentry.io/issues/SHOP-1A/"),
        ("https://sentry.one.example/organizations/acme/issues/7/", "https://sentry.two.example/organizations/acme/issues/7/"),
        ("https://app.datadoghq.com/monitors/99", "https://app.datadoghq.com/monitors/98"),
        ("acme/shop#12", "acme/store#12"),
    ],
)
def test_near_misses_have_nothing_in_common(one, other):
    assert not set(fingerprints_of(one, "")) & set(fingerprints_of(other, ""))


def test_an_error_without_a_place_and_a_commit_are_too_little():
    for text in ("KeyError: 'rate'", "Since https://github.com/acme/shop/commit/a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4e5f6a1b2"):
        assert not strong(fingerprints_of("It fails", text))


def test_what_is_long_fits_its_column_and_stays_apart():
    first, second = (next(iter(of_trace(error=f"KeyError: '{'rate ' * 60}{end}'"))) for end in "ab")
    assert len(first) <= MAX_CHARS
    assert is_strong(first)
    assert first == second, "a message is compared by its beginning"


def test_people_are_told_what_is_shared():
    assert (
        words_for(["sentry:sentry.io/1", "code:x", "error:KeyError"])
        == "the same issue in Sentry and the same error at the same place"
    )
