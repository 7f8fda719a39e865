"""The list of issues: over several teams, page by page, filtered and searched."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sahur.accounts.actor import Actor
from sahur.accounts.models import MemberRole, Team
from sahur.issues import listing, models, selectors, summaries
from sahur.issues.services import reports
from sahur_core.issues import IssueStatus, Source

pytestmark = pytest.mark.django_db


def report(team: Team, title: str, body: str = "x") -> models.Issue:
    new = reports.NewIssue(title=title, body=body, source=Source.WEB, reporter_name="Rita")
    return reports.open_issue(team, new)


@pytest.fixture
def three_teams() -> Actor:
    teams = [Team.objects.create(key=key, name=key) for key in ("ONE", "TWO", "SIX")]
    foreign = Team.objects.create(key="FAR", name="Far")
    for place, team in enumerate([*teams, *reversed(teams), foreign, *teams]):
        issue = report(team, f"Problem {place}")
        # Two of them in the same instant: their ids then decide.
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=place // 2)
        status = "closed" if place % 3 == 0 else "open"
        models.Issue.objects.filter(id=issue.id).update(created_at=at, status=status)
    return Actor(name="Rita", roles={team.pk: MemberRole.VIEWER for team in teams})


def newest_first(actor: Actor, **filters) -> list[str]:
    rows = models.Issue.objects.filter(team_id__in=actor.roles, **filters).order_by("-created_at", "-id")
    return [row.title for row in rows]


@pytest.mark.parametrize("filters", [{}, {"status": "open"}, {"status": "closed"}])
@pytest.mark.parametrize("limit", [1, 2, 4, 50])
def test_pages_over_several_teams_tell_each_issue_once_in_order(three_teams, limit, filters):
    seen, before = [], None
    while page := listing.list_issues(three_teams, before=before, limit=limit, **filters):
        seen += [row.title for row in page]
        before = (page[-1].created_at, page[-1].id)
    assert seen == newest_first(three_teams, **filters)
    assert "Problem 6" not in seen


def test_a_team_of_somebody_else_is_empty(three_teams):
    assert [row.title for row in listing.list_issues(three_teams, team="two")] == newest_first(three_teams, team__key="TWO")
    assert listing.list_issues(three_teams, team="FAR") == []


def test_nobody_without_a_team_sees_anything(three_teams):
    assert listing.list_issues(Actor(name="Nobody", roles={})) == []


@pytest.fixture
def found(team, actor):
    report(team, "KeyError in booking/feed.py", "The import of seats_by_row stops with an unhandled exception")
    report(team, "Checkout is slow", "It began with the release. See SAH-1")
    foreign = Team.objects.create(key="FAR", name="Far")
    report(foreign, "KeyError in booking/feed.py")

    def search(text: str) -> list[str]:
        return [row.key for row in listing.list_issues(actor, query=text)]

    return search


@pytest.mark.parametrize(
    "text",
    ["keyerror", "KeyErr", "error", "booking", "feed", "feed.py", "booking/feed.py", "exceptions", "seats_by_row", "impor stop",
     "row key", '"unhandled exception"', "keyerror -slow", "import or nothing"],
)  # fmt: skip
def test_words_parts_of_the_title_and_beginnings_find_an_issue(found, text):
    assert found(text) == ["SAH-1"]


@pytest.mark.parametrize(
    "text", ["checkout keyerror", "keyerror -import", '"exception unhandled"', "nowhere", "%", "'", "\\", ":*", "& |"]
)
def test_what_fits_no_issue_finds_none(found, text):
    assert found(text) == []


def test_a_key_finds_its_issue_and_those_that_tell_it(found):
    assert found(" sah-1 ") == ["SAH-2", "SAH-1"]
    assert found("FAR-1") == []


def test_a_closed_issue_is_found_by_its_resolution(found, actor):
    issue = selectors.get_issue(actor, "SAH-2")
    reports.set_status(issue, IssueStatus.CLOSED, actor, "Rolled back the connection pooler")
    assert found("pooler") == ["SAH-2"]


def test_several_teams_are_searched_at_once_newest_first(three_teams):
    found = [row.title for row in listing.list_issues(three_teams, query="problem", limit=4)]
    assert found == newest_first(three_teams)[:4]


def test_no_report_is_too_wordy_for_the_index(team):
    """A word of three bytes a letter, 200,000 characters of words of which none comes twice."""
    wordy = " ".join(chr(0x4E00 + number // 180) + chr(0x4E00 + number % 180) + "語" for number in range(50_000))
    assert report(team, "Long", wordy[:200_000]).key == "SAH-1"


def test_reading_an_issue_does_not_bring_its_index(team, django_assert_num_queries):
    report(team, "Long", "word " * 1000)
    with django_assert_num_queries(1) as asked:
        assert models.Issue.objects.get().words is None
    assert '"words"' not in asked[0]["sql"]


def test_a_list_does_not_read_whole_reports(team, actor, django_assert_num_queries):
    report(team, "Long", "word " * 1000)
    with django_assert_num_queries(3) as asked:
        assert [row["title"] for *_, row in summaries.newest_summaries([team.pk], 5)] == ["Long"]
    assert '"body"' not in asked[0]["sql"]


@pytest.mark.parametrize("own_few", [True, False])
@pytest.mark.parametrize("walked", [(1,), (2, 4), (300, 5000)])
def test_a_search_finds_the_same_however_far_it_walks(three_teams, monkeypatch, walked, own_few):
    monkeypatch.setattr(listing, "WALKED", walked)
    monkeypatch.setattr(listing, "_own_few_issues", lambda _: own_few)
    pages, before = [], None
    while page := listing.list_issues(three_teams, query="problem", status="open", before=before, limit=3):
        pages += [row.title for row in page]
        before = (page[-1].created_at, page[-1].id)
    assert pages == newest_first(three_teams, status="open")


def test_who_has_joined_is_told_by_two_queries(team, django_assert_num_queries):
    issue = report(team, "Checkout fails")
    channels = {"C0GENERAL": (False, "general"), "C0SECRET": (True, "secret"), "C0NEW": (None, ""), "D0DIRECT": (None, "")}
    for channel, (is_private, name) in channels.items():
        models.SlackChannel.objects.create(workspace_id="T1", channel_id=channel, is_private=is_private, name=name)
        place = {"workspace_id": "T1", "channel_id": channel, "root_ts": "1.1"}
        models.SlackThread.objects.create(issue=issue, joined_from=report(team, channel, "word " * 1000), **place)
    with django_assert_num_queries(2) as asked:
        told = {row.title: where for row, where in selectors.joined_reports(issue)}
    assert '"body"' not in asked[0]["sql"]
    assert list(told.values()) == ["#general", "a private channel", "a private channel", "a direct message"]
