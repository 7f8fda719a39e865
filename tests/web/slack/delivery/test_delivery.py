"""Effects in Slack: posted once, whatever happens on the way."""

from __future__ import annotations

import threading
import uuid

import pytest
from django.db import connection, transaction
from django.utils import timezone

from sahur.batch import effects as door
from sahur.batch.effects import DeliveryError
from sahur.issues import events, models
from sahur.issues.services import effects, inputs, runs
from sahur.slack import delivery, web_api
from sahur.slack.blocks.block_kit import Post
from sahur.slack.delivery import posts
from sahur_core.events import HypothesisStated, InputAnswered, InputRequested, StepFinished, StepStarted
from sahur_core.issues import Hypothesis, HypothesisStatus, InputRequest, Stage
from tests.fakes.slack import Script
from tests.web.slack.conftest import CHANNEL
from tests.web.slack.delivery.again import deliver_again, posted

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_card_is_posted_into_the_thread(slack, run, card, root):
    door.deliver(card.id)
    card.refresh_from_db()
    (message,) = posted(slack)
    assert message["thread_ts"] == root
    assert message["metadata"] == {"event_type": "sahur_effect", "event_payload": {"key": card.key}}
    assert (card.state, card.result) == ("done", {"channel": CHANNEL, "ts": message["ts"]})


def test_a_second_hint_posts_nothing(slack, run, card):
    door.deliver(card.id)
    door.deliver(card.id)
    assert len(posted(slack)) == 1


def test_a_post_whose_answer_was_lost_is_found_and_not_posted_twice(slack, run, card):
    slack.script("chat.postMessage", Script(after_work=True))
    door.deliver(card.id)
    card.refresh_from_db()
    assert card.state == "pending"
    assert deliver_again(card).state == "done"
    (message,) = posted(slack)
    assert card.result["ts"] == message["ts"]


def test_a_worker_lost_between_post_and_row_posts_once(slack, run, card):
    started = effects.start(card.id)
    delivery.deliver(started)
    assert deliver_again(card).state == "done"
    assert len(posted(slack)) == 1


def test_a_post_that_never_arrived_is_posted(slack, run, card):
    slack.script("chat.postMessage", Script(error="internal_error", status=503))
    door.deliver(card.id)
    assert posted(slack) == []
    assert deliver_again(card).state == "done"
    assert len(posted(slack)) == 1


def test_the_key_is_found_in_a_long_thread(slack, run, card, root):
    delivery.deliver(card)
    for number in range(450):
        slack.say(CHANNEL, f"talk {number}", thread_ts=root)
    found = delivery.find(card)
    assert found == {"channel": CHANNEL, "ts": posted(slack)[0]["ts"]}


def test_nothing_is_found_where_nothing_was_posted(slack, run, card, root):
    slack.say(CHANNEL, "talk", thread_ts=root)
    assert delivery.find(card) is None


def test_a_rate_limit_is_waited_for_as_slack_asks(slack, run, card):
    slack.script("chat.postMessage", Script(error="ratelimited", status=429, retry_after=30))
    with pytest.raises(DeliveryError) as error:
        delivery.deliver(card)
    assert (error.value.permanent, error.value.retry_after) == (False, 30.0)


@pytest.mark.parametrize("code", ["channel_not_found", "not_in_channel", "is_archived", "restricted_action"])
def test_what_can_never_work_is_not_tried_again_and_the_page_says_what_to_do(slack, run, card, code):
    slack.script("chat.postMessage", Script(error=code))
    door.deliver(card.id)
    card.refresh_from_db()
    assert card.state == "failed"
    told = models.Event.objects.get(run=run, kind="effect.finished").payload
    assert (told["status"], code in told["detail"]) == ("failed", True)
    assert web_api.WHAT_TO_DO[code] in told["detail"]


