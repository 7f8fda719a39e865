"""SIGTERM: a worker hands its runs over and ends; what was done is not done again, and nothing counts as a crash."""

from __future__ import annotations

import os
import signal
from collections import Counter
from typing import Any

import pytest

from tests.faults.checker import check_all, counted, follow, start_many, wait_for_kind
from tests.faults.setting import Setting

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("faults")]
HAND_OVER_SECONDS = 10
STARVED_SECONDS = 60
"""What a machine with too much to do may take longer."""


def deploy(setting: Setting) -> None:
    """End the worker as a deploy does, and start the new one."""
    process = setting.system.processes["worker"]
    os.kill(process.pid, signal.SIGTERM)
    process.wait(HAND_OVER_SECONDS + STARVED_SECONDS)
    assert process.returncode == 0, "the worker had to be killed"
    setting.system.start("worker")


def assert_nothing_repeated(told: list[list[dict[str, Any]]]) -> None:
    for events in told:
        finished = Counter(
            event["payload"]["tool_call_id"] for event in events if event["payload"]["kind"] == "tool_call.finished"
        )
        assert max(finished.values()) == 1
        assert counted(events, "attempt.restarted") == 0


def test_a_deploy_hands_the_runs_over(setting: Setting) -> None:
    with setting.client() as client:
        readers = follow(client, start_many(client, setting.bug, 2))
        wait_for_kind(client, next(iter(readers)), "tool_call.started")
        deploy(setting)
        assert_nothing_repeated(check_all(client, readers))


@pytest.mark.full
def test_three_deploys_in_a_row_fail_no_run(setting: Setting) -> None:
    """The runs are slowed down, so that each deploy meets them at work."""
    setting.failpoints.set({"at": "after_checkpoint", "do": "sleep", "seconds": 0.7, "times": 1000})
    with setting.client() as client:
        readers = follow(client, start_many(client, setting.bug, 2))
        for count in (1, 2, 3):
            for run in readers:
                wait_for_kind(client, run, "stage.started", count)
            deploy(setting)
        assert_nothing_repeated(check_all(client, readers))
    crashes = setting.system.query("select sum(crashes) from issues_run where id = any(%s::uuid[])", list(readers))
    assert crashes == [(0,)]
