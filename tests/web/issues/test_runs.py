"""The life of a run: claimed once, fenced, finished once, never losing what was said."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from sahur.issues import events, models, selectors
from sahur.issues.services import findings, inputs, messages, runs
from sahur_core import issues
from sahur_core.errors import AttemptFenced, Conflict, SahurError
from sahur_core.events import NoticeRaised
from sahur_core.issues import RunStatus, Stage, Verdict
from tests.web.conftest import make_user

pytestmark = pytest.mark.django_db


def claim(run: models.Run, stage: Stage = Stage.GATHER_CONTEXT) -> runs.Claim | None:
    return runs.claim(run.id, stage, owner="test", lease_seconds=30, team_limit=10)


def claimed(run: models.Run, stage: Stage = Stage.GATHER_CONTEXT) -> runs.Claim:
    got = claim(run, stage)
    assert got is not None
    return got


def kinds_of(run: models.Run) -> list[str]:
    return [event.payload.kind for event in selectors.read_events(run.id, 0)]


def solve(run: models.Run, got: runs.Claim) -> None:
    solution = issues.Solution(verdict=Verdict.LIKELY, summary="A key is missing.", next_step="Add it.")
    findings.save_solution(run, solution, got.attempt)


def test_a_queued_run_is_claimed_once(run):
    assert claim(run) is not None
    assert claim(run) is None


def test_a_claim_of_another_stage_is_refused(run):
    assert claim(run, Stage.ANALYZE) is None


def test_four_stages_end_in_success_with_gapless_numbers(run):
    for stage in Stage:
        got = claimed(run, stage)
        if stage == Stage.PROPOSE_SOLUTION:
            solve(run, got)
        outcome = runs.finish_stage(got, can_go_back=True)
    assert outcome == runs.Outcome.ENDED
    run.refresh_from_db()
    assert (run.status, run.verdict) == (RunStatus.SUCCEEDED, Verdict.LIKELY)
    assert [event.seq for event in selectors.read_events(run.id, 0)] == list(range(1, selectors.last_seq(run.id) + 1))
    assert kinds_of(run)[-1] == "run.succeeded"


def test_a_lost_attempt_can_write_nothing(run):
    lost = claimed(run)
    models.RunLease.objects.filter(run=run).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert runs.recover(run.id, 3, "") == RunStatus.QUEUED
    with pytest.raises(AttemptFenced):
        events.record(run, NoticeRaised(level="info", message="late"), attempt=lost.attempt)
    claimed(run)
    with pytest.raises(AttemptFenced):
        runs.finish_stage(lost, can_go_back=True)
    assert "attempt.restarted" in kinds_of(run)


def test_a_run_that_loses_its_worker_three_times_fails_and_says_so(run):
    for _ in range(3):
        claimed(run)
        models.RunLease.objects.filter(run=run).update(lease_until=timezone.now() - timedelta(seconds=1))
        runs.recover(run.id, 3, "")
    run.refresh_from_db()
    assert run.status == RunStatus.FAILED
    assert run.failure["stage"] == Stage.GATHER_CONTEXT
    assert kinds_of(run)[-1] == "run.failed"


def test_a_run_that_moves_on_between_crashes_outlives_any_number_of_them(run):
    for crash in range(6):
        claimed(run)
        models.RunLease.objects.filter(run=run).update(lease_until=timezone.now() - timedelta(seconds=1))
        assert runs.recover(run.id, 3, f"checkpoint {crash // 2}") == RunStatus.QUEUED


def test_a_run_that_was_handed_over_is_not_told_as_a_crash(run):
    claimed(run)
    models.RunLease.objects.filter(run=run).update(lease_until=timezone.now() - timedelta(seconds=1))
    runs.recover(run.id, 3, "")
    runs.requeue(claimed(run), Stage.GATHER_CONTEXT)
    claimed(run)
    assert kinds_of(run).count("attempt.restarted") == 1


def test_a_clock_that_jumped_back_leaves_no_lease_for_hours(run):
    claimed(run)
    models.RunLease.objects.filter(run=run).update(lease_until=timezone.now() + timedelta(hours=1))
    assert runs.shorten_leases(30) == 1
    assert runs.shorten_leases(30) == 0
    lease = models.RunLease.objects.get(run=run)
    assert lease.lease_until < timezone.now() + timedelta(seconds=60)


def test_a_lost_attempt_can_store_no_rows_of_its_work(run):
    lost = claimed(run)
    runs.requeue(lost, Stage.GATHER_CONTEXT)
    with pytest.raises(AttemptFenced):
        findings.add_transcript(run, [(issues.Role.ASSISTANT, {"text": "late"})], lost.attempt)
    call = issues.ToolCall(id="call-1", step_id="s", tool="code__read", arguments={}, status=issues.ToolResultStatus.OK, text="")
    with pytest.raises(AttemptFenced):
        findings.add_tool_call(run, call, lost.attempt)
    assert not models.Message.objects.filter(run=run).exists()
    assert not models.ToolCall.objects.filter(run=run).exists()


def test_what_is_said_during_analyze_sends_the_run_back_to_the_model(run):
    runs.finish_stage(claimed(run), can_go_back=True)
    got = claimed(run, Stage.ANALYZE)
    messages.say(run, "It began on Tuesday", author_name="Rita", author_id=None)
    assert runs.finish_stage(got, can_go_back=True) == runs.Outcome.AGAIN
    assert [message.text for message in messages.take_in(run, got.attempt, 7)] == ["It began on Tuesday"]
    assert runs.finish_stage(got, can_go_back=True) == runs.Outcome.NEXT


def test_a_message_is_handed_out_again_to_a_step_that_crashed(run):
    got = claimed(run)
    messages.say(run, "Look at the cache", author_name="Rita", author_id=None)
    first = messages.take_in(run, got.attempt, 3)
    assert [message.id for message in messages.take_in(run, got.attempt, 3)] == [message.id for message in first]
    assert messages.take_in(run, got.attempt, 4) == []
    assert kinds_of(run).count("message.taken_in") == 1


def test_a_message_to_an_ended_run_is_carried_into_the_next(run):
    runs.request_stop(run.id, "Rita")
    late = messages.say(run, "One more thing", author_name="Rita", author_id=None, client_id="c1")
    assert late.status == "carried_over"
    following = runs.create_run(run.issue, asked_by="Rita", user_id=None, trace_id="")
    assert [message.text for message in models.Message.objects.filter(run=following)] == ["One more thing"]


def test_the_same_client_id_is_one_message(run):
    first = messages.say(run, "Hello", author_name="Rita", author_id=None, client_id="c1")
    assert messages.say(run, "Hello", author_name="Rita", author_id=None, client_id="c1").id == first.id
    assert kinds_of(run).count("message.queued") == 1


@pytest.mark.parametrize("prepare", ["queued", "waiting"])
def test_stop_ends_at_once_what_nobody_works_on(run, prepare):
    if prepare == "waiting":
        got = claimed(run)
        request = issues.InputRequest(id=str(run.id), kind=issues.InputKind.QUESTION, prompt="Which region?")
        inputs.open_request(run, request, got.attempt)
        assert runs.finish_waiting(got, []) == runs.Outcome.WAITING
    assert runs.request_stop(run.id, "Rita").status == RunStatus.CANCELED
    assert kinds_of(run)[-1] == "run.canceled"


def test_stop_of_a_running_run_is_left_to_its_owner(run):
    got = claimed(run)
    assert runs.request_stop(run.id, "Rita").status == RunStatus.RUNNING
    assert runs.stop_requested_by(run.id, got.attempt) == "Rita"
    runs.cancel(got)
    run.refresh_from_db()
    assert run.status == RunStatus.CANCELED


def test_a_run_ends_once(run):
    got = claimed(run)
    runs.fail(got, SahurError("broken", next_step="mend it"))
    with pytest.raises(AttemptFenced):
        runs.cancel(got)
    runs.request_stop(run.id, "Rita")
    assert sum(kind in {"run.failed", "run.canceled"} for kind in kinds_of(run)) == 1


def test_the_first_answer_wins_and_wakes_the_run(run, actor, team):
    from sahur.accounts.actor import actor_for
    from sahur.accounts.models import MemberRole
    from sahur_core.errors import Conflict
    from sahur_core.issues import Decision

    got = claimed(run)
    request = issues.InputRequest(id=str(run.id), kind=issues.InputKind.QUESTION, prompt="Which region?")
    inputs.open_request(run, request, got.attempt)
    assert runs.finish_waiting(got, []) == runs.Outcome.WAITING
    row = models.InputRequest.objects.get(id=run.id)
    other = actor_for(make_user("rob", team, MemberRole.RESPONDER))
    inputs.answer(row, inputs.Answer(Decision.RESPOND, "eu-west"), actor)
    with pytest.raises(Conflict):
        inputs.answer(models.InputRequest.objects.get(id=run.id), inputs.Answer(Decision.RESPOND, "us"), other)
    assert runs.wake(run.id)
    assert claim(run) is not None


@pytest.mark.parametrize(("said", "told"), [("a\x00b", "a\ufffdb"), ("a\ud800b", "a\ufffdb"), ("'\\u0000'", "'\\u0000'")])
def test_an_event_keeps_whatever_a_model_says_as_far_as_it_can_be_stored(run, said, told):
    events.record(run, NoticeRaised(level="info", message=said))
    assert selectors.read_events(run.id, 0)[-1].payload.message == told


def test_one_of_two_answers_is_news_until_the_model_has_been_told(run, actor):
    from sahur_core.issues import Decision

    got = claimed(run)
    first, second = (
        issues.InputRequest(id=str(uuid.uuid4()), kind=issues.InputKind.QUESTION, prompt=prompt) for prompt in ("Where?", "When?")
    )
    for request in (first, second):
        inputs.open_request(run, request, got.attempt)
    assert not runs.has_news(run.id, [])
    inputs.answer(models.InputRequest.objects.get(id=first.id), inputs.Answer(Decision.RESPOND, "eu-west"), actor)
    assert runs.has_news(run.id, [])
    assert not runs.has_news(run.id, [first.id])


def test_moved_runs_finds_those_with_news(run):
    last = selectors.last_seq(run.id)
    assert selectors.moved_runs({run.id: last}) == set()
    events.record(run, NoticeRaised(level="info", message="news"))
    assert selectors.moved_runs({run.id: last}) == {run.id}


def test_other_words_under_a_used_client_id_are_refused_and_not_swallowed(run):
    said = messages.say(run, "It began on Tuesday", author_name="Rita", author_id=None, client_id="m1")
    assert messages.say(run, "It began on Tuesday", author_name="Rita", author_id=None, client_id="m1").id == said.id
    with pytest.raises(Conflict):
        messages.say(run, "No, on Monday", author_name="Olga", author_id=None, client_id="m1")


def test_each_change_of_status_leaves_its_time(run):
    def since():
        return models.Run.objects.values_list("status_since", flat=True).get(id=run.id)

    times = [since()]
    for change in (
        lambda: runs.requeue(claimed(run), Stage.GATHER_CONTEXT),
        lambda: claimed(run),
        lambda: models.RunLease.objects.filter(run=run).update(lease_until=timezone.now() - timedelta(seconds=1)),
        lambda: runs.recover(run.id, 3, ""),
        lambda: runs.finish_stage(claimed(run), can_go_back=True),
        lambda: models.InputRequest.objects.create(run=run, kind="question", prompt="Where?"),
        lambda: runs.finish_waiting(claimed(run, Stage.ANALYZE), []),
        lambda: runs.wake(run.id),
        lambda: runs.request_stop(run.id, "Rita"),
    ):
        change()
        times.append(since())
    assert times == sorted(times)
    # Two of these changed no status.
    assert len(set(times)) == len(times) - 2
    assert times[-1] == models.Run.objects.get(id=run.id).ended_at
