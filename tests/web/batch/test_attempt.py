"""An attempt flushes in order, is interrupted while it waits, and is fenced when it has lost the run."""

from __future__ import annotations

import asyncio
import threading

import pytest
from django.db import DataError, InternalError, connection

from sahur.batch.engine.attempt import FLUSH_COUNT, STOP_CHECK_SECONDS, Attempt
from sahur.issues import events, models, selectors
from sahur.issues.services import messages, runs, slack_threads
from sahur_core.errors import AttemptFenced, CallInterrupted, DeadlineExceeded, RunStopped, ShuttingDown
from sahur_core.events import HypothesisStated, NoticeRaised, StepFinished, TextStreamed
from sahur_core.issues import Hypothesis, Stage
from tests.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def claim(run):
    got = runs.claim(run.id, Stage.GATHER_CONTEXT, owner="test", lease_seconds=30, team_limit=10)
    assert got is not None
    return got


def make(claim, *, stage_seconds=60.0, is_shutting_down=lambda: False):
    return Attempt(claim, lease_seconds=30, stage_seconds=stage_seconds, is_shutting_down=is_shutting_down)


def soon(work, *args):
    """Do it meanwhile, in a thread whose connection nobody else would close: the database could not be dropped."""

    def do():
        try:
            work(*args)
        finally:
            connection.close()

    threading.Timer(0.2, do).start()


def test_events_are_stored_in_order_and_text_is_joined(claim):
    with make(claim) as attempt:
        attempt.emit(NoticeRaised(level="info", message="one"))
        attempt.emit(TextStreamed(step_id="s", text="a"))
        attempt.emit(TextStreamed(step_id="s", text="b"))
        attempt.flush()
    payloads = [event.payload for event in selectors.read_events(claim.run.id, 2)]
    assert payloads[0].kind == "notice.raised"
    assert "".join(payload.text for payload in payloads[1:]) == "ab"


def test_the_beat_flushes_by_itself(claim):
    with make(claim) as attempt:
        attempt.emit(NoticeRaised(level="info", message="one"))
        wait_for(lambda: selectors.last_seq(claim.run.id) == 3)


def test_a_fact_is_stored_once(claim):
    with make(claim) as attempt:
        for _ in range(2):
            attempt.emit(NoticeRaised(level="info", message="one"), key="fact")
        attempt.flush()
    assert models.Event.objects.filter(run=claim.run, key="fact").count() == 1


def test_stop_cancels_what_the_attempt_waits_for(claim):
    canceled = threading.Event()

    async def hang() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            canceled.set()
            raise

    with make(claim) as attempt:
        soon(runs.request_stop, claim.run.id, "Rita")
        with pytest.raises(RunStopped):
            attempt.wait_for(hang())
        assert canceled.wait(60)
        with pytest.raises(RunStopped):
            attempt.emit(NoticeRaised(level="info", message="late"))


def test_an_attempt_that_lost_its_run_is_fenced(claim):
    with make(claim) as attempt:
        models.RunLease.objects.filter(run=claim.run).update(lease_until=None)
        with pytest.raises(AttemptFenced):
            attempt.wait_for(asyncio.sleep(60))
    assert selectors.last_seq(claim.run.id) == 2


@pytest.mark.parametrize(
    ("changes", "reason"), [({"is_shutting_down": lambda: True}, ShuttingDown), ({"stage_seconds": 0.0}, DeadlineExceeded)]
)
def test_shutdown_and_deadline_interrupt(claim, changes, reason):
    with make(claim, **changes) as attempt, pytest.raises(reason):
        attempt.wait_for(asyncio.sleep(60))


def test_a_result_comes_back_and_an_error_too(claim):
    async def broken() -> None:
        raise ValueError("no")

    with make(claim) as attempt:
        assert attempt.wait_for(asyncio.sleep(0, "yes")) == "yes"
        with pytest.raises(ValueError, match="no"):
            attempt.wait_for(broken())


def test_text_that_comes_while_a_flush_is_under_way_is_kept(claim, monkeypatch):
    attempt = make(claim)
    append = events.append

    def interrupted(*args, **kwargs):
        attempt.emit(TextStreamed(step_id="s", text="b"))
        return append(*args, **kwargs)

    attempt.emit(TextStreamed(step_id="s", text="a"))
    with monkeypatch.context() as patched:
        patched.setattr(events, "append", interrupted)
        attempt.flush()
    attempt.flush()
    told = [event.payload.text for event in selectors.read_events(claim.run.id, 0) if event.payload.kind == "text.streamed"]
    assert told == ["a", "b"]


def test_the_event_loop_never_waits_for_the_database(claim):
    """Text and notices of a model come on the loop, where Django refuses to work; a full buffer is left to others."""

    async def speak() -> None:
        for number in range(2 * FLUSH_COUNT):
            attempt.emit(NoticeRaised(level="info", message=str(number)))

    attempt = make(claim)
    attempt.wait_for(speak())
    attempt.flush()
    told = [event.payload.message for event in selectors.read_events(claim.run.id, 0) if event.payload.kind == "notice.raised"]
    assert told == [str(number) for number in range(2 * FLUSH_COUNT)]


@pytest.mark.parametrize("reason", [ShuttingDown("deploy"), RunStopped("Rita")])
def test_what_was_told_before_a_hand_over_is_stored(claim, reason):
    def hand_over() -> None:
        with make(claim) as attempt:
            attempt._closing.set()  # the beat is over before it could flush
            attempt._beat.join(60)
            attempt.emit(NoticeRaised(level="info", message="last words"))
            raise reason

    with pytest.raises(type(reason)):
        hand_over()
    assert selectors.read_events(claim.run.id, 2)[0].payload.message == "last words"


