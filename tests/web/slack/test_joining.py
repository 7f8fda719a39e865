"""One problem, many reporters: the whole way through Slack's events, buttons and posts."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from sahur.batch import reaper
from sahur.issues import models
from sahur.issues.services import inputs, notices, runs
from sahur.slack.blocks import actions
from sahur.slack.visibility import sight_of
from sahur_core.issues import InputRequest, Stage
from tests.web.slack.acting import connect
from tests.web.slack.conftest import CHANNEL
from tests.web.slack.delivery.again import deliver_all
from tests.web.slack.interactivity import buttons_of, press
from tests.web.slack.test_taken_back import SECRET_WORDS, deleted

pytestmark = pytest.mark.django_db(transaction=True)
REPORT = "Checkout fails, see https://acme.sentry.io/issues/123/"
OTHER = "C0OTHER"


@pytest.fixture
def tell_in(tell, slack):
    """Mention SAHUR in any channel; the ts of the message."""

    def say(channel: str, text: str = REPORT, **more: Any) -> str:
        full = f"<@U0SAHUR> {text}"
        ts = slack.say(channel, full)
        event = {"type": "app_mention", "user": "U0RITA", "text": full, "ts": ts, "channel": channel}
        if channel.startswith("D"):
            event |= {"type": "message", "channel_type": "im"}
        assert tell({**event, **more}).status_code == 200
        return ts

    return say


@pytest.fixture
def other_channel(slack) -> str:
    slack.add_channel(OTHER, "other", members={"U0RITA", "U0SAHUR"})
    return OTHER


def shown(slack, channel: str, root: str) -> list[dict[str, Any]]:
    """Our posts in a thread as they look now."""
    return [each for each in slack.messages(channel) if each.get("thread_ts") == root and each.get("bot_id")]


def text_of(posts: list[dict[str, Any]]) -> str:
    return str([(each.get("text"), each.get("blocks")) for each in posts])


def run_of(root: str) -> models.Run:
    """The own one of the report in this thread."""
    thread = models.SlackThread.objects.get(root_ts=root)
    return models.Run.objects.select_related("issue").get(issue_id=thread.joined_from_id or thread.issue_id, number=1)


def answer(run: models.Run) -> None:
    body = {"verdict": "confirmed", "summary": "A default is missing.", "next_step": "Mend it."}
    models.Solution.objects.create(run=run, verdict="confirmed", summary=body["summary"], body=body)
    for stage in Stage:
        runs.finish_stage(runs.claim(run.id, stage, owner="t", lease_seconds=60, team_limit=9), can_go_back=False)


def offered_button(slack, channel: str, root: str, name: str) -> dict[str, Any]:
    buttons: dict[str, Any] = {}
    for post in shown(slack, channel, root):
        buttons |= buttons_of(post.get("blocks", []))
    return buttons[name]


def test_a_second_reporter_joins_by_button_and_both_get_the_answer(slack, tell_in, other_channel, team):
    first, second = tell_in(CHANNEL), tell_in(other_channel)
    deliver_all()
    assert run_of(first).issue.key in text_of(shown(slack, other_channel, second))
    button = offered_button(slack, other_channel, second, "input_decide:approve")
    assert press(button["action_id"], button["value"], thread_ts=second, channel=other_channel).status_code == 200
    answer(run_of(first))
    deliver_all()
    for channel, root in ((CHANNEL, first), (other_channel, second)):
        assert "A default is missing." in text_of(shown(slack, channel, root)), channel
    assert run_of(second).status == "canceled"
    assert not models.Effect.objects.exclude(state="done").exists()


def test_replies_in_the_joined_thread_steer_the_run_that_goes_on(slack, tell_in, tell, other_channel, team):
    first, second = tell_in(CHANNEL), tell_in(other_channel)
    deliver_all()
    button = offered_button(slack, other_channel, second, "input_decide:approve")
    press(button["action_id"], button["value"], thread_ts=second, channel=other_channel)
    ts = slack.say(other_channel, "Only in Norway", thread_ts=second)
    event = {"type": "message", "channel_type": "channel", "user": "U0RITA", "text": "Only in Norway", "ts": ts}
    tell({**event, "thread_ts": second, "channel": other_channel})
    assert models.Message.objects.filter(run=run_of(first), text="Only in Norway").exists()


def test_by_itself_by_button(slack, tell_in, other_channel, team):
    tell_in(CHANNEL)
    second = tell_in(other_channel)
    deliver_all()
    button = offered_button(slack, other_channel, second, "input_decide:reject")
    press(button["action_id"], button["value"], thread_ts=second, channel=other_channel)
    assert run_of(second).status == "queued"


def test_the_offer_is_withdrawn_with_a_link_to_the_answer(slack, tell_in, other_channel, team):
    first, second = tell_in(CHANNEL), tell_in(other_channel)
    deliver_all()
    answer(run_of(first))
    reaper.reap()
    deliver_all()
    assert run_of(first).issue.address in text_of(shown(slack, other_channel, second))
    assert run_of(second).status == "queued"


def test_joined_it_can_be_investigated_by_itself_after_all(slack, tell_in, other_channel, team):
    first, second = tell_in(CHANNEL), tell_in(other_channel)
    deliver_all()
    button = offered_button(slack, other_channel, second, "input_decide:approve")
    press(button["action_id"], button["value"], thread_ts=second, channel=other_channel)
    issue = run_of(second).issue
    for _ in range(2):
        assert press(actions.SEPARATE, str(issue.id), thread_ts=second, channel=other_channel).status_code == 200
    thread = models.SlackThread.objects.get(root_ts=second)
    assert (thread.issue, thread.joined_from) == (issue, None)
    assert issue.runs.count() == 2
    assert run_of(first).status == "queued"


def test_a_button_pressed_in_another_channel_separates_nothing(slack, tell_in, other_channel, team):
    tell_in(CHANNEL)
    second = tell_in(other_channel)
    deliver_all()
    button = offered_button(slack, other_channel, second, "input_decide:approve")
    press(button["action_id"], button["value"], thread_ts=second, channel=other_channel)
    issue = run_of(second).issue
    press(actions.SEPARATE, str(issue.id), thread_ts="9.9", channel="D0DIRECT")
    press(actions.SEPARATE, "no id", thread_ts=second, channel=other_channel)
    assert models.SlackThread.objects.get(root_ts=second).joined_from == issue


def test_of_a_private_report_others_get_facts_only(slack, tell_in, team):
    first = tell_in("D0DIRECT", f"Initech cannot pay\n{REPORT}")
    second = tell_in(CHANNEL)
    deliver_all()
    button = offered_button(slack, CHANNEL, second, "input_decide:approve")
    press(button["action_id"], button["value"], thread_ts=second)
    run = run_of(first)
    body = {"verdict": "confirmed", "summary": "Initech has no rate.", "next_step": "Tell Initech."}
    models.Solution.objects.create(run=run, verdict="confirmed", summary=body["summary"], body=body)
    for stage in Stage:
        runs.finish_stage(runs.claim(run.id, stage, owner="t", lease_seconds=60, team_limit=9), can_go_back=False)
    deliver_all()
    public, private = text_of(shown(slack, CHANNEL, second)), text_of(shown(slack, "D0DIRECT", first))
    assert "Initech has no rate." in private
    assert "Confirmed" in public
    assert run.issue.address in public
    assert "Initech" not in public


def test_an_offer_links_what_it_names_and_the_card_waits_without_a_plan(slack, tell_in, other_channel, team):
    first, second = tell_in(CHANNEL), tell_in(other_channel)
    deliver_all()
    card, offer = (str(each["blocks"]) for each in shown(slack, other_channel, second))
    assert f"Waiting: the same problem as {run_of(first).issue.key}?" in card
    assert "stops it" not in card
    assert "Gather context" not in card
    assert f"{run_of(first).issue.address}|{run_of(first).issue.key}>" in offer
    assert f"/client/T0FAKE/{CHANNEL}/thread/{CHANNEL}-{first}|" in offer


@pytest.mark.parametrize(("does", "told"), [("approve", "Joined SAH-1, by Rita"), ("reject", "lets it be")])
def test_what_was_decided_about_an_offer_is_told_in_its_own_words(slack, tell_in, other_channel, team, does, told):
    tell_in(CHANNEL)
    second = tell_in(other_channel)
    deliver_all()
    name = f"{actions.INPUT_DECIDE}:{does}"
    button = offered_button(slack, other_channel, second, name)
    press(name, button["value"], thread_ts=second, channel=other_channel)
    deliver_all()
    after = text_of(shown(slack, other_channel, second))
    assert told in after
    assert "Approved by" not in after
    assert "The same problem?" not in after


def joined(slack, tell_in, channel: str) -> tuple[str, str]:
    """Two threads, of which the second one has joined the first one's issue by its button."""
    first, second = tell_in(CHANNEL), tell_in(channel)
    deliver_all()
    button = offered_button(slack, channel, second, f"{actions.INPUT_DECIDE}:approve")
    press(button["action_id"], button["value"], thread_ts=second, channel=channel)
    deliver_all()
    return first, second


