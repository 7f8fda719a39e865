"""What the gateway and the Django side say to each other is understood on the other side."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from sahur.batch.tokens import sign
from sahur_core.tools.receipts import Receipt
from sahur_mcp.config import load_config
from sahur_mcp.proxy.internal import InternalApi
from sahur_mcp.proxy.tokens import TokenVerifier
from tests.mcp.conftest import Gateway


async def test_a_token_that_the_server_signs_is_understood_by_the_gateway() -> None:
    run = SimpleNamespace(id=uuid4(), issue=SimpleNamespace(team_id=7, repository_id=uuid4()), trace_id="ab" * 16)
    claim: Any = SimpleNamespace(run=run, attempt=4)
    config = load_config(os.environ)
    verifier = TokenVerifier(config.token_public_key, InternalApi(config.server_url, "").introspect)
    caller = await verifier.verify(sign(claim))
    assert (caller.team, caller.run, caller.attempt, caller.trace_id) == (7, str(run.id), 4, run.trace_id)
    assert caller.repository_ids == {str(run.issue.repository_id)}
    assert caller.may_see("code__locate")


async def test_a_receipt_of_the_gateway_is_understood_by_the_server(gateway: Gateway) -> None:
    receipt = gateway.receipt(await gateway.call("code__read", {"path": "x"}))
    stored = Receipt.model_validate(receipt)
    assert set(receipt) == set(Receipt.model_fields)
    assert (str(stored.id), stored.tool, stored.result) == (receipt["id"], "code__read", receipt["result"])
