"""A burst of reports on two worker slots, with the model that needs no service: from the POST to the solution."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import httpx2

from tests.benchmarks.engine.measuring import spread
from tests.e2e.follow import file_issue, wait_until_ended
from tests.e2e.system import System
from tests.fakes.repositories import BugCase, build
from tests.waiting import wait_for

CLIENTS = 8
RESENT = "its hint is sent again"
"""What the reaper logs, once for each hint (`sahur.batch.reaper`)."""
MOMENTS = """
select run.id::text, run.status, run.started_at, run.ended_at,
       (select min(at) from issues_event where run_id = run.id and kind = 'solution.proposed'),
       (select count(*) from issues_event where run_id = run.id and kind = 'stage.started')
from issues_run run where run.id = any(%s::uuid[])
"""


def measure(system: System, reports: int) -> dict[str, object]:
    """The index is warm: one report of the same repository was solved before."""
    bug = build("booking", system.folder)
    with system.client() as client:
        wait_until_ended(client, file_issue(client, bug.title, bug.body, str(bug.path))["run"]["id"], 180)
        cookies, headers = dict(client.cookies), dict(client.headers)
        sent: dict[str, tuple[float, float]] = {}
        threads = [
            threading.Thread(target=_report, args=(system, cookies, headers, bug, reports // CLIENTS, sent))
            for _ in range(CLIENTS)
        ]
        started = time.time()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        accepted = time.time() - started
        wait_for(lambda: _open_runs(system, sent) == 0, 15 * reports, "all runs to end")
        rows = system.query(MOMENTS, list(sent))
    return {f"burst of {len(sent)} reports": _figures(rows, sent, accepted, system.log("reaper").count(RESENT))}


def _report(
    system: System,
    cookies: dict[str, str],
    headers: dict[str, str],
    bug: BugCase,
    count: int,
    sent: dict[str, tuple[float, float]],
) -> None:
    with httpx2.Client(base_url=system.url, timeout=120, headers=headers, cookies=cookies) as client:
        for _ in range(count):
            at = time.time()
            issue = file_issue(client, bug.title, f"{bug.body}\n{uuid.uuid4()}", str(bug.path))
            sent[issue["run"]["id"]] = (at, time.time() - at)


def _open_runs(system: System, sent: dict[str, Any]) -> int:
    time.sleep(1)
    found = system.query("select count(*) from issues_run where id = any(%s::uuid[]) and ended_at is null", list(sent))
    return int(found[0][0])


def _figures(
    rows: Sequence[tuple[Any, ...]], sent: dict[str, tuple[float, float]], accepted: float, resent: int
) -> dict[str, object]:
    ends: list[datetime] = sorted(row[3] for row in rows)
    solved = {row[0]: row[4].timestamp() - sent[row[0]][0] for row in rows if row[4] is not None}
    last_start = max(row[2] for row in rows)
    order = sorted(sent, key=lambda run: sent[run][0])
    first, last = order[: len(order) // 10], order[-len(order) // 10 :]
    return {
        "status": {status: sum(row[1] == status for row in rows) for status in {row[1] for row in rows}},
        "POST ms": spread([seconds for _, seconds in sent.values()]),
        "all accepted after s": round(accepted, 1),
        "all ended after s": round(ends[-1].timestamp() - min(at for at, _ in sent.values()), 1),
        "report to solution ms": spread(list(solved.values())),
        "first tenth sent, ms": spread([solved[run] for run in first if run in solved]),
        "last tenth sent, ms": spread([solved[run] for run in last if run in solved]),
        "ended before the last began": sum(end < last_start for end in ends),
        "hints sent again": resent,
        "stages started, 4 a run": sum(row[5] for row in rows),
    }
