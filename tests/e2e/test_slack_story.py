"""Whole stories in Slack: from a thread with a log to the answer, its feedback and the run after it; the other ways in."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.e2e.slack_stage import CHANNEL, OTHER_CHANNEL, PRIVATE_CHANNEL, Stage, open_stage, reactions_of, until, words_of
from tests.e2e.stage import ASKS, ENOUGH, TALKS
from tests.fakes.slack import Delivery
from tests.fakes.slack.state import View

pytestmark = [pytest.mark.full, pytest.mark.timeout(900), pytest.mark.xdist_group("slack-story")]
OMAR = "U0OMAR"
QUESTION = "Which release runs on the desk screens?"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with open_stage(tmp_path_factory.mktemp("story"), has_model=True) as stage:
        stage.model.seconds = 0.1
        yield stage


def body_of(stage: Stage, thread: str) -> str:
    [(issue, _)] = stage.issues(thread)
    return str(stage.system.query("select body from issues_issue where id = %s", issue)[0][0])


def acknowledged(delivery: Delivery | None) -> None:
    assert delivery is not None
    assert delivery.wait().is_acknowledged, delivery.tries


def opened(stage: Stage, user: str = "U0RITA") -> View:
    view: View = until(lambda: stage.slack.acting.opened_view(user), "a form", stage.told)
    return view


def test_from_a_thread_with_a_log_to_the_answer_and_the_run_after_it(stage: Stage) -> None:
    acting = stage.slack.acting
    thread = begin_in_a_thread(stage)
    card = stage.wait_for_post(thread, "card")
    steer(stage, thread)
    answer_the_question(stage, thread)
    answer = stage.wait_for_post(thread, "answer")
    assert stage.bug.commit[:10] in json.dumps(answer)
    stage.wait_for_words(card, "Done")
    judge(stage, thread)
    acting.mentions(CHANNEL, "And does the phone have it, too?", thread=thread, user=OMAR).wait()
    stage.wait_for_status(thread, "succeeded", "succeeded")
    stage.wait_for_post(thread, "answer", count=2)
    stage.wait_for_effects()
    assert [len(stage.posts(thread, kind)) for kind in ("card", "answer")] == [2, 2]


def begin_in_a_thread(stage: Stage) -> str:
    """Two people talk, somebody shares what was said elsewhere, and one calls SAHUR with a log."""
    acting, slack = stage.slack.acting, stage.slack
    elsewhere = {
        **slack.message(OTHER_CHANNEL, slack.say(OTHER_CHANNEL, "Since Friday only", user=OMAR)),
        "channel": OTHER_CHANNEL,
    }
    root = acting.says(CHANNEL, stage.bug.title, user=OMAR)
    acting.says(CHANNEL, "Seen that, too", thread=root.ts, forwarded=(elsewhere,)).wait()
    log = slack.add_file("desk.log", stage.bug.body.encode())
    words = f"please look\nrepo: {stage.bug.path}\n{TALKS}. {ASKS}."
    acting.mentions(CHANNEL, words, thread=root.ts, files=(log,)).wait()
    until(lambda: stage.issues(root.ts), "an issue", stage.told)
    for part in ("Since Friday only", "Seen that, too", stage.bug.body.strip().splitlines()[-1]):
        until(lambda part=part: part in body_of(stage, root.ts), f"{part} in the report", lambda: body_of(stage, root.ts))
    return root.ts


def steer(stage: Stage, thread: str) -> None:
    """A reply is marked when the model has it, in place of the mark that it waits, and the card counts it."""
    said = stage.slack.acting.says(CHANNEL, f"{ENOUGH}, it is about the desk", thread=thread, user=OMAR).wait()
    until(lambda: reactions_of(stage.slack.message(CHANNEL, said.ts)) == {"white_check_mark"}, "the last mark", stage.told)
    stage.wait_for_words(stage.posts(thread, "card")[0], "1 message taken in")


def answer_the_question(stage: Stage, thread: str) -> None:
    """It is asked with a button, answered in a form, and shows who answered."""
    until(lambda: any(QUESTION in words_of(each) for each in stage.posts(thread)), "the question", stage.told)
    asked = next(each for each in stage.posts(thread) if QUESTION in words_of(each))
    acknowledged(stage.slack.acting.presses(CHANNEL, asked["ts"], "Answer…", user=OMAR))
    sent = stage.slack.acting.submits(opened(stage, OMAR), {"answer": "Release 41"})
    assert sent.is_acknowledged
    assert not sent.tries[-1].json()
    stage.wait_for_words(asked, "Answered by Omar")
    assert not [each for each in stage.slack.message(CHANNEL, asked["ts"])["blocks"] if each["type"] == "actions"]


def judge(stage: Stage, thread: str) -> None:
    """A vote is stored, can be changed, and the real cause is kept with it."""
    last = [each for each in stage.posts(thread) if "feedback" in json.dumps(each.get("blocks", []))][-1]
    acting = stage.slack.acting
    acknowledged(acting.presses(CHANNEL, last["ts"], "Helpful", user=OMAR))
    votes = "select f.vote, f.comment from issues_feedback f join issues_run r on r.id = f.run_id where r.id = %s"
    run = stage.runs(thread)[-1][0]
    assert [str(vote) for vote, _ in stage.system.query(votes, run)] in (["up"], ["1"])
    acknowledged(acting.presses(CHANNEL, last["ts"], "The real cause was…", user=OMAR))
    assert acting.submits(opened(stage, OMAR), {"comment": "The cache of rooms", "closes": []}).is_acknowledged
    told = until(lambda: stage.system.query(votes, run), "the vote")
    assert len(told) == 1
    assert "The cache of rooms" in told[0][1]
    until(lambda: any("The cache of rooms" in words_of(each) for each in stage.slack.ephemeral), "the thanks", stage.told)


def test_a_slash_command_asks_in_a_form_and_answers_in_a_thread_of_its_own(stage: Stage) -> None:
    acting = stage.slack.acting
    acknowledged(acting.commands("/sahur", stage.bug.title, channel=OTHER_CHANNEL))
    view = opened(stage)
    errors = acting.submits(view, {"title": " ", "body": "x"}).tries[-1].json()
    assert "title" in errors["errors"]
    sent = acting.submits(
        view, {"title": stage.bug.title, "body": f"repo: {stage.bug.path}\n{stage.bug.body}", "severity": "high"}
    )
    assert sent.is_acknowledged
    root = until(
        lambda: [each for each in stage.slack.posts(OTHER_CHANNEL) if "thread_ts" not in each], "a first post", stage.told
    )
    thread = root[-1]["ts"]
    stage.wait_for_post(thread, "answer", channel=OTHER_CHANNEL)
    stage.wait_for_effects()
    assert [len(stage.posts(thread, kind, OTHER_CHANNEL)) for kind in ("card", "answer")] == [1, 1]
    assert "High" in words_of(stage.posts(thread, "card", OTHER_CHANNEL)[0])


def test_a_command_where_sahur_is_not_is_answered_in_direct_messages(stage: Stage) -> None:
    stage.slack.add_channel("C0AWAY", "away", members={"U0RITA"})
    acknowledged(stage.slack.acting.commands("/sahur", channel="C0AWAY"))
    assert stage.slack.acting.submits(opened(stage), {"title": "The door beeps"}).is_acknowledged
    until(lambda: stage.slack.posts("D0DIRECT"), "a direct message", stage.told)
    thread = [each for each in stage.slack.posts("D0DIRECT") if "thread_ts" not in each][-1]["ts"]
    stage.wait_for_post(thread, "answer", channel="D0DIRECT")
    assert not stage.slack.posts("C0AWAY")


def test_a_shortcut_takes_a_message_as_the_report_and_says_so_to_one_person(stage: Stage) -> None:
    said = stage.slack.acting.says(CHANNEL, f"{stage.bug.title}\nrepo: {stage.bug.path}\n{stage.bug.body}", user=OMAR)
    acknowledged(stage.slack.acting.uses_shortcut("investigate", CHANNEL, said.ts))
    stage.wait_for_post(said.ts, "answer")
    [(_, key)] = stage.issues(said.ts)
    until(lambda: any(key in str(each) for each in stage.slack.ephemeral), "a word to the chooser", stage.told)
    acknowledged(stage.slack.acting.uses_shortcut("investigate", CHANNEL, said.ts, user=OMAR))
    assert len(stage.runs(said.ts)) == 1


def test_a_direct_message_is_a_report_and_its_view_offers_what_to_say(stage: Stage) -> None:
    acting = stage.slack.acting
    acknowledged(acting.opens_home("messages"))
    until(lambda: stage.slack.prompts.get("D0DIRECT"), "suggested prompts", stage.told)
    said = acting.says("D0DIRECT", f"{stage.bug.title}\nrepo: {stage.bug.path}\n{stage.bug.body}").wait()
    stage.wait_for_post(said.ts, "answer", channel="D0DIRECT")


def test_a_run_is_stopped_by_the_button_of_its_card_and_by_a_cross(stage: Stage) -> None:
    for stops in ("button", "cross"):
        said = stage.slack.acting.mentions(CHANNEL, f"{stage.report}\n{TALKS} ({stops})").wait()
        card = stage.wait_for_post(said.ts, "card")
        stage.wait_for_status(said.ts, "running")
        if stops == "button":
            acknowledged(stage.slack.acting.presses(CHANNEL, card["ts"], "Stop", user=OMAR))
        else:
            acknowledged(stage.slack.acting.reacts(CHANNEL, said.ts, "x", user=OMAR))
        stage.wait_for_status(said.ts, "canceled")
        stage.wait_for_words(card, "Stopped")
        stage.wait_for_post(said.ts, "answer")


def test_what_is_said_in_a_private_channel_is_told_nowhere_else(stage: Stage) -> None:
    secret = "merger with the harbor"
    said = stage.slack.acting.mentions(PRIVATE_CHANNEL, f"{stage.report}\nBefore the {secret}", user=OMAR).wait()
    stage.wait_for_post(said.ts, "answer", channel=PRIVATE_CHANNEL)
    stage.wait_for_effects()
    for channel in (CHANNEL, OTHER_CHANNEL, "D0DIRECT"):
        assert secret not in json.dumps(stage.slack.messages(channel))


def test_two_who_report_the_same_join_and_each_thread_is_told_what_its_readers_may_see(stage: Stage) -> None:
    """The second one reports in a private channel; its words are told there only."""
    secret = "the harbor merger"
    error = "psycopg.errors.DeadlockDetected: deadlock detected in settle_invoices"
    trace = f'Traceback (most recent call last):\n  File "shop/settle.py", line 41, in settle_invoices\n    run()\n{error}'
    acting = stage.slack.acting
    first = acting.mentions(CHANNEL, f"Invoices are stuck. {TALKS}.\n{trace}").wait()
    stage.wait_for_status(first.ts, "running")
    second = acting.mentions(PRIVATE_CHANNEL, f"Nothing is paid, because of {secret}?\n{trace}", user=OMAR).wait()
    join(stage, second.ts)
    until(lambda: stage.issues(second.ts) == stage.issues(first.ts), "both threads to tell one issue", stage.told)
    acting.says(PRIVATE_CHANNEL, f"{ENOUGH}, said who works on {secret}", thread=second.ts, user=OMAR).wait()
    stage.wait_for_post(first.ts, "answer")
    stage.wait_for_post(second.ts, "answer", channel=PRIVATE_CHANNEL)
    stage.wait_for_effects()
    for thread, channel in ((first.ts, CHANNEL), (second.ts, PRIVATE_CHANNEL)):
        assert len(stage.posts(thread, "answer", channel)) == 1
    assert secret not in json.dumps(stage.slack.messages(CHANNEL))
    assert stage.runs(first.ts) == stage.runs(second.ts)


def join(stage: Stage, thread: str) -> None:
    def offers() -> list[dict[str, object]]:
        return [each for each in stage.posts(thread, "", PRIVATE_CHANNEL) if "Join it" in words_of(each)]

    offer = until(offers, "the offer to join", stage.told)[0]
    acknowledged(stage.slack.acting.presses(PRIVATE_CHANNEL, str(offer["ts"]), "Join it", user=OMAR))
    stage.wait_for_words(offer, "by Omar", PRIVATE_CHANNEL)
