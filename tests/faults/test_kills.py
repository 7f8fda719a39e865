"""Workers are killed at every place of every stage; the runs go on where they were."""

from __future__ import annotations

import signal

import pytest

from sahur_core.issues import Stage
from tests.faults.checker import check_all, counted, follow, start_many, wait_for_kind
from tests.faults.setting import Setting

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("faults")]
PLACES = {
    "after the claim": {"at": "after_claim"},
    "in the middle": {"at": "before_append", "skip": 1},
    "between checkpoint and finish": {"at": "before_finish"},
    "between finish and the next link": {"at": "after_finish"},
    "after a checkpoint": {"at": "after_checkpoint"},
}
QUICK = {("analyze", "after a checkpoint", "kill"), ("propose_solution", "between finish and the next link", "kill_worker")}
EVERYWHERE = [
    pytest.param(stage, place, how, marks=() if (stage, place, how) in QUICK else pytest.mark.full)
    for stage in [stage.value for stage in Stage]
    for place in PLACES
    for how in ("kill", "kill_worker")
]


@pytest.mark.parametrize(("stage", "place", "how"), EVERYWHERE)
def test_a_kill_is_healed(setting: Setting, stage: str, place: str, how: str) -> None:
    """`kill` ends the pool child that works on the run, `kill_worker` its whole process group; two runs are on the way."""
    setting.failpoints.set({**PLACES[place], "stage": stage, "do": how})
    with setting.client() as client:
        readers = follow(client, start_many(client, setting.bug, 2))
        if how == "kill_worker":
            setting.wait_for_death()
            setting.system.start("worker")
        told = check_all(client, readers)
    assert setting.failpoints.acted() == 1
    assert all(counted(events, "run.queued") == 1 for events in told)


@pytest.mark.full
@pytest.mark.parametrize("moment", ["step.started", "tool_call.started", "evidence.found"])
def test_a_kill_of_all_pool_children_at_once_is_healed(setting: Setting, moment: str) -> None:
    with setting.client() as client:
        readers = follow(client, start_many(client, setting.bug, 4))
        wait_for_kind(client, next(iter(readers)), moment)
        for child in setting.pool_children():
            child.send_signal(signal.SIGKILL)
        check_all(client, readers)
