"""A run that kills whoever works on it is given up; one that comes further between two crashes is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.faults.checker import check, check_all, counted, follow, start, start_many
from tests.faults.setting import Setting

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("faults")]


@pytest.mark.full
@pytest.mark.parametrize("stage", ["gather_context", "analyze", "publish"])
def test_a_poison_run_fails_after_three_crashes_and_harms_no_other(setting: Setting, stage: str) -> None:
    setting.failpoints.set({"at": "after_claim", "stage": stage, "title": "poison", "times": 100, "do": "kill"})
    with setting.client() as client:
        poison = start(client, replace(setting.bug, title="poison"))
        readers = follow(client, [*start_many(client, setting.bug, 3)])
        events = check(client, poison, "run.failed")
        check_all(client, readers)
    assert counted(events, "attempt.restarted") == 2
    assert "3 times" in events[-1]["payload"]["cause"]
    assert events[-1]["payload"]["stage"] == stage
    assert setting.failpoints.acted() == 3


@pytest.mark.full
def test_a_run_that_makes_progress_between_crashes_survives_more_than_three(setting: Setting) -> None:
    """Killed after each of its first six checkpoints."""
    setting.failpoints.set({"at": "after_checkpoint", "title": "unlucky", "times": 6, "do": "kill"})
    with setting.client() as client:
        readers = follow(client, [start(client, replace(setting.bug, title="unlucky"))])
        [events] = check_all(client, readers)
    assert counted(events, "attempt.restarted") >= 4
    assert setting.failpoints.acted() == 6