def test_after_an_undo_the_card_and_the_offer_say_so_and_the_others_question_is_gone(slack, tell_in, other_channel, team):
    first, second = joined(slack, tell_in, other_channel)
    claim = runs.claim(run_of(first).id, Stage.GATHER_CONTEXT, owner="t", lease_seconds=60, team_limit=9)
    asked = InputRequest(id=str(uuid.uuid4()), kind="question", prompt="Which region?")
    inputs.open_request(run_of(first), asked, claim.attempt)
    deliver_all()
    press(actions.SEPARATE, str(run_of(second).issue_id), thread_ts=second, channel=other_channel, user="U0MIA")
    deliver_all()
    card, offer, _, question, own = (str(each["blocks"]) for each in shown(slack, other_channel, second))
    assert "Joining SAH-1 was undone by U0MIA via Slack: it is investigated by itself, as the card below tells." in card
    assert "Stopped" not in card
    assert "Joined SAH-1, by Rita Responder via Slack; undone by U0MIA via Slack" in offer
    assert "This was asked for SAH-1, which this thread tells no more." in question
    assert "Which region?" not in question
    assert "stop_run" in own


def test_what_was_said_while_joined_goes_with_the_thread(slack, tell_in, reply, team):
    first, second = joined(slack, tell_in, CHANNEL)
    reply("Ours is only in Norway", thread_ts=second)
    reply("Theirs is everywhere", thread_ts=first)
    press(actions.SEPARATE, str(run_of(second).issue_id), thread_ts=second)
    further = models.Run.objects.get(issue=run_of(second).issue, number=2)
    assert list(further.messages.values_list("text", flat=True)) == ["Ours is only in Norway"]


