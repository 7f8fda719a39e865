"""What is posted to Slack is posted once per key, in order, in the end, whatever dies or is away."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.fakes.slack import Script
from tests.faults.people.setting import CHANNEL, Setting, thread_of
from tests.waiting import wait_for

pytestmark = [pytest.mark.timeout(240), pytest.mark.full, pytest.mark.xdist_group("people")]
SILENT = Script(status=500, delay=4.0)
"""Takes the request, is silent for seconds, and has done nothing."""
DONE_LATE = Script(delay=2.0)
"""Takes the request, is silent, then does it, whoever still waits: before the delivery's lease is over, as Slack does."""


@pytest.fixture
def senders(setting: Setting) -> Iterator[Setting]:
    yield setting
    setting.slack.scripts.clear()


def report(setting: Setting) -> str:
    """Report from Slack; the thread."""
    body = setting.mention(has_code=False)
    assert setting.deliver(body) == 200
    return thread_of(body)


def wait_for_end(setting: Setting, thread: str) -> None:
    wait_for(lambda: [status for _, status in setting.runs_of_thread(thread)] == ["succeeded"], 90, "the run to succeed")


def kill_inside_post(setting: Setting, script: Script, calls: int = 1) -> str:
    """Kill the sender while its post of the card is under way, and start it again; the thread."""
    before = len(setting.slack.calls_of("chat.postMessage"))
    setting.slack.script("chat.postMessage", *[script] * calls)
    thread = report(setting)
    wait_for(lambda: len(setting.slack.calls_of("chat.postMessage")) > before, 60, "the card to be on its way")
    setting.system.kill("effects")
    setting.system.start("effects")
    return thread


def card(setting: Setting, thread: str) -> str:
    return json.dumps([post for post in setting.posts(thread) if post["metadata"]["event_payload"]["key"].endswith(":card")])


def test_a_sender_killed_while_slack_works_posts_once(senders: Setting) -> None:
    thread = kill_inside_post(senders, DONE_LATE)
    wait_for_end(senders, thread)
    wait_for(lambda: "card" in senders.keys(thread), 30, "Slack to do what it was asked")
    senders.wait_for_effects()
    assert senders.keys(thread) == ["card", "answer"]


@pytest.mark.full
def test_a_sender_killed_before_slack_works_posts_once(senders: Setting) -> None:
    thread = kill_inside_post(senders, SILENT)
    wait_for_end(senders, thread)
    senders.wait_for_effects()
    assert senders.keys(thread) == ["card", "answer"]


@contextmanager
def blind(setting: Setting) -> Iterator[None]:
    """The senders do not look whether a post is there already."""
    command = setting.system.commands["effects"]
    setting.system.commands["effects"] = ["tests.faults.people.blind_sender" if part == "sahur" else part for part in command]
    setting.restart("effects")
    try:
        yield
    finally:
        setting.system.commands["effects"] = command
        setting.restart("effects")


@pytest.mark.full
def test_without_looking_first_the_same_death_posts_twice(senders: Setting) -> None:
    """The control: it is the look that keeps the promise."""
    with blind(senders):
        thread = kill_inside_post(senders, DONE_LATE)
        wait_for_end(senders, thread)
        senders.wait_for_effects()
        wait_for(lambda: senders.keys(thread).count("card") == 2, 30, "the card to be there twice")


@pytest.mark.full
@pytest.mark.parametrize("how", ["errors", "hangs up after work"])
def test_a_slack_that_is_ill_for_many_tries_gets_everything_in_the_end(senders: Setting, how: str) -> None:
    script = Script(status=503) if how == "errors" else Script(after_work=True)
    for method in ("chat.postMessage", "chat.update"):
        senders.slack.script(method, *[script] * 6)
    thread = report(senders)
    wait_for_end(senders, thread)
    senders.wait_for_effects(120)
    assert senders.keys(thread) == ["card", "answer"]
    assert "Done" in card(senders, thread)


@pytest.mark.full
def test_a_slack_that_is_not_there_gets_everything_in_the_end(setting: Setting) -> None:
    """The senders are sent to where nobody listens, for longer than several tries."""
    setting.restart("effects", SLACK_API_URL="http://127.0.0.1:9/api/")
    thread = report(setting)
    wait_for_end(setting, thread)
    tries = "select min(attempt) from issues_effect where state = 'pending' and kind <> 'tool.call'"

    def was_tried_often() -> bool:
        setting.hasten()
        return (setting.system.query(tries)[0][0] or 0) >= 8

    wait_for(was_tried_often, 90, "eight tries of each")
    assert not setting.posts(thread)
    setting.restart("effects")
    setting.wait_for_effects(120)
    assert setting.keys(thread) == ["card", "answer"]
    assert "Done" in card(setting, thread)


@pytest.mark.full
def test_an_update_that_was_held_up_does_not_bring_back_an_old_state(senders: Setting) -> None:
    senders.slack.script("chat.update", DONE_LATE)
    thread = report(senders)
    wait_for_end(senders, thread)
    senders.wait_for_effects()
    assert "Done" in card(senders, thread)


@pytest.mark.full
def test_a_post_that_sahur_itself_cannot_make_is_given_up_and_told(senders: Setting) -> None:
    """A fault of ours: the stored solution cannot be read. It is tried for a day, each try is noted, then it is told."""
    senders.system.kill("effects")
    thread = report(senders)
    wait_for_end(senders, thread)
    [(run, _)] = senders.runs_of_thread(thread)
    senders.system.query("update issues_solution set body = '{}' where run_id = %s returning id", run)
    senders.system.start("effects")
    noted = "select attempt, last_error from issues_effect where run_id = %s and kind = 'slack.answer' and state = 'pending'"

    def is_noted() -> bool:
        senders.hasten()
        return any(attempt >= 3 and "SAHUR itself failed" in error for attempt, error in senders.system.query(noted, run))

    wait_for(is_noted, 60, "the fault to be noted with the effect")
    senders.system.query("update issues_effect set created_at = now() - interval '25 hours' where run_id = %s returning id", run)
    senders.wait_for_effects()
    with senders.system.client() as client:
        told = senders.payloads(client, run, "effect.finished")
    assert [(effect["status"], effect["detail"]) for effect in told if effect["effect"] == "slack.answer"] == [
        ("failed", "SAHUR itself failed: ValidationError.")
    ]
    assert senders.keys(thread) == ["card"]


@pytest.mark.full
def test_a_channel_that_is_gone_fails_the_post_at_once_and_says_so(setting: Setting) -> None:
    setting.slack.archived.add(CHANNEL)
    try:
        thread = report(setting)
        wait_for_end(setting, thread)
        setting.wait_for_effects()
    finally:
        setting.slack.archived.clear()
    [(run, _)] = setting.runs_of_thread(thread)
    failed = (
        "select kind, state, attempt, last_error from issues_effect where run_id = %s and kind in ('slack.card', 'slack.answer')"
    )
    assert sorted(setting.system.query(failed, run)) == [
        ("slack.answer", "failed", 1, "Slack refused chat.postMessage: is_archived. The channel was archived."),
        ("slack.card", "failed", 1, "Slack refused chat.postMessage: is_archived. The channel was archived."),
    ]