@pytest.mark.parametrize("code", ["invalid_auth", "token_revoked", "account_inactive", "token_expired"])
def test_a_token_that_is_refused_holds_the_post_until_there_is_another_one(slack, run, card, code):
    slack.script("chat.postMessage", Script(error=code))
    door.deliver(card.id)
    card.refresh_from_db()
    assert (card.state, code in card.last_error) == ("pending", True)
    assert deliver_again(card).state == "done"
    assert len(posted(slack)) == 1


@pytest.mark.parametrize("script", [Script(status=500), Script(error="service_unavailable"), Script(after_work=True)])
def test_what_may_pass_is_tried_again(slack, run, card, script):
    slack.script("chat.postMessage", script)
    with pytest.raises(DeliveryError) as error:
        delivery.deliver(card)
    assert not error.value.permanent


def test_slack_that_is_not_there_is_tried_again(slack, run, card, settings):
    settings.SLACK_API_URL = "http://127.0.0.1:1/api/"
    with pytest.raises(DeliveryError) as error:
        delivery.deliver(card)
    assert not error.value.permanent


def test_the_card_is_updated_in_place(slack, run, card):
    door.deliver(card.id)
    runs.request_stop(run.id, "Rita")
    update = models.Effect.objects.get(kind="slack.card_update")
    door.deliver(update.id)
    (message,) = [message for message in posted(slack) if message["metadata"]["event_payload"]["key"] == card.key]
    assert "Stopped" in str(message["blocks"])
    assert deliver_again(update).state == "done"


def test_an_update_waits_for_its_card(slack, run, card):
    runs.request_stop(run.id, "Rita")
    update = models.Effect.objects.get(kind="slack.card_update")
    with pytest.raises(DeliveryError) as error:
        delivery.deliver(update)
    assert not error.value.permanent
    models.Effect.objects.filter(id=card.id).update(state="failed")
    with pytest.raises(DeliveryError) as error:
        delivery.deliver(update)
    assert error.value.permanent


def test_the_end_is_told_in_the_thread(slack, run, card, root):
    runs.request_stop(run.id, "Rita")
    answer = models.Effect.objects.get(kind="slack.answer")
    door.deliver(card.id)
    door.deliver(answer.id)
    assert posted(slack)[-1]["thread_ts"] == root
    assert "Stopped before there was an answer" in posted(slack)[-1]["text"]


def test_the_answer_waits_for_the_card_and_no_longer(slack, run, card):
    runs.request_stop(run.id, "Rita")
    answer = models.Effect.objects.get(kind="slack.answer")
    door.deliver(answer.id)
    assert (posted(slack), models.Effect.objects.get(id=answer.id).last_error) == ([], "The card comes first.")
    door.deliver(card.id)
    door.deliver(answer.id)
    assert "Stopped before there was an answer" in posted(slack)[-1]["text"]


def test_two_edits_of_a_card_are_made_one_after_the_other(slack, run, card, monkeypatch):
    door.deliver(card.id)
    early = models.Effect.objects.create(
        kind="slack.card_update", issue=run.issue, run=run, thread=card.thread, key="early", due_at="2000-01-01T00:00:00Z"
    )
    call = posts.call

    def slow(client, method, **arguments):
        """The run ends while the edit is on its way, and another worker has the edit that tells it."""
        runs.request_stop(run.id, "Rita")
        worker = threading.Thread(target=in_thread, args=(models.Effect.objects.get(key__endswith="card:end").id,))
        worker.start()
        worker.join()
        return call(client, method, **arguments)

    monkeypatch.setattr(posts, "call", slow)
    door.deliver(early.id)
    monkeypatch.undo()
    end = models.Effect.objects.get(key__endswith="card:end")
    assert (end.state, end.attempt) == ("pending", 0)
    assert deliver_again(end).state == "done"
    assert "Stopped" in str(posted(slack)[0]["blocks"])


def in_thread(effect_id: uuid.UUID) -> None:
    try:
        door.deliver(effect_id)
    finally:
        connection.close()


