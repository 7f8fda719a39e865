"""Slack has its answer in time whatever else is down: it waits three seconds, then it delivers again."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from sahur.embedded.services.valkey import Valkey
from tests.e2e.slack_stage import CHANNEL, Stage, open_stage, until
from tests.fakes.slack import Delivery, Script
from tests.services import free_port

pytestmark = [pytest.mark.full, pytest.mark.timeout(600), pytest.mark.xdist_group("slack-ack")]
HANGING = 8.0
METHODS = (
    "auth.test",
    "chat.postMessage",
    "chat.update",
    "conversations.info",
    "conversations.replies",
    "users.info",
    "views.open",
)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """With a Valkey of its own, that nobody else waits for."""
    folder = tmp_path_factory.mktemp("ack")
    valkey = Valkey(folder / "valkey", free_port(), durable=False)
    process = valkey.start(folder / "valkey.log")
    try:
        with open_stage(folder, REDIS_URL=valkey.url()) as stage:
            stage.valkey = process
            yield stage
    finally:
        process.kill()
        process.wait(60)


@pytest.fixture
def alone(stage: Stage) -> Iterator[Stage]:
    """Valkey and the gateway stand still, and Slack's own API does not answer for longer than it waits itself."""
    view = opened(stage)
    assert stage.valkey is not None
    stage.system.kill("mcp", signal.SIGSTOP)
    os.kill(stage.valkey.pid, signal.SIGSTOP)
    for method in METHODS:
        stage.slack.script(method, *[Script(delay=HANGING)] * 20)
    stage.slack.views[view].is_open = True
    try:
        yield stage
    finally:
        os.kill(stage.valkey.pid, signal.SIGCONT)
        stage.system.kill("mcp", signal.SIGCONT)
        stage.slack.scripts.clear()


def opened(stage: Stage) -> str:
    stage.slack.acting.commands("/sahur", "Search fails").wait()
    return str(until(stage.slack.acting.opened_view, "the form").id)


def at_first_try(*told: Delivery) -> None:
    """Slack gives an answer three seconds."""
    for each in told:
        first = each.wait().tries[0]
        assert first.is_acknowledged, (each.kind, first)


def test_everything_is_acknowledged_at_the_first_try_and_nothing_is_lost(alone: Stage) -> None:
    slack = alone.slack
    view = slack.acting.opened_view()
    assert view is not None
    root = slack.say(CHANNEL, "Carts are empty")
    for number in range(3):
        at_first_try(*slack.acting.mentions(CHANNEL, f"Checkout fails {number}").deliveries)
    at_first_try(*slack.acting.mentions(CHANNEL, "", thread=root).deliveries)
    at_first_try(slack.acting.uses_shortcut("investigate", CHANNEL, slack.say(CHANNEL, "Prices are wrong")))
    at_first_try(slack.acting.commands("/sahur", "Login fails"))
    at_first_try(slack.acting.submits(view, {"title": "Search fails"}))
    titles = {title for (title,) in alone.system.query("select title from issues_issue")}
    assert titles >= {f"Checkout fails {number}" for number in range(3)} | {"Prices are wrong", "Search fails"}
    assert alone.issues(root)


def test_what_came_meanwhile_is_investigated_when_all_is_back(stage: Stage) -> None:
    open_runs = "select count(*) from issues_run where status not in ('succeeded', 'failed', 'canceled')"
    until(lambda: stage.system.query(open_runs) == [(0,)], "all runs to end")
    stage.wait_for_effects()
    assert stage.system.query("select count(*) from issues_slackthread where root_ts = ''") == [(0,)]
