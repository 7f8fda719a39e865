"""`/ws/issues/` and `/ws/issues/<key>/`: summaries of what changed, only to its team."""

from __future__ import annotations

import pytest

from sahur.accounts.models import Membership
from sahur.batch import actions
from sahur.issues import models
from sahur.websockets.feed import MAX_REMEMBERED, IssueFeed
from sahur.websockets.poller import Poller
from sahur.websockets.seats import Seats
from sahur_core.issues import Source

pytestmark = pytest.mark.django_db(transaction=True)


def report(actor, team, title) -> models.Issue:
    return actions.submit_issue(actor, actions.Submission(title=title, body="x", source=Source.WEB, team_id=team.pk)).issue


def until(socket, key, condition) -> dict:
    """The first summary of this issue for which the condition holds."""
    while True:
        for summary in socket.frame()["issues"]:
            if summary["key"] == key and condition(summary):
                return dict(summary)


def test_the_list_begins_with_what_is_there(open_as, responder, run):
    with open_as(responder, "/ws/issues/") as socket:
        frame = socket.frame()
    (summary,) = frame["issues"]
    assert frame["type"] == "issues.changed"
    assert (summary["key"], summary["team"], summary["run"]["status"]) == ("SAH-1", "SAH", "queued")
    assert set(summary) == {
        "key", "title", "status", "source", "reporter", "repository", "team", "created_at", "updated_at", "news_at", "run",
        "joined",
    }  # fmt: skip


def test_a_new_issue_and_its_changes_arrive(open_as, responder, actor, team, run, listening, monkeypatch):
    monkeypatch.setattr(Poller, "issue_poll_seconds", 3600)
    with open_as(responder, "/ws/issues/") as socket:
        socket.frame()
        listening()
        issue = report(actor, team, "Login fails")
        assert until(socket, issue.key, lambda summary: summary["run"])["title"] == "Login fails"
        actions.close_issue(actor, issue.key, "Fixed")
        assert until(socket, issue.key, lambda summary: summary["status"] == "closed")


def test_changes_arrive_where_the_hint_is_lost(open_as, responder, run, monkeypatch):
    monkeypatch.setattr(Poller, "issue_poll_seconds", 0.2)
    with open_as(responder, "/ws/issues/") as socket:
        socket.frame()
        models.Run.objects.filter(id=run.id).update(status="running")
        assert until(socket, "SAH-1", lambda summary: summary["run"]["status"] == "running")


def test_one_issue_is_followed_alone(open_as, responder, actor, team, run, listening):
    with open_as(responder, "/ws/issues/sah-1/") as socket:
        assert [summary["key"] for summary in socket.frame()["issues"]] == ["SAH-1"]
        listening()
        report(actor, team, "Another one")
        started = socket.answer(client_id="c1", command="run.start")
        assert started["result"]["number"] == 2
        frame = socket.frame()
        assert {summary["key"] for summary in frame["issues"]} == {"SAH-1"}


def test_another_teams_issues_are_not_told(open_as, stranger, responder, actor, team, other_team, run, listening, monkeypatch):
    monkeypatch.setattr(Poller, "issue_poll_seconds", 0.2)
    theirs = models.Issue.objects.create(team=other_team, number=1, key="OTH-1", title="x", body="x", source="web")
    with open_as(stranger, "/ws/issues/") as socket, open_as(responder, "/ws/issues/") as ours:
        frames = [socket.frame()]
        listening()
        report(actor, team, "Not for them")
        until(ours, "SAH-2", bool)
        models.Issue.objects.filter(id=theirs.id).update(title="changed")
        while frames[-1]["issues"][-1]["title"] != "changed":
            frames.append(socket.frame())
    assert {summary["key"] for frame in frames for summary in frame["issues"]} == {"OTH-1"}


def test_a_new_membership_is_noticed(open_as, stranger, team, issue, monkeypatch):
    monkeypatch.setattr(Seats, "review_seconds", 0.1)
    monkeypatch.setattr(Poller, "issue_poll_seconds", 0.1)
    with open_as(stranger, "/ws/issues/") as socket:
        Membership.objects.create(user=stranger, team=team, role="viewer")
        assert until(socket, issue.key, bool)["team"] == "SAH"


def test_a_feed_tells_only_what_changed(issue):
    feed = IssueFeed(frozenset({issue.team_id}))
    feed.offer(issue.id, {"status": "open"})
    assert feed.take() == [{"status": "open"}]
    feed.offer(issue.id, {"status": "open"})
    assert feed.take() == []
    feed.offer(issue.id, {"status": "closed"})
    feed.offer(issue.id, {"status": "open"})
    assert feed.take() == [{"status": "open"}]


def test_a_feed_does_not_grow(issue):
    feed = IssueFeed(frozenset({1}))
    for number in range(3 * MAX_REMEMBERED):
        feed.offer(number, {"number": number})
        feed.take()
    assert len(feed._sent) == MAX_REMEMBERED