def test_an_edit_finishes_those_that_wait(slack, run, card):
    door.deliver(card.id)
    tell_hypothesis(run, "It is the deploy")
    runs.request_stop(run.id, "Rita")
    first, end = models.Effect.objects.filter(kind="slack.card_update").order_by("created_at", "id")
    door.deliver(first.id)
    end.refresh_from_db()
    assert (end.state, end.result) == ("done", {"shown_by": str(first.id)})
    assert len(slack.calls_of("chat.update")) == 1
    assert "Stopped" in str(posted(slack)[0]["blocks"])


def test_a_deleted_card_is_not_posted_again_and_the_answer_comes_all_the_same(slack, run, card):
    door.deliver(card.id)
    slack.channels[CHANNEL] = [message for message in slack.channels[CHANNEL] if "bot_id" not in message]
    tell_hypothesis(run, "It is the deploy")
    door.deliver(models.Effect.objects.get(kind="slack.card_update").id)
    tell_hypothesis(run, "It is the index")
    runs.request_stop(run.id, "Rita")
    for effect in models.Effect.objects.filter(state="pending"):
        deliver_again(effect)
    assert ["Stopped before there was an answer" in message["text"] for message in posted(slack)] == [True]
    assert len(slack.calls_of("chat.update")) == 1
    told = models.Event.objects.filter(run=run, kind="effect.finished", payload__status="failed")
    assert "Somebody deleted the message." in told.get().payload["detail"]


def test_a_workspace_that_takes_no_new_blocks_gets_plain_ones_from_then_on(slack, run, card, monkeypatch):
    monkeypatch.setattr(Post, "forms", lambda post: [("rich", post.blocks), ("plain", post.blocks), ("words", [])])
    slack.script("chat.postMessage", Script(error="invalid_blocks"))
    door.deliver(card.id)
    card.refresh_from_db()
    assert (card.state, card.result["form"], posted(slack)[0]["text"]) == ("done", 1, "plain")
    runs.request_stop(run.id, "Rita")
    slack.script("chat.update", Script(error="msg_too_long"))
    door.deliver(models.Effect.objects.get(kind="slack.card_update").id)
    assert [call["text"] for call in slack.calls_of("chat.update")] == ["plain", "words"]


def test_without_slack_the_effect_says_why(run, card, settings, slack):
    settings.SLACK_BOT_TOKEN = ""
    door.deliver(card.id)
    card.refresh_from_db()
    assert "SLACK_BOT_TOKEN" in card.last_error


# --- While it runs ---


def tell_hypothesis(run, statement: str, status: str = "stated") -> None:
    """As an attempt tells it: the event and what it causes in one transaction."""
    payload = HypothesisStated(hypothesis=Hypothesis(id=statement, statement=statement, status=HypothesisStatus(status)))
    with transaction.atomic():
        effects.plan(run, payload)
        events.record(run, payload, key=f"hypothesis:{statement}:{status}")


def test_the_first_hypothesis_is_shown_in_the_card_at_once(slack, run, card):
    door.deliver(card.id)
    tell_hypothesis(run, "It is the deploy")
    door.deliver(models.Effect.objects.get(kind="slack.card_update").id)
    (message,) = posted(slack)
    assert "(not proven yet): It is the deploy" in str(message["blocks"])


def test_later_changes_update_the_card_together_after_a_pause(slack, run, card):
    door.deliver(card.id)
    tell_hypothesis(run, "It is the deploy")
    door.deliver(models.Effect.objects.get(kind="slack.card_update").id)
    for statement in ("It is the index", "It is the cache"):
        tell_hypothesis(run, statement)
    later = models.Effect.objects.get(kind="slack.card_update", state="pending")
    assert later.due_at > later.created_at
    assert deliver_again(later).state == "done"
    assert "It is the cache" in str(posted(slack)[0]["blocks"])