def test_what_was_said_while_joined_is_taken_back_from_every_run(slack, tell_in, reply, tell, team):
    _, second = joined(slack, tell_in, CHANNEL)
    ts = reply(SECRET_WORDS, thread_ts=second)
    press(actions.SEPARATE, str(run_of(second).issue_id), thread_ts=second)
    tell(deleted(ts, second))
    assert not models.Message.objects.filter(text=SECRET_WORDS).exists()
    assert set(models.Message.objects.filter(slack__ts=ts).values_list("status", flat=True)) == {"withdrawn"}


def test_an_offer_that_was_taken_too_late_does_not_say_that_it_joined(slack, tell_in, other_channel, team):
    first, second = tell_in(CHANNEL), tell_in(other_channel)
    deliver_all()
    button = offered_button(slack, other_channel, second, f"{actions.INPUT_DECIDE}:approve")
    runs.request_stop(run_of(first).id, "Rita")
    press(button["action_id"], button["value"], thread_ts=second, channel=other_channel)
    deliver_all()
    after = text_of(shown(slack, other_channel, second))
    assert "which had ended by then: this is investigated by itself" in after
    assert "Joined SAH-1, by" not in after


@pytest.fixture
def storm(slack, team) -> list[str]:
    """Three equal alerts of an app; the first one is investigated."""
    models.SlackChannel.objects.create(workspace_id="T0FAKE", channel_id=CHANNEL, team=team, takes_alerts=True)
    people = connect(slack).acting
    roots = [people.posts_alert(CHANNEL, REPORT).ts for _ in range(3)]
    deliver_all()
    return roots