def test_a_refusal_of_the_database_does_not_end_the_beat(claim, monkeypatch):
    append = events.append
    refusals = [DataError("odd"), InternalError("stood still")]

    def refusing(*args, **kwargs):
        if refusals:
            raise refusals.pop()
        return append(*args, **kwargs)

    monkeypatch.setattr(events, "append", refusing)
    with make(claim) as attempt:
        attempt.emit(NoticeRaised(level="info", message="one"))
        wait_for(lambda: selectors.last_seq(claim.run.id) == 3)


def test_the_end_of_a_step_is_stored_at_once(claim):
    """Its checkpoint follows, and whoever goes on from there would never tell it."""
    with make(claim) as attempt:
        attempt._closing.set()  # no beat
        attempt._beat.join()
        attempt.emit(StepFinished(step_id="s", summary="done"))
        assert selectors.last_seq(claim.run.id) == 3


async def hang_long() -> None:
    await asyncio.sleep(60)


def say_urgently(run, text="Use this."):
    messages.say(run, text, author_name="Ada", author_id=None, is_urgent=True)


def test_an_urgent_message_cancels_the_model_call_and_the_attempt_goes_on(claim):
    canceled = threading.Event()

    async def answer_slowly() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            canceled.set()
            raise

    with make(claim) as attempt:
        soon(say_urgently, claim.run)
        with pytest.raises(CallInterrupted) as raised:
            attempt.wait_for(answer_slowly(), interruptible=True)
        assert canceled.wait(60)
        assert attempt.wait_for(asyncio.sleep(0, "goes on")) == "goes on"
    assert raised.value.asked_by == "Ada"


def test_an_urgent_message_cancels_no_tool_call(claim):
    say_urgently(claim.run)
    with make(claim) as attempt:
        assert attempt.wait_for(asyncio.sleep(2 * STOP_CHECK_SECONDS, "done")) == "done"


def test_a_message_that_can_wait_cancels_nothing(claim):
    messages.say(claim.run, "When you have time.", author_name="Ada", author_id=None)
    with make(claim) as attempt:
        assert attempt.wait_for(asyncio.sleep(2 * STOP_CHECK_SECONDS, "done"), interruptible=True) == "done"


def test_a_stop_goes_before_an_urgent_message(claim):
    say_urgently(claim.run)
    runs.request_stop(claim.run.id, "Rita")
    with make(claim) as attempt, pytest.raises(RunStopped):
        attempt.wait_for(hang_long(), interruptible=True)


def test_a_queued_message_may_become_urgent(run):
    said = [
        messages.say(run, "Look here.", author_name="Ada", author_id=None, client_id="m-1", is_urgent=is_urgent)
        for is_urgent in (False, True)
    ]
    assert (said[0].id, said[1].is_urgent) == (said[1].id, True)
    assert messages.urgent_author(run.id) == "Ada"


def test_who_makes_a_queued_message_urgent_is_told_once(run):
    message = messages.say(run, "Look here.", author_name="Ada", author_id=None)
    for _ in range(2):
        assert messages.make_urgent(message, "Bo").is_urgent
    told = models.Event.objects.filter(run=run, kind="message.made_urgent")
    assert [event.payload["asked_by"] for event in told] == ["Bo"]
    assert messages.urgent_author(run.id) == "Bo"


def test_a_hypothesis_is_stored_together_with_its_update_of_the_card(claim):
    slack_threads.open_thread(claim.run.issue, slack_threads.Place("T1", "C1", "1.1"))
    payload = HypothesisStated(hypothesis=Hypothesis(id="a", statement="It is the deploy"))
    with make(claim) as attempt:
        attempt.emit(payload, key="hypothesis:a")
        attempt.emit(payload, key="hypothesis:a")
        attempt.flush()
    kinds = list(models.Event.objects.filter(run=claim.run).values_list("kind", flat=True))
    assert kinds.count("hypothesis.stated") == 1
    assert models.Effect.objects.filter(kind="slack.card_update", key__endswith=":card:hypothesis").count() == 1


def test_a_lost_attempt_causes_no_update_of_the_card(claim):
    slack_threads.open_thread(claim.run.issue, slack_threads.Place("T1", "C1", "1.1"))
    models.RunLease.objects.filter(run=claim.run).update(attempt=claim.attempt + 1)
    with make(claim) as attempt:
        attempt.emit(HypothesisStated(hypothesis=Hypothesis(id="a", statement="It is the deploy")), key="hypothesis:a")
        with pytest.raises(AttemptFenced):
            attempt.flush()
    assert not models.Effect.objects.filter(kind="slack.card_update").exists()


def test_the_first_hypothesis_leaves_its_time_on_the_run(claim):
    attempt = make(claim)
    times = []
    for number in (1, 2):
        attempt.emit(HypothesisStated(hypothesis=Hypothesis(id=str(number), statement="The rate is missing.")))
        attempt.flush()
        times.append(models.Run.objects.values_list("first_hypothesis_at", flat=True).get(id=claim.run.id))
    told = [event.at for event in selectors.read_events(claim.run.id, 0) if event.payload.kind == "hypothesis.stated"]
    assert times[0] == times[1] <= told[0]


def test_a_run_that_goes_on_from_another_one_has_no_first_hypothesis(claim):
    models.Run.objects.filter(id=claim.run.id).update(fork_kind="branch")
    attempt = make(claim)
    attempt.emit(HypothesisStated(hypothesis=Hypothesis(id="1", statement="The rate is missing.")))
    attempt.flush()
    assert models.Run.objects.get(id=claim.run.id).first_hypothesis_at is None
