"""Talking to a run in its thread, end to end: what it asks, what people say, how they stop it and what they think of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sahur.slack.blocks import actions
from sahur.slack.blocks.modals import VALUE
from tests.e2e.slack_stage import CHANNEL, Stage, open_stage, reactions_of, until, words_of
from tests.e2e.stage import ASKS, ENOUGH, TALKS

pytestmark = [pytest.mark.full, pytest.mark.timeout(900), pytest.mark.xdist_group("slack-talk")]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with open_stage(tmp_path_factory.mktemp("slack-talk"), has_model=True) as stage:
        yield stage


def reactions(stage: Stage, ts: str) -> set[str]:
    return reactions_of(stage.slack.message(CHANNEL, ts))


def told_alone(stage: Stage, words: str, user: str) -> None:
    def told() -> bool:
        return any(each["user"] == user and words in each["text"] for each in stage.slack.ephemeral)

    until(told, f"{user} to be told `{words}`", lambda: stage.slack.ephemeral)


def test_a_question_is_answered_in_a_form_and_the_real_cause_closes_the_issue(stage: Stage) -> None:
    said = stage.slack.acting.mentions(CHANNEL, f"{stage.report}\n{ASKS}").wait()
    question = stage.wait_for_post(said.ts, "input")
    stage.slack.acting.clicks(CHANNEL, question["ts"], f"{actions.INPUT_OPEN}:respond").wait()
    form = until(stage.slack.acting.opened_view, "the form", stage.told)
    stage.slack.acting.submits(form, {VALUE: "Release 7"})
    stage.wait_for_words(question, "Release 7")
    stage.wait_for_status(said.ts, "succeeded")
    stage.wait_for_effects()
    assert "Answered by" in words_of(stage.slack.message(CHANNEL, question["ts"]))
    stage.slack.acting.clicks(CHANNEL, with_votes(stage, said.ts), actions.REAL_CAUSE, user="U0OMAR").wait()
    form = until(lambda: stage.slack.acting.opened_view("U0OMAR"), "the form", stage.told)
    stage.slack.acting.submits(form, {VALUE: "The proxy dropped the header"})
    told_alone(stage, "is closed with it", "U0OMAR")
    sql = "select i.status, i.resolution from issues_issue i join issues_slackthread t on t.issue_id = i.id where t.root_ts = %s"
    assert stage.system.query(sql, said.ts) == [("closed", "The proxy dropped the header")]


def test_a_reply_steers_and_is_marked_and_a_mention_after_the_end_goes_on(stage: Stage) -> None:
    said = stage.slack.acting.mentions(CHANNEL, f"{stage.report}\n{TALKS}").wait()
    stage.wait_for_post(said.ts, "card")
    until(lambda: stage.runs(said.ts) and stage.runs(said.ts)[0][1] == "running", "the run to work", stage.told)
    reply = stage.slack.acting.mentions(CHANNEL, ENOUGH, thread=said.ts).wait()
    until(lambda: {"eyes", "white_check_mark"} <= reactions(stage, reply.ts), "the reply to be marked", stage.told)
    stage.wait_for_status(said.ts, "succeeded")
    late = stage.slack.acting.says(CHANNEL, "It began on Monday", thread=said.ts, user="U0OMAR").wait()
    told_alone(stage, "mention me in this thread", "U0OMAR")
    until(lambda: "arrow_right_hook" in reactions(stage, late.ts), "the late reply to be kept", stage.told)
    further = stage.slack.acting.mentions(CHANNEL, "Look once more", thread=said.ts).wait()
    stage.wait_for_status(said.ts, "succeeded", "succeeded")
    until(lambda: "white_check_mark" in reactions(stage, late.ts), "the late reply to be read", stage.told)
    assert "white_check_mark" in reactions(stage, further.ts)
    stage.slack.acting.clicks(CHANNEL, with_votes(stage, said.ts), actions.FEEDBACK, user="U0OMAR").wait()
    told_alone(stage, "Stored for", "U0OMAR")


def with_votes(stage: Stage, thread: str) -> str:
    """The message that has the buttons for votes: the answer, or the last part of it."""

    def found() -> list[str]:
        return [str(each["ts"]) for each in stage.posts(thread) if actions.REAL_CAUSE in str(each.get("blocks"))]

    return str(until(found, "the buttons for votes", stage.told)[0])


def test_the_button_of_the_card_stops_the_run_and_the_card_says_so(stage: Stage) -> None:
    said = stage.slack.acting.mentions(CHANNEL, f"{stage.report}\n{TALKS}").wait()
    card = stage.wait_for_post(said.ts, "card")
    until(lambda: stage.runs(said.ts) and stage.runs(said.ts)[0][1] == "running", "the run to work", stage.told)
    stage.slack.acting.clicks(CHANNEL, card["ts"], actions.STOP_RUN).wait()
    stage.wait_for_status(said.ts, "canceled")
    stage.wait_for_words(card, "Stopped")
    stage.wait_for_effects()
