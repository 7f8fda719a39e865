"""What must hold whatever dies: one end, no gap, each fact once, nothing lost. The mechanism; `make test-all` has more."""

from __future__ import annotations

import os
import signal

import psutil
import pytest
import redis

from tests.e2e.follow import kinds
from tests.e2e.system import System, answers, wait_for
from tests.fakes.repositories import BugCase, build
from tests.faults.checker import check, start, wait_for_kind

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def bug(system: System) -> BugCase:
    return build("booking", system.folder)


def pool_children(system: System) -> list[psutil.Process]:
    return psutil.Process(system.processes["worker"].pid).children()


@pytest.mark.parametrize("moment", ["step.started", "tool_call.started"])
def test_kill_of_the_whole_worker_is_healed(system: System, bug: BugCase, moment: str) -> None:
    with system.client() as client:
        run = start(client, bug)
        wait_for_kind(client, run, moment)
        system.kill("worker")
        system.start("worker")
        events = check(client, run)
    assert kinds(events).count("run.queued") == 1


def test_kill_of_a_pool_child_is_healed(system: System, bug: BugCase) -> None:
    with system.client() as client:
        run = start(client, bug)
        wait_for_kind(client, run, "tool_call.started")
        for child in pool_children(system):
            child.send_signal(signal.SIGKILL)
        check(client, run)


def test_a_deploy_hands_the_run_over(system: System, bug: BugCase) -> None:
    with system.client() as client:
        run = start(client, bug)
        wait_for_kind(client, run, "tool_call.started")
        os.kill(system.processes["worker"].pid, signal.SIGTERM)
        system.processes["worker"].wait(60)
        system.start("worker")
        events = check(client, run)
    assert "attempt.restarted" not in kinds(events)


def test_a_flushed_broker_loses_no_run(system: System, bug: BugCase) -> None:
    with system.client() as client:
        runs = [start(client, bug) for _ in range(4)]
        with redis.Redis.from_url(system.env["REDIS_URL"]) as broker:
            broker.flushdb()
        for run in runs:
            check(client, run)


def test_a_gateway_that_dies_is_waited_for(system: System, bug: BugCase) -> None:
    with system.client() as client:
        run = start(client, bug)
        wait_for_kind(client, run, "tool_call.finished")
        system.kill("mcp")
        system.start("mcp")
        system.wait_until_ready()
        check(client, run)


def test_a_gateway_that_stays_away_fails_the_run_with_what_to_do(system: System, bug: BugCase) -> None:
    system.kill("mcp")
    try:
        with system.client() as client:
            run = start(client, bug)
            last = check(client, run, "run.failed")[-1]["payload"]
        assert last["code"] == "gateway_unavailable"
        assert last["next_step"]
    finally:
        system.start("mcp")
        system.wait_until_ready()


def test_the_doors_take_reports_while_nobody_works(system: System, bug: BugCase) -> None:
    system.kill("worker")
    with system.client() as client:
        run = start(client, bug)
        said = client.post(f"/api/runs/{run}/messages/", json={"text": "Since the deploy", "client_id": "m1"})
        assert said.status_code == 202
        system.start("worker")
        events = check(client, run)
    assert kinds(events).count("message.taken_in") == 1


def test_web_may_die_while_a_run_goes_on(system: System, bug: BugCase) -> None:
    with system.client() as client:
        run = start(client, bug)
        system.kill("web")
        system.start("web")
        wait_for(lambda: answers(f"{system.url}/api/health/ready/"), 60, "web")
        check(client, run)