def test_the_pause_grows_with_the_cards_that_are_live_in_the_workspace(slack, run, card):
    door.deliver(card.id)
    models.Run.objects.update(status="running")
    for number in range(24):
        place = {"workspace_id": "T0FAKE", "channel_id": CHANNEL, "root_ts": f"{number}.000001"}
        models.SlackThread.objects.create(issue=run.issue, **place)
    effects.plan(run, StepStarted(step_id="step-1", position=1, title="Look"))
    pause = models.Effect.objects.get(thread=card.thread, payload__is_live=True)
    assert (pause.due_at - pause.created_at).total_seconds() == pytest.approx(60, abs=1)


def test_a_batch_of_progress_writes_one_row_for_each_card(slack, run, card):
    door.deliver(card.id)
    for number in range(3):
        step = StepStarted(step_id=f"step-{number}", position=number, title="Look")
        effects.plan_all(run, [step, StepFinished(step_id=step.step_id)])
    assert models.Effect.objects.filter(kind="slack.card_update").count() == 1


@pytest.fixture
def asked(run) -> models.Effect:
    request = InputRequest(
        id=str(uuid.uuid4()),
        kind="approval",
        prompt="Run <it>?",
        tool="sandbox__run",
        arguments={"a": "<b>"},
        answerable_by="admin",
    )
    row = models.InputRequest.objects.create(
        run=run, **request.model_dump(exclude={"allowed_decisions", "decision", "answer", "answered_by"})
    )
    effects.plan(run, InputRequested(input_request=request))
    return models.Effect.objects.get(kind="slack.input", payload__input_request=str(row.id))


def test_a_request_is_told_in_the_thread_with_the_exact_call_and_the_way_to_answer(slack, run, card, asked, root):
    door.deliver(card.id)
    assert deliver_again(asked).state == "done"
    message = posted(slack)[-1]
    shown = str(message["blocks"])
    assert message["thread_ts"] == root
    for part in ("Run &lt;it&gt;?", "`sandbox__run`", "&lt;b&gt;", "?run=1|Answer on the page> (admins of the team)"):
        assert part in shown


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"decision": "approve", "answered_by": "Rita", "answer": "go"}, "Approved by Rita: go"),
        ({"answered_by": "nobody in time", "default": "go on without"}, "Nobody answered in time: go on without"),
        ({"superseded_reason": "The run was stopped."}, "Closed without an answer: The run was stopped."),
    ],
)
def test_a_closed_request_says_how(slack, run, card, asked, fields, told):
    door.deliver(card.id)
    deliver_again(asked)
    request = asked.payload["input_request"]
    models.InputRequest.objects.filter(id=request).update(answered_at="2026-01-01T00:00:00Z", **fields)
    effects.plan(run, InputAnswered(input_request_id=request, decision="approve", answered_by="Rita"))
    door.deliver(models.Effect.objects.get(kind="slack.input_update").id)
    shown = str(posted(slack)[-1]["blocks"])
    assert told in shown
    assert "Answer on the page" not in shown


def test_what_a_run_asks_and_hears_is_planned_with_it(slack, run):
    claim = runs.claim(run.id, Stage.GATHER_CONTEXT, owner="test", lease_seconds=60, team_limit=9)
    request = InputRequest(id=str(uuid.uuid4()), kind="question", prompt="Which region?", expires_at=timezone.now())
    inputs.open_request(run, request, claim.attempt)
    assert inputs.expire(models.InputRequest.objects.get(id=request.id))
    kinds = set(models.Effect.objects.values_list("kind", flat=True))
    assert {"slack.input", "slack.input_update"} <= kinds


def test_stopping_tells_the_thread_what_was_known(slack, run, card):
    runs.request_stop(run.id, "Rita")
    answer = models.Effect.objects.get(kind="slack.answer")
    answer.payload["event"] |= {"facts": ["The check is missing"], "would_look_at": "Read the log"}
    models.Effect.objects.filter(id=answer.id).update(payload=answer.payload)
    door.deliver(card.id)
    door.deliver(answer.id)
    shown = str(posted(slack)[-1]["blocks"])
    for part in ("by Rita", "The check is missing", "Read the log"):
        assert part in shown
