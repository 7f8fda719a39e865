"""A worker is killed while it lays the beginning of a run that goes on from another one: nothing is lost, nothing twice."""

from __future__ import annotations

import pytest

from sahur_core.issues import Stage
from tests.faults.checker import Reader, check, counted, start
from tests.faults.setting import Setting

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("faults"), pytest.mark.full]
PLACES = {
    "before anything": {"at": "after_claim"},
    "in the transaction that copies": {"at": "before_append", "skip": 1},
    "between the copies and the checkpoint": {"at": "before_checkpoint"},
    "after the first checkpoint": {"at": "after_checkpoint"},
    "after the step back to the model": {"at": "after_checkpoint", "skip": 1},
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("stage", [Stage.GATHER_CONTEXT, Stage.ANALYZE])
def test_a_branch_survives_a_kill_at_its_beginning(setting: Setting, stage: Stage, place: str) -> None:
    with setting.client() as client:
        first = start(client, setting.bug)
        check(client, first)
        known = client.get(f"/api/runs/{first}/").json()
        setting.failpoints.set({**PLACES[place], "stage": "analyze", "do": "kill"})
        asked = {"message": "What if it is something else?", "from_stage": stage.value, "client_id": "once"}
        branch = client.post(f"/api/runs/{first}/branch/", json=asked).json()["id"]
        told = check(client, branch, reader=Reader(client, branch))
        ended = client.get(f"/api/runs/{branch}/").json()
        check(client, first)
        after = client.get(f"/api/runs/{first}/").json()
    assert setting.failpoints.acted() == 1
    assert [message["status"] for message in ended["messages"]] == ["taken_in"]
    assert [counted(told, kind) for kind in ("run.queued", "message.taken_in")] == [1, 1]
    assert len({fact["number"] for fact in ended["evidence"]}) == len(ended["evidence"])
    if stage is Stage.ANALYZE:
        receipts = [fact["receipt_id"] for fact in known["evidence"]]
        assert [fact["receipt_id"] for fact in ended["evidence"]][: len(receipts)] == receipts
    assert (after["evidence"], after["solution"]) == (known["evidence"], known["solution"])
