"""The invariants that hold for every run, whatever died while it ran."""

from __future__ import annotations

from typing import Any

import httpx2

from tests.e2e.follow import all_events, file_issue, kinds, wait_until_ended
from tests.e2e.system import wait_for
from tests.fakes.repositories import BugCase

ENDS = {"run.succeeded", "run.failed", "run.canceled"}


def start(client: httpx2.Client, bug: BugCase) -> str:
    """File the report; the id of its run."""
    run: str = file_issue(client, bug.title, bug.body, str(bug.path))["run"]["id"]
    return run


def wait_for_kind(client: httpx2.Client, run: str, kind: str, count: int = 1) -> None:
    wait_for(lambda: kinds(all_events(client, run)).count(kind) >= count, 60, f"{count} {kind} of run {run}")


def check(client: httpx2.Client, run: str, end: str = "run.succeeded") -> list[dict[str, Any]]:
    """It ended once and as expected, its numbers have no gap, each fact is there once, each stage was finished once."""
    wait_until_ended(client, run)
    events = all_events(client, run)
    found = kinds(events)
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert [kind for kind in found if kind in ENDS] == [end], events[-1]
    evidence = [event["payload"]["evidence"]["number"] for event in events if event["payload"]["kind"] == "evidence.found"]
    assert len(evidence) == len(set(evidence))
    said = [event["payload"]["message_id"] for event in events if event["payload"]["kind"] == "message.taken_in"]
    assert len(said) == len(set(said))
    if end == "run.succeeded":
        assert found.count("stage.finished") == 4
    return events
