"""Runs that wait hold nobody up, and a burst is answered from its first report on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from tests.e2e.follow import wait_until_ended
from tests.faults.people.setting import Setting
from tests.waiting import wait_for

pytestmark = [pytest.mark.timeout(900), pytest.mark.full, pytest.mark.xdist_group("people")]


def report_many(setting: Setting, client: Any, scenario: str, count: int) -> list[str]:
    with ThreadPoolExecutor(4) as pool:
        made = pool.map(lambda report: report(), [partial(setting.report, client, scenario, has_code=False)] * count)
        return [run for run, _ in made]


def count(setting: Setting, runs: list[str], status: str) -> int:
    [[found]] = setting.system.query("select count(*) from issues_run where id = any(%s::uuid[]) and status = %s", runs, status)
    return int(found)


@pytest.mark.parametrize("many", [pytest.param(6, id="6 runs"), pytest.param(100, id="100 runs", marks=pytest.mark.full)])
def test_waiting_runs_leave_both_slots_of_a_worker_free(setting: Setting, many: int) -> None:
    with setting.system.client() as client:
        runs = report_many(setting, client, "asks", many)
        wait_for(lambda: count(setting, runs, "waiting") == many, 600, f"{many} runs to wait")
        held = setting.system.query(
            "select count(*) from issues_runlease where run_id = any(%s::uuid[]) and lease_until is not null", runs
        )
        fresh = report_many(setting, client, "", 3)
        ended = [wait_until_ended(client, run)["status"] for run in fresh]
        assert count(setting, runs, "waiting") == many
        for run in runs:
            client.post(f"/api/runs/{run}/stop/", json={})
    assert held == [(0,)]
    assert ended == ["succeeded"] * 3
    assert count(setting, runs, "canceled") == many


@pytest.mark.full
@pytest.mark.parametrize("many", [20, 200])
def test_first_answers_come_out_while_the_last_reports_are_queued(setting: Setting, many: int) -> None:
    with setting.system.client() as client:
        runs = report_many(setting, client, "", many)
        wait_for(lambda: count(setting, runs, "succeeded") == many, 800, f"{many} runs to succeed")
    sql = """
        select extract(epoch from min(at) filter (where kind = 'run.queued'))::float,
               extract(epoch from min(at) filter (where kind = 'stage.started'))::float,
               extract(epoch from min(at) filter (where kind = 'run.succeeded'))::float
        from issues_event where run_id = any(%s::uuid[]) group by run_id
    """
    moments = setting.system.query(sql, runs)
    took = sorted(ended - asked for asked, _, ended in moments)
    shown = [f"{took[round(share * (many - 1))]:.1f}" for share in (0, 0.5, 0.95, 1)]
    print(f"\n{many} reports: first, median, 95 %, last from report to answer: {', '.join(shown)} s")
    ahead = max(begun for _, begun, _ in moments) - min(ended for _, _, ended in moments)
    assert ahead > 0, "the first answer came before the last report was begun"
