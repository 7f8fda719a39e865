"""The Slack door, end to end: a signed mention starts one run, and its thread gets the card and the answer, once."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest

from tests.e2e.slack_stage import CHANNEL, Stage, open_stage, until
from tests.fakes.slack import Script

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("slack")]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with open_stage(tmp_path_factory.mktemp("slack")) as stage:
        yield stage


def test_a_mention_delivered_three_times_is_investigated_and_answered_once(stage: Stage) -> None:
    stage.slack.deliveries.copies = 3
    said = stage.slack.acting.mentions(CHANNEL, stage.report).wait()
    stage.slack.deliveries.copies = 1
    card, answer = stage.wait_for_post(said.ts, "card"), stage.wait_for_post(said.ts, "answer")
    stage.wait_for_effects()
    assert len(stage.posts(said.ts)) == 2
    assert stage.bug.commit[:10] in json.dumps(answer)
    assert stage.system.url in json.dumps(card)
    assert [status for _, status in stage.runs(said.ts)] == ["succeeded"]
    assert all(each.is_acknowledged for each in stage.slack.deliveries.sent)


def test_a_sender_killed_inside_the_call_does_not_post_twice(stage: Stage) -> None:
    before = len(stage.slack.calls_of("chat.postMessage"))
    stage.slack.script("chat.postMessage", Script(delay=1.0))
    said = stage.slack.acting.mentions(CHANNEL, stage.report).wait()
    until(lambda: len(stage.slack.calls_of("chat.postMessage")) > before, "the card to be on its way", stage.told)
    time.sleep(0.2)
    stage.restart("effects")
    stage.wait_for_post(said.ts, "answer")
    stage.wait_for_effects()
    assert [len(stage.posts(said.ts, kind)) for kind in ("card", "answer")] == [1, 1]
