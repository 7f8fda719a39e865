"""A tool that writes is called once per approval at the most, and what nobody can know is said."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import httpx2
import jwt
import mcp.types as types
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from sahur_core.tools.policy import arguments_hash
from tests.e2e.follow import wait_until_ended
from tests.faults.people.setting import Setting, at_once
from tests.faults.people.vendor import WRITE
from tests.waiting import wait_for

pytestmark = [pytest.mark.timeout(240), pytest.mark.full, pytest.mark.xdist_group("people")]


@pytest.fixture
def tracker(setting: Setting) -> Iterator[Setting]:
    yield setting
    setting.tracker.pause_before_write = setting.tracker.pause_after_write = 0.0


def asked(setting: Setting, client: httpx2.Client, scenario: str = "writes") -> tuple[str, str, str]:
    """A run that asks for an approval: its id, its mark, and the request's id."""
    run, mark = setting.report(client, scenario, has_code=False)
    request = setting.wait_for_kind(client, run, "input.requested")["input_request"]["id"]
    return run, mark, request


def waiting_for_approval(setting: Setting, client: httpx2.Client) -> tuple[str, str, str]:
    """The same, once no worker holds the run any more."""
    found = asked(setting, client)
    setting.wait_for_status(client, found[0], "waiting")
    return found


def approve(client: httpx2.Client, request: str) -> None:
    answer = client.post(f"/api/inputs/{request}/answer/", json={"decision": "approve", "client_id": "yes"})
    assert answer.status_code == 200, answer.text


def written(setting: Setting, mark: str) -> int:
    return [write["arguments"] for write in setting.tracker.written].count({"text": mark})


def attempt_of(setting: Setting, run: str) -> int:
    return int(setting.system.query("select attempt from issues_runlease where run_id = %s", run)[0][0])


def test_a_worker_killed_after_the_write_does_not_write_again_and_says_what_is_unknown(tracker: Setting) -> None:
    tracker.tracker.pause_after_write = 3.0
    with tracker.system.client() as client:
        run, mark, request = waiting_for_approval(tracker, client)
        approve(client, request)
        wait_for(lambda: written(tracker, mark), 60, "the tool to write")
        tracker.restart("worker")
        ended = wait_until_ended(client, run)
        results = tracker.payloads(client, run, "tool_call.finished")
    assert ended["status"] == "succeeded", ended["failure"]
    assert written(tracker, mark) == 1
    assert "nobody knows" in results[-1]["excerpt"].casefold()
    assert "Nothing was changed" not in results[-1]["excerpt"]
    assert "nobody knows" in tracker.vendor.told[mark].casefold()


@pytest.mark.full
def test_a_worker_killed_inside_the_write_does_not_write_twice(tracker: Setting) -> None:
    tracker.tracker.pause_before_write = 1.5
    with tracker.system.client() as client:
        run, mark, request = waiting_for_approval(tracker, client)
        begun = tracker.tracker.started
        approve(client, request)
        wait_for(lambda: tracker.tracker.started > begun, 60, "the tool to be called")
        tracker.restart("worker")
        ended = wait_until_ended(client, run)
        results = tracker.payloads(client, run, "tool_call.finished")
    assert ended["status"] == "succeeded", ended["failure"]
    assert written(tracker, mark) <= 1
    assert "nobody knows" in results[-1]["excerpt"].casefold()


@pytest.mark.full
def test_a_worker_killed_before_the_write_writes_once(tracker: Setting) -> None:
    with tracker.system.client() as client:
        run, mark, request = waiting_for_approval(tracker, client)
        tracker.system.kill("worker")
        approve(client, request)
        tracker.system.start("worker")
        ended = wait_until_ended(client, run)
    assert ended["status"] == "succeeded", ended["failure"]
    assert written(tracker, mark) == 1


@pytest.mark.full
@pytest.mark.parametrize("moment", [0.0, 0.05, 0.1, 0.2, 0.3, 0.5])
def test_a_worker_killed_at_any_moment_around_the_write_writes_once_at_the_most(tracker: Setting, moment: float) -> None:
    with tracker.system.client() as client:
        run, mark, request = waiting_for_approval(tracker, client)
        approve(client, request)
        time.sleep(moment)
        tracker.restart("worker")
        ended = wait_until_ended(client, run)
        results = tracker.payloads(client, run, "tool_call.finished")
    assert ended["status"] == "succeeded", ended["failure"]
    is_unknown = "nobody knows" in results[-1]["excerpt"].casefold()
    assert written(tracker, mark) == 1 if results[-1]["status"] == "ok" else is_unknown and written(tracker, mark) <= 1


