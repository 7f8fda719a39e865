"""Every process besides the workers of stages dies in turn while runs go on, and comes back."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.fakes.repositories import build
from tests.faults.checker import check, check_all, counted, follow, start, start_many, wait_for_kind
from tests.faults.setting import Setting
from tests.waiting import PROCESSES_SECONDS, wait_for

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("faults"), pytest.mark.full]


@pytest.mark.parametrize("name", ["web", "mcp", "effects", "indexer", "reaper"])
def test_a_process_may_die_while_runs_go_on(setting: Setting, name: str) -> None:
    with setting.client() as client:
        readers = follow(client, start_many(client, setting.bug, 3))
        wait_for_kind(client, next(iter(readers)), "tool_call.started")
        setting.system.kill(name)
        setting.system.start(name)
        check_all(client, readers)


def test_a_lost_child_is_healed_although_nobody_can_report_it(setting: Setting) -> None:
    """The hint that hastens recovery goes through the queue of the effects; without it the lease runs out."""
    setting.failpoints.set({"at": "after_checkpoint", "stage": "analyze", "do": "kill"})
    setting.system.kill("effects")
    with setting.client() as client:
        readers = follow(client, start_many(client, setting.bug, 2))
        check_all(client, readers)
    assert setting.failpoints.acted() == 1


def test_an_indexer_killed_at_its_work_is_waited_for(setting: Setting, tmp_path: Path) -> None:
    """The checkout stays pending; the run that waits for it asks again."""
    other = build("stock", setting.system.folder / tmp_path.name)
    with setting.client() as client:
        run = start(client, other)
        wait_for(
            lambda: setting.system.query("select 1 from issues_checkout where done < wanted"),
            PROCESSES_SECONDS,
            "the indexer's work",
        )
        setting.system.kill("indexer")
        setting.system.start("indexer")
        check(client, run)


def test_a_gateway_that_stays_away_fails_the_run_with_what_to_do(setting: Setting) -> None:
    setting.system.kill("mcp")
    with setting.client() as client:
        run = start(client, setting.bug)
        last = check(client, run, "run.failed")[-1]["payload"]
    assert last["code"] == "gateway_unavailable"
    assert last["next_step"]


def test_the_doors_take_reports_while_nobody_works(setting: Setting) -> None:
    setting.system.kill("worker")
    with setting.client() as client:
        run = start(client, setting.bug)
        said = client.post(f"/api/runs/{run}/messages/", json={"text": "Since the deploy", "client_id": "m1"})
        assert said.status_code == 202
        setting.system.start("worker")
        events = check(client, run)
    assert counted(events, "message.taken_in") == 1


def test_everything_dies_at_once(setting: Setting) -> None:
    """As when the machine loses its power, apart from what the disk had not written yet."""
    with setting.client() as client:
        readers = follow(client, start_many(client, setting.bug, 4))
        wait_for_kind(client, next(iter(readers)), "tool_call.started")
        for name in setting.system.commands:
            setting.system.kill(name)
        setting.stop_valkey()
        setting.restart_postgres(signal.SIGQUIT)
        setting.start_valkey()
        setting.revive()
        check_all(client, readers)