def test_an_alert_that_joined_has_one_card_and_one_line_with_a_link_to_the_first_thread(slack, storm):
    first, *others = storm
    there = f"<http://app.slack.com/client/T0FAKE/{CHANNEL}/thread/{CHANNEL}-{first}|".replace("http:", "https:")
    answer(run_of(first))
    deliver_all()
    assert len(shown(slack, CHANNEL, first)) == 2
    for root in others:
        card, end = (str(each["blocks"]) for each in shown(slack, CHANNEL, root))
        assert (there in card, there in end) == (True, True)
        assert "Confirmed*: A default is missing." in end
        assert "Mend it." not in end
    assert not models.Effect.objects.exclude(state="done").exists()


def test_how_the_first_one_fails_or_is_stopped_is_told_to_the_others_in_one_line(slack, storm):
    runs.request_stop(run_of(storm[0]).id, "Rita")
    deliver_all()
    _, end = (str(each["blocks"]) for each in shown(slack, CHANNEL, storm[2]))
    assert "Stopped by Rita, before there was an answer" in end


def test_a_question_and_a_further_run_are_told_in_the_first_thread_alone(slack, storm):
    run = run_of(storm[0])
    claim = runs.claim(run.id, Stage.GATHER_CONTEXT, owner="t", lease_seconds=60, team_limit=9)
    inputs.open_request(run, InputRequest(id=str(uuid.uuid4()), kind="question", prompt="Which region?"), claim.attempt)
    runs.create_run(run.issue, asked_by="Rita", user_id=None, trace_id="")
    models.Run.objects.update(created_at="2000-01-01T00:00:00Z")
    notices.tell_unclaimed()
    deliver_all()
    assert [len(shown(slack, CHANNEL, root)) for root in storm] == [4, 1, 1]


def test_an_alert_that_is_investigated_by_itself_after_all_is_told_in_full(slack, storm):
    press(actions.SEPARATE, str(run_of(storm[1]).issue_id), thread_ts=storm[1])
    deliver_all()
    answer(run_of(storm[0]))
    deliver_all()
    first, own = (str(each["blocks"]) for each in shown(slack, CHANNEL, storm[1]))
    assert "was undone by" in first
    assert "stop_run" in own


def test_what_was_answered_in_a_private_thread_stays_there_after_it_has_left(slack, tell_in, team):
    first = tell_in(CHANNEL)
    slack.add_channel("G0SECRET", "secret", kind="group", members={"U0RITA", "U0SAHUR"})
    second = tell_in("G0SECRET")
    deliver_all()
    button = offered_button(slack, "G0SECRET", second, f"{actions.INPUT_DECIDE}:approve")
    press(button["action_id"], button["value"], thread_ts=second, channel="G0SECRET")
    run = run_of(first)
    models.InputRequest.objects.create(run=run, kind="question", prompt="Who?", answer="Initech of deal Falcon", answered_by="R")
    deliver_all()
    thread = models.SlackThread.objects.get(root_ts=first)
    assert not sight_of(run, thread).is_whole
    press(actions.SEPARATE, str(run_of(second).issue_id), thread_ts=second, channel="G0SECRET")
    assert not sight_of(run_of(first), thread).is_whole