@pytest.mark.full
def test_a_gateway_killed_inside_the_write_does_not_write_twice(tracker: Setting) -> None:
    tracker.tracker.pause_after_write = 3.0
    with tracker.system.client() as client:
        run, mark, request = waiting_for_approval(tracker, client)
        approve(client, request)
        wait_for(lambda: written(tracker, mark), 60, "the tool to write")
        tracker.restart("mcp")
        ended = wait_until_ended(client, run)
    assert written(tracker, mark) == 1
    said = str(ended["failure"]) + tracker.vendor.told[mark]
    assert "nobody knows" in said.casefold()


@pytest.mark.full
def test_a_fenced_worker_cannot_write(tracker: Setting) -> None:
    """It stands still with an approved call before it, another takes over and makes the call, then it wakes up."""
    with tracker.system.client() as client:
        run, mark, request = asked(tracker, client, "writes_slowly")
        approve(client, request)
        old = attempt_of(tracker, run)
        tracker.system.kill("worker", signal.SIGSTOP)
        zombie = tracker.system.processes.pop("worker")
        command = list(tracker.system.commands["worker"])
        tracker.system.commands["worker"] = [part.replace("batch-", "batch-other-") for part in command]
        try:
            tracker.system.start("worker")
            wait_for(lambda: written(tracker, mark), 60, "the other worker to write")
            os.killpg(zombie.pid, signal.SIGCONT)
            ended = wait_until_ended(client, run)
            refused = [grant(tracker, run, old, mark), call_as(tracker, run, old, mark)]
        finally:
            tracker.system.commands["worker"] = command
            os.killpg(zombie.pid, signal.SIGKILL)
            zombie.wait(10)
    assert ended["status"] == "succeeded", ended["failure"]
    assert attempt_of(tracker, run) > old
    assert written(tracker, mark) == 1
    assert refused == [False, False]


@pytest.mark.full
def test_an_old_attempt_with_a_valid_token_is_refused_although_the_approval_is_unused(tracker: Setting) -> None:
    """The worker dies while it holds an approved call; its token is good for minutes, its attempt is not."""
    with tracker.system.client() as client:
        run, mark, request = asked(tracker, client, "writes_slowly")
        approve(client, request)
        old = attempt_of(tracker, run)
        tracker.system.kill("worker")
        wait_for(lambda: attempt_status(tracker, run) == "queued", 60, "the reaper to take the run back")
        assert at_once([partial(grant, tracker, run, old, mark), partial(call_as, tracker, run, old, mark)]) == [False, False]
        assert written(tracker, mark) == 0
        tracker.system.start("worker")
        ended = wait_until_ended(client, run)
    assert ended["status"] == "succeeded", ended["failure"]
    assert written(tracker, mark) == 1


def attempt_status(setting: Setting, run: str) -> str:
    return str(setting.system.query("select status from issues_run where id = %s", run)[0][0])


def grant(setting: Setting, run: str, attempt: int, mark: str) -> bool:
    """Ask for the grant as the gateway does."""
    arguments = {"text": mark}
    body = {"run": run, "attempt": attempt, "tool": WRITE, "arguments": arguments, "arguments_hash": arguments_hash(arguments)}
    headers = {"Authorization": f"Bearer {setting.system.env['SAHUR_INTERNAL_TOKEN']}"}
    answer = httpx2.post(f"{setting.system.url}/internal/grants/", json=body, headers=headers, timeout=20)
    assert answer.status_code == 200, answer.text
    return bool(answer.json()["granted"])


def call_as(setting: Setting, run: str, attempt: int, mark: str) -> bool:
    """Call the tool with that attempt's token, as a worker does; whether it was called."""
    [[team]] = setting.system.query(
        "select i.team_id from issues_issue i join issues_run r on r.issue_id = i.id where r.id = %s", run
    )
    claims: dict[str, Any] = {
        "iss": "sahur", "aud": "sahur-mcp", "sub": f"run:{run}", "exp": int(time.time()) + 300, "team": team, "run": run,
        "attempt": attempt, "repositories": [], "tools": ["*"], "trace": "",
    }  # fmt: skip
    token = jwt.encode(claims, setting.system.env["SAHUR_TOKEN_PRIVATE_KEY"], algorithm="EdDSA")

    async def call() -> types.CallToolResult:
        headers = {"Authorization": f"Bearer {token}"}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=30, trust_env=False) as http,
            Client(
                streamable_http_client(setting.system.env["SAHUR_MCP_URL"], http_client=http), mode="2026-07-28", cache=None
            ) as client,
        ):
            return await client.call_tool(WRITE, {"text": mark})

    status = str((asyncio.run(call()).meta or {})["sahur/status"])
    assert status in ("ok", "denied")
    return status == "ok"
