"""Issues that a report resembles: which come first, why, and whose."""

from __future__ import annotations

import pytest

from sahur.accounts.actor import Actor
from sahur.accounts.models import Team
from sahur.issues import models
from sahur.issues.report_marks import Call, marks_of
from sahur.issues.services import reports, runs
from sahur.issues.similar import similar_to_issue, similar_to_report
from sahur_core.errors import NotFound
from sahur_core.issues import Source

pytestmark = pytest.mark.django_db

TRACE = """Since the deploy of {time} checkout answers 500:
Traceback (most recent call last):
  File "{root}/shop/cart.py", line 10, in total
    return price_of(item)
  File "{root}/shop/pricing.py", line {line}, in price_of
    return rates["rate"]
{error}
request 7f3a-{line}1b2c failed after 3 tries
"""
OTHERS = [
    ("Search is slow", "Customers with many orders wait for a minute until the list is there."),
    ("Nightly export is empty", "The file of Tuesday has a header and no rows. No error in the log."),
    ("Webhooks arrive twice", "After the failover each webhook is sent two times."),
    ("Wrong tax on invoices", "KeyError: 'region' in the log of billing, but the invoice was sent."),
    ("Login loops", "After the release people are sent back to the sign-in page."),
]


def trace(root: str = "/srv/app", line: int = 22, error: str = "KeyError: 'rate of carts'", time: str = "10:01") -> str:
    return TRACE.format(root=root, line=line, error=error, time=time)


def report(team: Team, title: str, body: str) -> models.Issue:
    return reports.open_issue(team, reports.NewIssue(title=title, body=body, source=Source.WEB, reporter_name="Rita"))


@pytest.fixture
def known(team: Team) -> list[models.Issue]:
    return [report(team, title, body) for title, body in OTHERS]


def found(actor: Actor, title: str, body: str = "", teams: list[int] | None = None) -> list[str]:
    return [each.past.issue.title for each in similar_to_report(actor, title, body, teams=teams or list(actor.roles))]


def test_the_same_error_at_the_same_call_comes_first_and_says_why(actor, team, known):
    report(team, "Carts fail", trace(root="/opt/releases/7", line=31, time="09:12"))
    best = similar_to_report(actor, "500 in the shop", trace(), teams=[team.pk])[0]
    assert best.past.issue.title == "Carts fail"
    assert best.score > 0.8
    assert best.matched[:3] == ["KeyError", "price_of in pricing.py", "'rate of carts'"]


def test_the_same_type_of_error_somewhere_else_is_no_likeness(actor, team, known):
    elsewhere = 'Traceback (most recent call last):\n  File "/srv/x.py", line 3, in y\n    z\nKeyError: "other"\n'
    report(team, "Something of the importer", elsewhere)
    assert "Something of the importer" not in found(actor, "", trace())


def test_rare_words_find_an_issue_and_are_named_as_they_were_typed(actor, team, known):
    best = similar_to_report(actor, "Exports are empty", "Nightly job on Tuesday", teams=[team.pk])[0]
    assert best.past.issue.title == "Nightly export is empty"
    assert set(best.matched) == {"Exports", "empty", "Nightly", "Tuesday"}


@pytest.mark.parametrize(
    ("title", "body"),
    [("", ""), ("   ", "\n"), ("zzyzx", "quux"), ("the of and", ""), ("a\0b", "\ud800 c"), ("' & | \\ !", "(')")],
)
def test_nothing_is_like_what_says_nothing(actor, known, title, body):
    assert found(actor, title, body) == []


def test_only_teams_asked_for_and_only_ones_own(actor, team, other_team, known):
    report(other_team, "Nightly export is empty", "as here")
    assert found(actor, "Nightly export is empty", teams=[team.pk, other_team.pk]) == ["Nightly export is empty"]
    assert found(actor, "Nightly export is empty", teams=[other_team.pk]) == []
    assert similar_to_report(Actor(name="x", roles={}), "Nightly export", "", teams=[team.pk]) == []


def test_an_issue_is_not_like_itself_and_foreign_ones_do_not_exist(actor, other_team, known, team):
    again = report(team, "Nightly export has no rows", "The file of Tuesday is empty.")
    keys = [each.past.issue.key for each in similar_to_issue(actor, again.key)]
    assert keys[0] == known[1].key
    assert again.key not in keys
    foreign = report(other_team, "Nightly export", "x")
    with pytest.raises(NotFound):
        similar_to_issue(actor, foreign.key)


def test_how_it_ended_is_told(actor, team, known):
    run = runs.create_run(known[1], asked_by="Rita", user_id=None, trace_id="")
    models.Solution.objects.create(run=run, verdict="likely", summary="s", body={"root_cause": "The cursor was closed."})
    models.Issue.objects.filter(id=known[1].id).update(status="closed", resolution="Reverted.")
    best = similar_to_report(actor, "Nightly export is empty", "", teams=[team.pk])[0]
    assert (best.past.resolution, best.past.solution.body["root_cause"]) == ("Reverted.", "The cursor was closed.")


def test_words_that_every_issue_has_find_nothing_alone(actor, team, monkeypatch):
    monkeypatch.setattr("sahur.issues.similar.MAX_FOUND", 3)
    for number in range(5):
        report(team, f"Checkout {number}", "again")
    assert found(actor, "Checkout") == []


def test_a_message_that_all_have_tells_less_than_rare_words(actor, team):
    log = "ERROR shop: request {} failed after 3 tries\n"
    for title in ("Search is slow", "Nightly export is empty", "Webhooks arrive twice", "Invoices are wrong", "Login loops"):
        report(team, title, log.format(f"7f{len(title)}a") * 2)
    best = similar_to_report(actor, "The nightly export", log.format("99ab"), teams=[team.pk])
    assert best[0].past.issue.title == "Nightly export is empty"
    assert best[0].matched[0] == "shop: request 99ab failed after 3 tries"


def test_a_huge_log_is_read_at_both_ends(actor, team, known):
    report(team, "Carts fail", trace())
    log = "".join(f"2026-11-20 10:01:{number % 60:02} INFO request {number:x} took {number} ms\n" for number in range(4000))
    assert found(actor, "", log + trace(root="/opt", line=7))[0] == "Carts fail"


def test_marks_are_what_two_occurrences_have_in_common():
    text = 'ERROR checkout: request 7f3a99 failed after 3 tries\njava.net.SocketException: reset\n"Cannot read rate 17 of cart"'
    marks = marks_of("TypeError again", text + "\n" + trace())
    assert marks.errors == ("KeyError", "TypeError", "SocketException")
    assert marks.calls == (Call("price_of", "pricing.py"), Call("total", "cart.py"))
    assert "checkout: request # failed after # tries" in marks.messages
    assert "cannot read rate # of cart" in marks.messages
