"""What is said in Slack is taken once, told once and lost never, whatever dies, repeats itself or is taken away meanwhile."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.e2e.slack_stage import CHANNEL, Stage, open_stage, until, words_of
from tests.fakes.slack import Delivery, Script
from tests.fakes.slack.acting import Said

pytestmark = [pytest.mark.full, pytest.mark.timeout(900), pytest.mark.xdist_group("slack-faults")]
METHODS = ("chat.postMessage", "chat.update")


@pytest.fixture(scope="module")
def module_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with open_stage(tmp_path_factory.mktemp("faults")) as stage:
        yield stage


@pytest.fixture
def stage(module_stage: Stage) -> Iterator[Stage]:
    yield module_stage
    module_stage.slack.scripts.clear()
    module_stage.slack.has_limits = False


def told_once(stage: Stage, said: Said) -> None:
    """One card, which says that it is done, and one answer."""
    stage.wait_for_status(said.ts, "succeeded")
    stage.wait_for_effects()
    assert [len(stage.posts(said.ts, kind)) for kind in ("card", "answer")] == [1, 1], stage.told()
    assert "Done" in words_of(stage.posts(said.ts, "card")[0])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", ["effects", "worker"])
def test_one_card_and_one_answer_when_a_process_is_killed_between_posts(stage: Stage, method: str, name: str) -> None:
    """Slack takes its time over a call, does it, and the process that waits for the answer is no more."""
    before = len(stage.slack.calls_of(method))
    stage.slack.script(method, Script(delay=1.5), Script(delay=1.5))
    said = stage.slack.acting.mentions(CHANNEL, stage.report)
    until(lambda: len(stage.slack.calls_of(method)) > before, f"a call of {method}", stage.told)
    stage.restart(name)
    told_once(stage, said)


def test_both_killed_again_and_again(stage: Stage) -> None:
    stage.slack.script("chat.postMessage", *[Script(delay=0.7)] * 6)
    said = stage.slack.acting.mentions(CHANNEL, stage.report)
    for count in (1, 2, 3):
        until(lambda count=count: len(stage.slack.calls) >= count, "a call", stage.told)
        for name in ("worker", "effects"):
            stage.restart(name)
    told_once(stage, said)


def test_events_that_come_late_and_in_the_wrong_order_make_the_same_issue(stage: Stage) -> None:
    """The reply in the thread is told of before the mention that began it, and everything three times."""
    acting, deliveries = stage.slack.acting, stage.slack.deliveries
    deliveries.hold()
    said = acting.mentions(CHANNEL, stage.report)
    acting.says(CHANNEL, "It began after the deploy on Friday", thread=said.ts, user="U0OMAR")

    def backwards_three_times(held: list[Delivery]) -> list[Delivery]:
        return [Delivery(each.kind, each.payload) for each in [*reversed(held)] * 3]

    deliveries.release(backwards_three_times)
    told_once(stage, said)
    assert len(stage.issues(said.ts)) == 1
    body, said_since = stage.system.query(
        "select i.body, coalesce((select string_agg(m.text, ' ') from issues_message m join issues_run r on r.id = m.run_id"
        " where r.issue_id = i.id), '') from issues_issue i where i.id = %s",
        stage.issues(said.ts)[0][0],
    )[0]
    assert (body + said_since).count("It began after the deploy on Friday") == 1


def test_rate_limits_are_kept_to_and_everything_is_told_in_the_end(stage: Stage) -> None:
    """With Slack's own limits on; what is refused by them comes after the pause that Slack asks for."""
    stage.slack.has_limits, stage.slack.minute_seconds = True, 20.0
    said = [stage.slack.acting.mentions(CHANNEL, f"Screen {number} beeps with code {number:04}") for number in range(8)]
    for each in said:
        told_once(stage, each)


@pytest.mark.parametrize("error", ["fatal_error", "internal_error", "ratelimited"])
def test_what_slack_refuses_for_now_comes_later(stage: Stage, error: str) -> None:
    status = 429 if error == "ratelimited" else 200
    for method in METHODS:
        stage.slack.script(method, *[Script(error=error, status=status, retry_after=1)] * 2)
    told_once(stage, stage.slack.acting.mentions(CHANNEL, stage.report))


def test_an_answer_that_slack_takes_without_an_answer_is_found_again(stage: Stage) -> None:
    for method in METHODS:
        stage.slack.script(method, *[Script(after_work=True)] * 3)
    told_once(stage, stage.slack.acting.mentions(CHANNEL, stage.report))


def test_a_channel_that_is_archived_in_the_middle_is_told_on_the_page(stage: Stage) -> None:
    said = stage.slack.acting.mentions(CHANNEL, stage.report)
    stage.wait_for_post(said.ts, "card")
    stage.slack.archived.add(CHANNEL)
    try:
        [(run, _)] = stage.wait_for_status(said.ts, "succeeded")
        stage.wait_for_effects()
    finally:
        stage.slack.archived.clear()
    with stage.system.client() as client:
        events = client.get(f"/api/runs/{run}/events/").json()
    assert "is_archived" in json.dumps(events)
