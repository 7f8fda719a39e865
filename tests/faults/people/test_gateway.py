"""A gateway that dies, and receipts that nobody takes: the run goes on, and each citation still opens its receipt."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from tests.faults.checker import check
from tests.faults.people.setting import Setting
from tests.waiting import wait_for

pytestmark = [pytest.mark.timeout(240), pytest.mark.full, pytest.mark.xdist_group("people")]


def each_citation_opens_its_receipt(setting: Setting, client: httpx2.Client, run: str) -> list[dict[str, Any]]:
    evidence: list[dict[str, Any]] = client.get(f"/api/runs/{run}/").json()["evidence"]
    assert evidence
    for fact in evidence:
        receipt = wait_for(
            lambda fact=fact: (got := client.get(f"/api/receipts/{fact['receipt_id']}/")).status_code == 200 and got.json(),
            30,
            f"the receipt of [{fact['number']}]",
        )
        assert receipt["tool"] == fact["tool"]
    return evidence


@pytest.mark.full
@pytest.mark.parametrize(("kind", "count"), [("tool_call.started", 1), ("tool_call.started", 4), ("tool_call.finished", 2)])
def test_a_gateway_killed_during_a_call_is_asked_again(setting: Setting, kind: str, count: int) -> None:
    with setting.system.client() as client:
        run, _ = setting.report(client)
        wait_for(lambda: setting.kinds(client, run).count(kind) >= count, 60, f"{count} {kind}")
        setting.restart("mcp")
        check(client, run)
        each_citation_opens_its_receipt(setting, client, run)


def test_receipts_that_web_could_not_take_arrive_afterwards(setting: Setting) -> None:
    """Web is away for the whole run, and the gateway is killed on top while it keeps them."""
    with setting.system.client() as client:
        run, _ = setting.report(client)
        setting.system.kill("web")
        ended = "select 1 from issues_run where id = %s and status = 'succeeded'"
        wait_for(lambda: setting.system.query(ended, run), 90, "the run to succeed without web")
        setting.restart("mcp")
        setting.system.start("web")
        setting.web_is_back()
        check(client, run)
        each_citation_opens_its_receipt(setting, client, run)
        [[calls, receipts]] = setting.system.query(
            "select count(*), count(r.id) from issues_toolcall c left join issues_receipt r on r.id = c.receipt_id"
            " where c.run_id = %s",
            run,
        )
    assert calls == receipts > 0
