"""What Slack is asked about channels before an issue is told in one of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from sahur.accounts.models import MemberRole
from sahur.batch.effects import DeliveryError
from sahur.issues import models
from sahur.issues.services import report_context, reports, runs, slack_threads
from sahur.issues.services.slack_threads import Place
from sahur.slack.visibility import prompt_in, sight_of, title_in, told_at
from sahur_core.issues import Source, Stage
from tests.fakes.slack import Script
from tests.web.conftest import make_user
from tests.web.slack.conftest import CHANNEL

pytestmark = pytest.mark.django_db(transaction=True)


def reported(team: Any, channel: str) -> tuple[models.Run, models.SlackThread]:
    new = reports.NewIssue(
        title="Initech cannot pay", body="x", source=Source.SLACK, reporter_name="Rita", place=Place("T0FAKE", channel, "1.1")
    )
    issue = reports.open_issue(team, new)
    return runs.create_run(issue, asked_by="Rita", user_id=None, trace_id=""), issue.slack_threads.get()


def also_in(run: models.Run, channel: str) -> models.SlackThread:
    return slack_threads.open_thread(run.issue, Place("T0FAKE", channel, "2.1"))


@pytest.fixture
def secret(slack) -> str:
    slack.add_channel("C0SECRET", "secret", kind="group", members={"U0RITA", "U0SAHUR"})
    return "C0SECRET"


def asked(slack) -> list[str]:
    return [call["channel"] for call in slack.calls_of("conversations.info")]


def test_for_one_thread_slack_is_asked_nothing(slack, team):
    run, thread = reported(team, CHANNEL)
    assert sight_of(run, thread).is_whole
    assert asked(slack) == []


def test_before_an_issue_is_told_elsewhere_slack_is_asked_once(slack, team, secret):
    run, _ = reported(team, secret)
    thread = also_in(run, CHANNEL)
    assert not sight_of(run, thread).is_whole
    assert sight_of(run, thread).title(run.issue) == ""
    assert sorted(asked(slack)) == sorted([CHANNEL, secret])
    assert models.SlackChannel.objects.get(channel_id=CHANNEL).is_private is False


def test_a_channel_that_became_private_is_noticed_after_some_hours(slack, team):
    run, _ = reported(team, CHANNEL)
    thread = also_in(run, "D0DIRECT")
    assert sight_of(run, thread).is_whole
    slack.places[CHANNEL].kind = "group"
    models.SlackChannel.objects.update(asked_at=timezone.now() - timedelta(hours=5))
    assert not sight_of(run, thread).is_whole


def test_a_channel_that_slack_does_not_tell_of_counts_as_private(slack, team):
    run, _ = reported(team, "C0NOTHERE")
    assert not sight_of(run, also_in(run, CHANNEL)).is_whole
    assert models.SlackChannel.objects.get(channel_id="C0NOTHERE").is_private is None


def test_while_slack_is_away_nothing_is_posted(slack, team, secret):
    run, _ = reported(team, secret)
    slack.script("conversations.info", Script(error="internal_error"))
    with pytest.raises(DeliveryError) as refused:
        sight_of(run, also_in(run, CHANNEL))
    assert not refused.value.permanent
    assert not models.SlackChannel.objects.filter(asked_at__isnull=False).exists()


@pytest.mark.parametrize("code", ["token_expired", "token_revoked", "invalid_auth"])
def test_an_answer_about_the_token_says_nothing_of_the_channel(slack, team, secret, code):
    run, _ = reported(team, secret)
    slack.script("conversations.info", Script(error=code))
    with pytest.raises(DeliveryError) as refused:
        sight_of(run, also_in(run, CHANNEL))
    assert not refused.value.permanent
    assert not models.SlackChannel.objects.filter(asked_at__isnull=False).exists()


def test_slack_is_not_asked_before_the_pause_that_it_wants_is_over(slack, team, secret):
    run, _ = reported(team, secret)
    thread = also_in(run, CHANNEL)
    slack.script("conversations.info", Script(error="ratelimited", status=429, retry_after=30))
    for _ in range(2):
        with pytest.raises(DeliveryError) as refused:
            sight_of(run, thread)
        assert refused.value.is_untried
        assert 20 < (refused.value.retry_after or 0) <= 30
    assert len(asked(slack)) == 1


def test_people_of_other_companies_see_only_their_channel(slack, team):
    slack.add_channel("C0SHARED", "shared", members={"U0RITA", "U0SAHUR"}).is_ext_shared = True
    run, own = reported(team, "C0SHARED")
    assert sight_of(run, also_in(run, CHANNEL)).is_whole
    other, _ = reported(team, "D0DIRECT")
    assert not sight_of(other, also_in(other, "C0SHARED")).is_whole
    assert sight_of(run, own).is_whole


@pytest.mark.parametrize(("place", "is_told"), [(CHANNEL, True), ("C0SECRET", False)])
def test_another_issue_has_its_title_and_its_thread_where_they_may_be_read(slack, team, secret, place, is_told):
    first, _ = reported(team, place)
    _, thread = reported(team, "D0DIRECT")
    assert title_in(first.issue, thread) == ("Initech cannot pay" if is_told else "")
    assert told_at(first.issue, thread).endswith(f"/{place}/thread/{place}-1.1" if is_told else "")
    assert bool(told_at(first.issue, thread)) == is_told


def test_only_a_thread_that_readers_may_see_is_linked(slack, team, secret):
    issue = reports.open_issue(team, reports.NewIssue(title="x", body="x", source=Source.WEB, reporter_name="Rita"))
    run = runs.create_run(issue, asked_by="Rita", user_id=None, trace_id="")
    also_in(run, secret)
    _, reader = reported(team, "D0DIRECT")
    assert told_at(issue, reader) == ""
    slack_threads.open_thread(issue, Place("T0FAKE", CHANNEL, "3.1"))
    assert told_at(issue, reader).endswith(f"/{CHANNEL}/thread/{CHANNEL}-3.1")


def test_a_question_that_quotes_is_not_asked_elsewhere(slack, team, secret):
    run, own = reported(team, secret)
    thread = also_in(run, CHANNEL)
    request = models.InputRequest.objects.create(run=run, kind="question", prompt="Which plan has Initech?")
    assert "Initech" not in prompt_in(request, thread)
    assert prompt_in(request, own) == request.prompt


def test_what_was_read_late_of_a_private_thread_stays_there(slack, team, secret):
    run, own = reported(team, secret)
    models.Run.objects.filter(id=run.id).update(asked_by_user=make_user("rita", team, MemberRole.RESPONDER))
    report_context.expect(run, report_context.Awaited("its thread", {"ts": "1.1"}))
    runs.claim(run.id, Stage.GATHER_CONTEXT, owner="w", lease_seconds=60, team_limit=9)
    late = "Boss: Globex of deal Falcon cannot pay invoice 998877"
    assert report_context.complete(models.Effect.objects.get(kind="slack.report"), late, "") == report_context.Completed.SAID
    thread = also_in(run, CHANNEL)
    assert "Globex" not in sight_of(run, thread).says("Globex is hit")
    assert sight_of(run, own).is_whole
    assert not models.Effect.objects.filter(kind="slack.reaction").exists()


def test_who_typed_a_report_where_we_are_not_sees_all_of_it_directly(slack, team):
    slack.add_channel("C0PRIV", "private", kind="group", members={"U0RITA"})
    place = Place("T0FAKE", "C0PRIV", "", "U0RITA")
    new = reports.NewIssue(title="Initech cannot pay", body="x", source=Source.SLACK, reporter_name="Rita", place=place)
    issue = reports.open_issue(team, new)
    run = runs.create_run(issue, asked_by="Rita", user_id=None, trace_id="")
    own = issue.slack_threads.get()
    slack_threads.begin(own, "D0RITA", "1.1")
    own.refresh_from_db()
    assert sight_of(run, own).is_whole
    assert sight_of(run, also_in(run, CHANNEL)).title(issue) == ""


def test_somebody_elses_direct_messages_do_not_see_what_was_typed_in_private(slack, team):
    place = Place("T0FAKE", "C0PRIV", "", "U0RITA")
    new = reports.NewIssue(title="Initech cannot pay", body="x", source=Source.SLACK, reporter_name="Rita", place=place)
    issue = reports.open_issue(team, new)
    run = runs.create_run(issue, asked_by="Rita", user_id=None, trace_id="")
    slack_threads.begin(issue.slack_threads.get(), "D0RITA", "1.1")
    other, theirs = reported(team, "D0BOB")
    models.SlackThread.objects.filter(id=theirs.id).update(issue=issue, joined_from=other.issue)
    theirs.refresh_from_db()
    assert not sight_of(run, theirs).is_whole
