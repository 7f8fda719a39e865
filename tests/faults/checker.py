"""The invariants that hold for every run, whatever died while it ran: the one judge of all fault tests.

`violations` gives what is broken as a list (the soak counts them), `check` asserts that the list is empty. The truth is
read by SQL; what readers get, over REST and over a `Reader`'s socket, is held against it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx2
import psycopg

from tests.e2e.follow import all_events, file_issue, kinds
from tests.e2e.system import SignedInClient, System
from tests.fakes.repositories import BugCase
from tests.fakes.slack import Slack
from tests.faults import invariants, snapshot
from tests.faults.reader import Reader
from tests.faults.snapshot import Snapshot
from tests.waiting import PROCESSES_SECONDS, wait_for

__all__ = ["Reader", "Violation", "check", "check_all", "follow", "start", "start_many", "violations", "wait_for_kind"]

T = TypeVar("T")
END_SECONDS = 240
"""Much longer than a run takes: twenty of them may wait for two workers of a busy machine."""
REST_SECONDS = PROCESSES_SECONDS
"""How long effects may take to come to rest after the end."""


@dataclass(frozen=True)
class Violation:
    """One broken promise of one run."""

    run: str
    promise: str
    detail: str

    def __str__(self) -> str:
        return f"run {self.run}: {self.promise}: {self.detail}"


def start(client: SignedInClient, bug: BugCase) -> str:
    """File the report; the id of its run."""
    run: str = file_issue(client, bug.title, bug.body, str(bug.path))["run"]["id"]
    return run


def start_many(client: SignedInClient, bug: BugCase, count: int) -> list[str]:
    return [start(client, bug) for _ in range(count)]


def follow(client: SignedInClient, runs: Iterable[str]) -> dict[str, Reader]:
    """A reader for each run; `check_all` closes them."""
    return {run: Reader(client, run) for run in runs}


def wait_for_kind(client: SignedInClient, run: str, kind: str, count: int = 1) -> None:
    """Wait until the run has told that many events of the kind; web need not be there."""
    sql = "select count(*) from issues_event where run_id = %s and kind = %s"
    wait_for(
        lambda: patiently(lambda: client.system.query(sql, run, kind))[0][0] >= count,
        PROCESSES_SECONDS,
        f"{count} {kind} of run {run}",
    )


def wait_for_stage(client: SignedInClient, run: str, stage: str) -> None:
    """Wait until a worker is at this stage of the run, and has told something of it, or has finished it."""
    sql = """
        select 1 from issues_event where run_id = %s and seq >
            (select min(seq) from issues_event where run_id = %s and kind = 'stage.started' and payload ->> 'stage' = %s)
        limit 1
    """
    wait_for(lambda: patiently(lambda: client.system.query(sql, run, run, stage)), PROCESSES_SECONDS, f"{stage} of run {run}")


def check(
    client: SignedInClient,
    run: str,
    end: str = "run.succeeded",
    *,
    reader: Reader | None = None,
    slack: Slack | None = None,
    seconds: float = END_SECONDS,
) -> list[dict[str, Any]]:
    """It ended as expected and no promise is broken; its events as REST gives them. Closes the reader."""
    broken = violations(client, run, end, reader=reader, slack=slack, seconds=seconds)
    assert not broken, "\n".join(str(violation) for violation in broken) + "\n" + _story(client.system, run)
    return all_events(client, run)


def check_all(
    client: SignedInClient, readers: dict[str, Reader], end: str = "run.succeeded", *, slack: Slack | None = None
) -> list[list[dict[str, Any]]]:
    return [check(client, run, end, reader=reader, slack=slack) for run, reader in readers.items()]


def violations(
    client: SignedInClient,
    run: str,
    end: str = "",
    *,
    reader: Reader | None = None,
    slack: Slack | None = None,
    seconds: float = END_SECONDS,
) -> list[Violation]:
    """Every broken promise of the run, once it has ended. `end` is the expected last event, empty for any."""
    system = client.system
    try:
        if not _wait_until_ended(system, run, seconds):
            return [Violation(run, "ending", f"it has not ended within {seconds:.0f} s; {_story(system, run)}")]
        _wait_until_effects_rest(system, run)
        found = patiently(lambda: snapshot.take(system, run))
        broken = [Violation(run, promise.__name__, detail) for promise in invariants.ALL for detail in promise(found)]
        if end and found.run["status"] != end.removeprefix("run."):
            broken.append(Violation(run, "expected end", f"{end}, but it is {found.run['status']}: {found.run['failure']}"))
        if slack is not None:
            broken += [Violation(run, "posts", detail) for detail in invariants.posts(found, slack, run)]
        broken += [Violation(run, "REST", detail) for detail in _over_rest(client, run, found)]
        if reader is not None:
            reader.wait_for(found.events[-1].seq)
            broken += [Violation(run, "reader", detail) for detail in reader.faults(found.events[-1].seq)]
    finally:
        if reader is not None:
            reader.close()
    return broken


def patiently(read: Callable[[], T], seconds: float = PROCESSES_SECONDS) -> T:
    """Read although PostgreSQL or web may be away for a while."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return read()
        except (psycopg.OperationalError, httpx2.TransportError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def _wait_until_ended(system: System, run: str, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        sql = "select 1 from issues_run where id = %s and status in ('succeeded', 'failed', 'canceled')"
        if patiently(lambda sql=sql: system.query(sql, run)):
            return True
        time.sleep(0.1)
    return False


def _wait_until_effects_rest(system: System, run: str) -> None:
    """Those that do not are told by the invariant."""
    deadline = time.monotonic() + REST_SECONDS
    sql = "select 1 from issues_effect where run_id = %s and state in ('pending', 'started') limit 1"
    while patiently(lambda: system.query(sql, run)) and time.monotonic() < deadline:
        time.sleep(0.1)


def _over_rest(client: SignedInClient, run: str, found: Snapshot) -> list[str]:
    """REST shows the same events and the same end as the rows."""
    shown = patiently(lambda: all_events(client, run))
    stored = [(event.first_seq, event.seq, event.kind) for event in found.events]
    broken = []
    if [(event["first_seq"], event["seq"], event["payload"]["kind"]) for event in shown] != stored:
        broken.append(f"it shows {len(shown)} events, {len(stored)} are stored, or not the same ones")
    status = patiently(lambda: client.get(f"/api/runs/{run}/")).json()["status"]
    if status != found.run["status"]:
        broken.append(f"it shows {status}, stored is {found.run['status']}")
    return broken


def _story(system: System, run: str) -> str:
    """What a person needs to find the cause: the row and the last events."""
    sql = """
        select r.status, r.stage, r.crashes, r.resends, l.attempt, l.lease_until, l.owner
        from issues_run r join issues_runlease l on l.run_id = r.id where r.id = %s
    """
    row = patiently(lambda: snapshot.rows(system, sql, run))
    told = "select seq, attempt, kind, payload ->> 'stage' as stage from issues_event where run_id = %s order by seq"
    events = patiently(lambda: system.query(told, run))
    lines = [f"  {seq} attempt {attempt} {kind} {stage or ''}" for seq, attempt, kind, stage in events if kind != "text.streamed"]
    return f"{row}, logs in {system.folder}\n" + "\n".join(lines[-40:])


def counted(events: list[dict[str, Any]], kind: str) -> int:
    return kinds(events).count(kind)
