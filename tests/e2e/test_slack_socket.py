"""Where Slack cannot reach the machine: `manage.py runslack` over Socket Mode, killed and started again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.slack_stage import CHANNEL, Stage, open_stage, until
from tests.fakes.slack.acting import Said

pytestmark = [pytest.mark.full, pytest.mark.timeout(600), pytest.mark.xdist_group("slack-socket")]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with open_stage(tmp_path_factory.mktemp("socket")) as stage:
        stage.slack.deliveries.over_socket = True
        # At once, then after 12 and 60 seconds: a start of the command must fit in, as in Slack's own minutes.
        stage.slack.deliveries.hurry = 0.2
        yield stage


def connected(stage: Stage) -> None:
    stage.system.start("runslack")
    until(lambda: stage.slack.socket.connections, "a connection", lambda: stage.system.log("runslack"))


def checked(stage: Stage) -> str:
    """What `slack check` says of Socket Mode."""
    told = stage.system.manage("slack", "check").stdout
    return next((line for line in told.splitlines() if "Socket Mode:" in line), told)


def answered_once(stage: Stage, said: Said) -> None:
    stage.wait_for_post(said.ts, "answer")
    stage.wait_for_effects()
    assert [len(stage.posts(said.ts, kind)) for kind in ("card", "answer")] == [1, 1]
    assert len(stage.issues(said.ts)) == 1


def test_a_mention_and_a_button_over_the_socket(stage: Stage) -> None:
    assert "no `manage.py runslack` is connected" in checked(stage)
    connected(stage)
    until(lambda: "`manage.py runslack` is connected, on" in checked(stage), "word of the connection", stage.told)
    said = stage.slack.acting.mentions(CHANNEL, stage.report).wait()
    answered_once(stage, said)
    assert all(each.is_acknowledged for each in said.deliveries)
    acknowledged = stage.slack.acting.commands("/sahur", "help").wait()
    assert "How to report" in acknowledged.tries[-1].body


def test_killed_with_mentions_on_the_way_it_takes_each_once_when_it_is_back(stage: Stage) -> None:
    if "runslack" not in stage.system.processes:
        connected(stage)
    said = [stage.slack.acting.mentions(CHANNEL, f"{stage.report}\n({number})") for number in range(4)]
    stage.system.kill("runslack")
    said += [stage.slack.acting.mentions(CHANNEL, f"{stage.report}\n(away {number})") for number in range(2)]
    connected(stage)
    for each in said:
        each.wait(120)
        answered_once(stage, each)


def test_slack_asks_to_connect_anew_and_nothing_is_lost(stage: Stage) -> None:
    if "runslack" not in stage.system.processes:
        connected(stage)
    before = stage.slack.socket.opened
    said = [stage.slack.acting.mentions(CHANNEL, f"{stage.report}\n(first {number})") for number in range(2)]
    stage.slack.socket.ask_to_reconnect()
    said.append(stage.slack.acting.mentions(CHANNEL, f"{stage.report}\n(after)"))
    until(lambda: stage.slack.socket.opened > before and stage.slack.socket.connections, "a new connection", stage.told)
    stage.slack.socket.cut()
    said.append(stage.slack.acting.mentions(CHANNEL, f"{stage.report}\n(cut)"))
    for each in said:
        each.wait(120)
        answered_once(stage, each)
