"""Talking to a run in its thread, end to end: what is said while it works and after its end, and what it really was."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sahur.slack.blocks import actions
from sahur.slack.blocks.modals import VALUE
from tests.e2e.slack_stage import CHANNEL, Stage, open_stage, reactions_of, until
from tests.e2e.stage import ENOUGH, TALKS

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


def test_what_is_said_is_marked_also_after_the_end_and_the_real_cause_closes_the_issue(stage: Stage) -> None:
    said = stage.slack.acting.mentions(CHANNEL, f"{stage.report}\n{TALKS}").wait()
    stage.wait_for_post(said.ts, "card")
    until(lambda: stage.runs(said.ts) and stage.runs(said.ts)[0][1] == "running", "the run to work", stage.told)
    reply = stage.slack.acting.mentions(CHANNEL, ENOUGH, thread=said.ts).wait()
    until(lambda: reactions(stage, reply.ts) == {"white_check_mark"}, "the reply to be marked", stage.told)
    stage.wait_for_status(said.ts, "succeeded")
    late = stage.slack.acting.says(CHANNEL, "It began on Monday", thread=said.ts, user="U0OMAR").wait()
    told_alone(stage, "mention me in this thread", "U0OMAR")
    until(lambda: "arrow_right_hook" in reactions(stage, late.ts), "the late reply to be kept", stage.told)
    further = stage.slack.acting.mentions(CHANNEL, "Look once more", thread=said.ts).wait()
    stage.wait_for_status(said.ts, "succeeded", "succeeded")
    until(lambda: "white_check_mark" in reactions(stage, late.ts), "the late reply to be read", stage.told)
    until(lambda: "white_check_mark" in reactions(stage, further.ts), "what was said anew to be read", stage.told)
    votes = with_votes(stage, said.ts)
    stage.slack.acting.clicks(CHANNEL, votes, actions.FEEDBACK, user="U0OMAR").wait()
    told_alone(stage, "Stored for", "U0OMAR")
    stage.slack.acting.clicks(CHANNEL, votes, actions.REAL_CAUSE, user="U0OMAR").wait()
    form = until(lambda: stage.slack.acting.opened_view("U0OMAR"), "the form", stage.told)
    stage.slack.acting.submits(form, {VALUE: "The proxy dropped the header"})
    told_alone(stage, "is closed with it", "U0OMAR")
    sql = "select i.status, i.resolution from issues_issue i join issues_slackthread t on t.issue_id = i.id where t.root_ts = %s"
    assert stage.system.query(sql, said.ts) == [("closed", "The proxy dropped the header")]


def with_votes(stage: Stage, thread: str) -> str:
    """The message that has the buttons for votes: the answer, or the last part of it."""

    def found() -> list[str]:
        return [str(each["ts"]) for each in stage.posts(thread) if actions.REAL_CAUSE in str(each.get("blocks"))]

    return str(until(found, "the buttons for votes", stage.told)[0])
