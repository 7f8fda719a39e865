"""Stop takes effect whatever the run is at, and tells what was found. The times are printed (`pytest -s`), not asserted:
everything that hangs here would go on hanging for hours."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import pytest

from tests.e2e.follow import wait_until_ended
from tests.fakes.repositories import build
from tests.faults.people.setting import Setting
from tests.waiting import wait_for

pytestmark = [pytest.mark.timeout(240), pytest.mark.full, pytest.mark.xdist_group("people")]
SECONDS_SQL = """
    select extract(epoch from (select at from issues_event where run_id = %s and kind = 'run.canceled')
                            - (select at from issues_event where run_id = %s and kind = 'run.stop_requested'))
"""


def stop(setting: Setting, client: httpx2.Client, run: str, what: str) -> list[str]:
    """Stop the run; the facts that its end tells. Prints the seconds between the wish and the end."""
    assert client.post(f"/api/runs/{run}/stop/", json={}).status_code == 202
    assert wait_until_ended(client, run)["status"] == "canceled"
    [[seconds]] = setting.system.query(SECONDS_SQL, run, run)
    print(f"\nstopped while {what}: {float(seconds):.2f} s")
    [end] = setting.payloads(client, run, "run.canceled", "run.succeeded", "run.failed")
    assert end["asked_by"] == "rita"
    evidence = [payload["evidence"] for payload in setting.payloads(client, run, "evidence.found")]
    found = [f"[{fact['number']}] {fact['statement']}" for fact in evidence]
    assert end["facts"] == found
    facts: list[str] = end["facts"]
    return facts


@contextmanager
def frozen(setting: Setting, name: str) -> Iterator[None]:
    """The process neither answers nor dies."""
    setting.system.kill(name, signal.SIGSTOP)
    try:
        yield
    finally:
        setting.system.kill(name, signal.SIGCONT)


@pytest.mark.full
def test_queued(setting: Setting) -> None:
    setting.system.kill("worker")
    with setting.system.client() as client:
        run, _ = setting.report(client)
        stop(setting, client, run, "queued")
        kinds = setting.kinds(client, run)
    assert "stage.started" not in kinds


def test_waiting_for_a_person(setting: Setting) -> None:
    with setting.system.client() as client:
        run, _ = setting.report(client, "asks", has_code=False)
        setting.wait_for_status(client, run, "waiting")
        # Nobody is needed for it.
        setting.system.kill("worker")
        stop(setting, client, run, "waiting")


def test_the_model_hangs_after_it_found_something(setting: Setting) -> None:
    with setting.system.client() as client:
        run, mark = setting.report(client, "hangs_with_facts")
        wait_for(lambda: "Recorded as [" in setting.vendor.told.get(mark, ""), 60, "the model to hang")
        assert stop(setting, client, run, "the model hangs")


@pytest.mark.full
def test_the_model_streams(setting: Setting) -> None:
    with setting.system.client() as client:
        run, _ = setting.report(client, "streams")
        setting.wait_for_kind(client, run, "text.streamed")
        stop(setting, client, run, "the model streams")


@pytest.mark.full
def test_the_model_is_between_two_tries(setting: Setting) -> None:
    with setting.system.client() as client:
        run, _ = setting.report(client, "patient")
        setting.wait_for_kind(client, run, "notice.raised")
        stop(setting, client, run, "the model asked for two minutes of patience")


@pytest.mark.full
def test_an_upstream_of_the_gateway_hangs(setting: Setting) -> None:
    with setting.system.client() as client:
        started, canceled = setting.tracker.started, setting.tracker.canceled
        run, _ = setting.report(client, "slow_tool")
        wait_for(lambda: setting.tracker.started > started, 60, "the slow tool to be at work")
        stop(setting, client, run, "a tool hangs")
        wait_for(lambda: setting.tracker.canceled > canceled, 30, "the tool to hear that nobody waits for it")


@pytest.mark.full
def test_the_gateway_hangs(setting: Setting) -> None:
    with setting.system.client() as client, frozen(setting, "mcp"):
        run, _ = setting.report(client)
        setting.wait_for_kind(client, run, "model_call.finished")
        stop(setting, client, run, "the gateway hangs")


@pytest.mark.full
def test_the_index_is_being_prepared(setting: Setting) -> None:
    with setting.system.client() as client, frozen(setting, "indexer"):
        other = build("meter", setting.system.folder)
        run = client.post("/api/issues/", json={"title": "Slow", "body": "It beeps", "repository": str(other.path)})
        setting.wait_for_kind(client, run.json()["run"]["id"], "step.started")
        stop(setting, client, run.json()["run"]["id"], "the index is prepared")
