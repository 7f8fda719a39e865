"""The list of issues by what its latest runs came to, by who reported it, and by what somebody has not read yet."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from sahur.accounts.actor import Actor, actor_for
from sahur.accounts.models import MemberRole, Team
from sahur.issues import listing, models, reading
from sahur.issues.listing import Filter
from sahur.issues.services import reading as marks
from sahur.issues.services import reports, runs
from sahur_core.errors import NotPermitted
from sahur_core.issues import Source

pytestmark = pytest.mark.django_db

ENDED = [("succeeded", "confirmed"), ("succeeded", "likely"), ("failed", ""), ("waiting", ""), ("queued", "")]


@pytest.fixture
def actor(responder, team, other_team) -> Actor:
    """Rita, in two teams with ten issues each: the latest runs of both come to the same in turn."""
    for number in range(20):
        by = {"reporter_name": "rita", "reporter_id": responder.pk} if number % 2 else {"reporter_name": "bo"}
        where = team if number < 10 else other_team
        repository = reports.add_repository(where, f"https://example.org/{'shop' if number % 4 == 0 else 'till'}.git")
        new = reports.NewIssue(title=f"Problem {number}", body="x", source=Source.WEB, repository=repository, **by)
        issue = reports.open_issue(where, new)
        # Two of them in the same instant: their ids then decide.
        models.Issue.objects.filter(id=issue.id).update(created_at=issue.created_at - timedelta(minutes=number // 2))
        earlier, latest = (runs.create_run(issue, asked_by="Rita", user_id=None, trace_id="") for _ in range(2))
        models.Run.objects.filter(id=earlier.id).update(status="canceled", verdict="inconclusive")
        status, verdict = ENDED[number % 5]
        models.Run.objects.filter(id=latest.id).update(status=status, verdict=verdict)
    found = actor_for(responder)
    return Actor(name=found.name, roles={**found.roles, other_team.pk: MemberRole.VIEWER}, user_id=found.user_id)


def read_all(actor: Actor, wanted: Filter, limit: int = 3) -> list[str]:
    """Page by page to the end."""
    page = listing.list_page(actor, wanted, None, limit)
    titles = [row.title for row in page.rows]
    while page.end:
        page = listing.list_page(actor, wanted, page.end, limit)
        titles += [row.title for row in page.rows]
    return titles


def expected(fits) -> list[str]:
    rows = models.Issue.objects.order_by("-created_at", "-id")
    return [row.title for row in rows if fits(int(row.title.split()[1]))]


QUESTIONS = [
    (Filter(verdict="confirmed"), lambda n: n % 5 == 0),
    (Filter(run_status="failed"), lambda n: n % 5 == 2),
    (Filter(run_status="waiting"), lambda n: n % 5 == 3),
    (Filter(run_status="canceled"), lambda n: False),
    (Filter(run_status="succeeded", verdict="likely"), lambda n: n % 5 == 1),
    (Filter(verdict="confirmed", query="problem"), lambda n: n % 5 == 0),
    (Filter(repository="shop"), lambda n: n % 4 == 0),
    (Filter(repository="shop", team="oth", verdict="confirmed"), lambda n: n >= 10 and n % 20 == 0),
    (Filter(repository="nowhere"), lambda n: False),
    (Filter(reporter="bo"), lambda n: n % 2 == 0),
    (Filter(reporter="me"), lambda n: n % 2 == 1),
    (Filter(reporter="me", run_status="queued", team="SAH"), lambda n: n < 10 and n % 10 == 9),
    (Filter(reporter="me", query="problem"), lambda n: n % 2 == 1),
]


@pytest.mark.parametrize("looked_at", [2, 5, 3000])
@pytest.mark.parametrize(("wanted", "fits"), QUESTIONS)
def test_every_filter_tells_each_issue_once_in_order_however_far_a_page_looks(actor, monkeypatch, wanted, fits, looked_at):
    monkeypatch.setattr(listing, "LOOKED_AT", looked_at)
    monkeypatch.setattr(listing, "FOUND", looked_at)
    assert read_all(actor, wanted) == expected(fits)


def test_a_page_looks_at_no_more_issues_than_it_may(actor, monkeypatch):
    monkeypatch.setattr(listing, "LOOKED_AT", 4)
    first = listing.list_page(actor, Filter(run_status="canceled"))
    newest = list(models.Issue.objects.order_by("-created_at", "-id")[:4])
    assert (first.rows, first.end) == ([], (newest[-1].created_at, newest[-1].id))


def test_unread_is_what_had_news_since_it_was_seen(actor):
    issues = list(models.Issue.objects.order_by("created_at"))
    marks.mark_seen(actor.user_id, [issue.id for issue in issues])
    assert read_all(actor, Filter(is_unread=True)) == []
    runs.create_run(issues[4], asked_by="Bo", user_id=None, trace_id="")
    waiting = issues[5].runs.get(number=2)
    models.InputRequest.objects.create(run=waiting, kind="question", prompt="Where?")
    models.Run.objects.filter(issue=issues[6], number=1).update(ended_at=timezone.now())
    models.Issue.objects.filter(id=issues[7].id).update(updated_at=timezone.now())
    marks.mark_unseen(actor.user_id, [issues[8].id])
    unread = set(read_all(actor, Filter(is_unread=True)))
    assert unread == {issues[place].title for place in (4, 5, 6, 7, 8)}


def test_another_persons_marks_are_not_mine(actor, stranger):
    marks.mark_seen(stranger.pk, list(models.Issue.objects.values_list("id", flat=True)))
    assert len(read_all(actor, Filter(is_unread=True))) == 20


def test_what_was_before_somebodys_account_is_no_news_to_them(actor, responder):
    responder.date_joined = timezone.now()
    responder.save()
    assert read_all(actor, Filter(is_unread=True)) == []


def test_a_mark_never_goes_back_and_hides_no_later_news(actor, issue):
    before = issue.created_at - timedelta(days=1)
    marks.mark_seen(actor.user_id, [issue.id], until=before)
    assert reading.seen_by(actor.user_id, [issue.id])[issue.id] == before
    marks.mark_seen(actor.user_id, [issue.id])
    seen = reading.seen_by(actor.user_id, [issue.id])[issue.id]
    marks.mark_seen(actor.user_id, [issue.id], until=before)
    assert reading.seen_by(actor.user_id, [issue.id])[issue.id] == seen > reading.news_of([issue.id])[issue.id]


@pytest.mark.parametrize("wanted", [Filter(reporter="me"), Filter(is_unread=True)])
def test_who_is_no_person_has_nothing_of_their_own(team, wanted):
    with pytest.raises(NotPermitted):
        listing.list_page(Actor(name="machine", roles={team.pk: MemberRole.VIEWER}), wanted)


@pytest.mark.parametrize(
    ("narrowed", "index"),
    [
        ("team_id = 1 and reporter_name = 'bo'", "issue_reporter_name"),
        ("team_id = 1 and reporter_id = 1", "issue_reporter"),
        ("team_id = 1 and repository_id = '00000000-0000-7000-8000-000000000001'", "issue_repository"),
    ],
)
def test_lists_of_one_reporter_or_repository_have_an_index_in_their_order(narrowed, index):
    order = "order by created_at desc, id desc limit 51"
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off; set local enable_bitmapscan = off; set local enable_sort = off")
        cursor.execute(f"explain select id from issues_issue where {narrowed} {order}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert index in plan
    assert "Sort" not in plan


def test_a_team_of_somebody_else_has_no_issue_here(actor):
    far = Team.objects.create(key="FAR", name="Far")
    reports.open_issue(far, reports.NewIssue(title="Problem 99", body="x", source=Source.WEB, reporter_name="bo"))
    for wanted in (Filter(team="FAR"), Filter(reporter="bo"), Filter(is_unread=True), Filter(query="problem", is_unread=True)):
        assert "Problem 99" not in read_all(actor, wanted)
