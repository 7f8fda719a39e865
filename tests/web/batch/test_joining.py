"""One problem, many reporters: offers to join, what becomes of them, joining, and its undoing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from sahur.accounts.actor import Actor, system_actor
from sahur.accounts.models import AuditEntry, Team
from sahur.batch import actions, effects, joining, offers, reaper
from sahur.batch.actions import Submission
from sahur.issues import models
from sahur.issues.services import inputs, runs, slack_channels
from sahur.issues.services.joining import RESOLUTION, TOLD_FACT
from sahur.issues.services.slack_threads import Place
from sahur_core.errors import Conflict, NotFound
from sahur_core.issues import Decision, RunStatus, Source, Stage

pytestmark = pytest.mark.django_db(transaction=True)
SENTRY = "Checkout fails, see https://acme.sentry.io/issues/123/"


@pytest.fixture(autouse=True)
def nothing_is_sent(monkeypatch) -> list[str]:
    """The chains that were sent, by the ids of their runs."""
    sent: list[str] = []
    monkeypatch.setattr("sahur.batch.chain.send", lambda run: sent.append(str(run.id)) or True)
    return sent


@pytest.fixture
def rita(team) -> Actor:
    return system_actor(team, "Rita via Slack")


def report(
    actor: Actor,
    team: Team,
    ts: str,
    text: str = SENTRY,
    *,
    channel: str = "C0GENERAL",
    alert: bool = False,
    is_delivered: bool = True,
) -> models.Run:
    place = Place("T0FAKE", channel, ts, "" if alert else "U0RITA", is_alert=alert)
    submission = Submission(title="", body=text, source=Source.SLACK, team_id=team.pk, place=place)
    run = actions.submit_issue(actor, submission).run
    if is_delivered:
        for effect in models.Effect.objects.filter(run=run, kind="slack.join"):
            effects.deliver(effect.id)
    return fresh(run)


def fresh(run: models.Run) -> models.Run:
    return models.Run.objects.select_related("issue__joined", "issue__team").get(id=run.id)


def offer_of(run: models.Run) -> models.InputRequest:
    return models.InputRequest.objects.get(run=run, kind="join")


def make_public(*channels: str) -> None:
    for channel in channels:
        slack_channels.note("T0FAKE", channel, name=channel.lower(), is_private=False)


def succeed(run: models.Run) -> None:
    stored = {"verdict": "confirmed", "summary": "Found.", "next_step": "Mend it."}
    models.Solution.objects.create(run=run, verdict="confirmed", summary="Found.", body=stored)
    for stage in Stage:
        claim = runs.claim(run.id, stage, owner="test", lease_seconds=60, team_limit=99)
        runs.finish_stage(claim, can_go_back=False)


def kinds_in(thread: models.SlackThread, run: models.Run) -> set[str]:
    return set(models.Effect.objects.filter(thread=thread, run=run).values_list("kind", flat=True))


def test_a_report_of_the_same_problem_waits_and_is_asked(rita, team, nothing_is_sent):
    first, second = report(rita, team, "1.1"), report(rita, team, "2.1")
    assert (first.status, second.status) == (RunStatus.QUEUED, RunStatus.WAITING)
    asked = offer_of(second)
    assert first.issue.key in asked.prompt
    assert "the same issue in Sentry" in asked.prompt
    assert set(asked.allowed_decisions) == {"approve", "reject"}
    assert nothing_is_sent == [str(first.id)]


@pytest.mark.parametrize("text", ["Checkout fails", "See https://acme.sentry.io/issues/124/"])
def test_another_problem_is_not_asked_about(rita, team, text):
    report(rita, team, "1.1")
    assert report(rita, team, "2.1", text).status == RunStatus.QUEUED


def test_other_teams_are_never_joined(rita, team, other_team):
    report(rita, team, "1.1")
    olga = system_actor(other_team, "Olga via Slack")
    assert report(olga, other_team, "2.1").status == RunStatus.QUEUED


def test_what_has_ended_or_waits_itself_is_not_joined(rita, team):
    first = report(rita, team, "1.1")
    second = report(rita, team, "2.1")
    runs.request_stop(first.id, "Rita")
    assert report(rita, team, "3.1").status == RunStatus.QUEUED, "the second one only waits to be asked"
    assert fresh(second).status == RunStatus.WAITING


def test_nobody_is_asked_where_that_is_switched_off(rita, team, settings):
    settings.JOIN_OFFER_SECONDS = 0
    report(rita, team, "1.1")
    assert report(rita, team, "2.1").status == RunStatus.QUEUED


def test_the_same_error_in_another_repository_is_another_one(rita, team):
    for name in ("shop", "store"):
        models.Repository.objects.create(team=team, name=name, source=f"https://github.com/acme/{name}")
    first = report(rita, team, "1.1")
    models.Issue.objects.filter(id=first.issue_id).update(repository=models.Repository.objects.get(name="shop"))
    place = Place("T0FAKE", "C0GENERAL", "2.1", "U0RITA")
    other = Submission(title="", body=SENTRY, source=Source.SLACK, team_id=team.pk, repository="store", place=place)
    assert fresh(actions.submit_issue(rita, other).run).status == RunStatus.QUEUED


def test_what_is_said_meanwhile_waits_with_the_run(rita, team):
    report(rita, team, "1.1")
    second = report(rita, team, "2.1")
    actions.send_message(rita, second.id, "Only in Norway")
    assert fresh(second).status == RunStatus.WAITING


def test_without_an_answer_in_time_it_is_investigated_by_itself(rita, team, nothing_is_sent):
    report(rita, team, "1.1")
    second = report(rita, team, "2.1")
    models.InputRequest.objects.update(expires_at=timezone.now())
    reaper.expire_inputs()
    assert fresh(second).status == RunStatus.QUEUED
    assert str(second.id) in nothing_is_sent


def test_rejected_it_starts_and_no_model_hears_of_it(rita, team):
    report(rita, team, "1.1")
    second = report(rita, team, "2.1")
    actions.answer_input(rita, offer_of(second).id, Decision.REJECT)
    assert fresh(second).status == RunStatus.QUEUED
    assert not inputs.has_untold(second.id, [])
    assert not runs.has_news(second.id, []) or not models.InputRequest.objects.filter(run=second).exclude(kind="join").exists()


def test_approved_it_joins(rita, team):
    make_public("C0GENERAL", "C0OTHER")
    first = report(rita, team, "1.1")
    second = report(rita, team, "2.1", channel="C0OTHER")
    actions.send_message(rita, second.id, "Only in Norway")
    actions.answer_input(rita, offer_of(second).id, Decision.APPROVE)
    joined = fresh(second)
    assert (joined.status, joined.issue.status, joined.issue.joined) == ("canceled", "closed", first.issue)
    assert joined.issue.resolution == RESOLUTION.format(key=first.issue.key)
    thread = models.SlackThread.objects.get(root_ts="2.1")
    assert (thread.issue, thread.joined_from) == (first.issue, second.issue)
    assert kinds_in(thread, first) == {"slack.card", "slack.reaction"}
    assert "slack.answer" not in kinds_in(thread, second)
    said = list(models.Message.objects.filter(run=first).order_by("created_at").values_list("text", flat=True))
    assert SENTRY in said[0]
    assert said[1:] == ["Only in Norway"]
    assert set(AuditEntry.objects.filter(target=second.issue.key).values_list("action", flat=True)) >= {
        "input.answered",
        "issue.joined",
    }


def test_joining_twice_changes_nothing(rita, team):
    report(rita, team, "1.1")
    second = report(rita, team, "2.1")
    asked = offer_of(second)
    for _ in range(2):
        actions.answer_input(rita, asked.id, Decision.APPROVE)
    assert models.Activity.objects.filter(kind="issue.joined").count() == 1
    assert models.Message.objects.count() == 1


def test_a_private_report_is_not_told_to_readers_of_other_channels(rita, team):
    make_public("C0GENERAL")
    first = report(rita, team, "1.1")
    second = report(rita, team, "2.1", f"Initech: {SENTRY}", channel="D0DIRECT")
    actions.send_message(rita, second.id, "Initech only")
    actions.answer_input(rita, offer_of(second).id, Decision.APPROVE)
    assert list(models.Message.objects.filter(run=first).values_list("text", flat=True)) == [TOLD_FACT]


def test_the_end_of_the_other_run_withdraws_the_offer(rita, team, nothing_is_sent):
    first = report(rita, team, "1.1")
    second = report(rita, team, "2.1")
    succeed(first)
    offers.withdraw_ended()
    asked = offer_of(second)
    assert first.issue.key in asked.superseded_reason
    assert first.issue.address in asked.superseded_reason
    assert fresh(second).status == RunStatus.QUEUED
    assert nothing_is_sent[-1] == str(second.id)
    with pytest.raises(Conflict):
        actions.answer_input(rita, asked.id, Decision.APPROVE)


def test_who_joins_what_has_just_been_answered_gets_the_answer(rita, team):
    first = report(rita, team, "1.1")
    second = report(rita, team, "2.1")
    succeed(first)
    actions.answer_input(rita, offer_of(second).id, Decision.APPROVE)
    thread = models.SlackThread.objects.get(root_ts="2.1")
    assert {"slack.card", "slack.answer"} <= kinds_in(thread, first)


def test_what_ended_without_an_answer_is_not_joined(rita, team, nothing_is_sent):
    first = report(rita, team, "1.1")
    second = report(rita, team, "2.1")
    runs.request_stop(first.id, "Rita")
    actions.answer_input(rita, offer_of(second).id, Decision.APPROVE)
    assert fresh(second).status == RunStatus.QUEUED
    assert models.Event.objects.filter(run=second, kind="notice.raised").exists()


def test_an_open_request_is_asked_in_the_joined_thread_too(rita, team):
    first = report(rita, team, "1.1")
    second = report(rita, team, "2.1")
    models.InputRequest.objects.create(run=first, kind="question", prompt="Which region?")
    actions.answer_input(rita, offer_of(second).id, Decision.APPROVE)
    assert "slack.input" in kinds_in(models.SlackThread.objects.get(root_ts="2.1"), first)


def test_who_posts_among_alerts_is_asked(rita, team):
    report(rita, team, "1.1")
    place = Place("T0FAKE", "C0GENERAL", "2.1", "U0RITA", is_alert=True)
    submission = Submission(title="", body=SENTRY, source=Source.SLACK, team_id=team.pk, place=place)
    assert offer_of(actions.submit_issue(rita, submission).run)


def test_alerts_join_at_once(rita, team):
    first = report(rita, team, "1.1")
    second = report(rita, team, "2.1", alert=True)
    assert (second.status, second.issue.joined) == ("canceled", first.issue)
    assert not models.InputRequest.objects.exists()


def test_an_alert_whose_investigation_has_ended_without_an_answer_starts(rita, team, nothing_is_sent):
    first = report(rita, team, "1.1")
    second = report(rita, team, "2.1", alert=True, is_delivered=False)
    assert second.status == RunStatus.WAITING
    runs.request_stop(first.id, "Rita")
    assert not offers.join_at_once(second, first.id)
    assert fresh(second).status == RunStatus.QUEUED
    assert nothing_is_sent[-1] == str(second.id)


def test_an_alert_that_is_about_to_join_is_not_joined(rita, team):
    first = report(rita, team, "1.1")
    report(rita, team, "2.1", alert=True, is_delivered=False)
    runs.request_stop(first.id, "Rita")
    assert report(rita, team, "3.1").status == RunStatus.QUEUED


def test_separated_it_is_open_and_runs_by_itself(rita, team, nothing_is_sent):
    first = report(rita, team, "1.1")
    second = report(rita, team, "2.1", alert=True)
    run = joining.separate(rita, second.issue_id)
    issue = models.Issue.objects.get(id=second.issue_id)
    assert (issue.status, issue.joined, issue.resolution) == ("open", None, "")
    thread = models.SlackThread.objects.get(root_ts="2.1")
    assert (thread.issue_id, thread.joined_from) == (issue.id, None)
    assert (run.number, nothing_is_sent[-1]) == (2, str(run.id))
    assert joining.separate(rita, second.issue_id) == run
    assert fresh(first).status == RunStatus.QUEUED


def test_nobody_of_another_team_separates_it(rita, team, other_team):
    report(rita, team, "1.1")
    second = report(rita, team, "2.1", alert=True)
    with pytest.raises(NotFound):
        joining.separate(system_actor(other_team, "Olga"), second.issue_id)


def test_of_many_equal_reports_at_once_one_is_investigated(rita, team):
    def send(number: int) -> str:
        try:
            return report(rita, team, f"{number}.1", alert=number % 2 == 0).status
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        states = list(pool.map(send, range(24)))
    assert states.count(RunStatus.QUEUED) == 1
    assert models.Run.objects.filter(status="queued").count() == 1
    assert states.count(RunStatus.WAITING) <= 20


def test_joining_at_the_moment_of_the_others_end_is_in_nobodys_way(rita, team):
    first = report(rita, team, "1.1")
    waiting = [report(rita, team, f"{number}.1") for number in range(2, 10)]
    asked = [offer_of(run) for run in waiting]

    def do(work) -> None:
        try:
            work()
        finally:
            connection.close()

    with ThreadPoolExecutor(9) as pool:
        joins = [pool.submit(do, lambda each=each: actions.answer_input(rita, each.id, Decision.APPROVE)) for each in asked]
        ending = pool.submit(do, lambda: succeed(first))
        for each in [*joins, ending]:
            each.result(60)
    threads = models.SlackThread.objects.filter(issue=first.issue, joined_from__isnull=False)
    assert threads.count() == len(waiting)
    for thread in threads:
        assert "slack.answer" in kinds_in(thread, first)
