"""Whole results of recent calls, so that the next page of one is there at once, and while the server is down."""

from __future__ import annotations

import sys
from collections import OrderedDict
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from sahur_core.tools.receipts import Receipt

KEPT_BYTES = 64_000_000
WORTH_CHARS = 8_000
"""Shorter results are shown whole, so nobody pages through them."""


@dataclass(frozen=True)
class KeptResult:
    """The result of one call, with whose it is."""

    team: int
    run: str
    tool: str
    text: str


class ResultStore(Protocol):
    async def kept_result(self, receipt_id: str, team: int, run: str) -> KeptResult | None:
        """The result under a receipt of this team and, if `run` is not empty, of this run. Raises `GatewayUnavailable`."""
        ...


class KeptResults:
    """The newest large results within a number of bytes, and all others by asking the server."""

    def __init__(self, store: ResultStore, max_bytes: int = KEPT_BYTES) -> None:
        self._store = store
        self._max_bytes = max_bytes
        self._results: OrderedDict[str, KeptResult] = OrderedDict()
        self._bytes = 0

    def put(self, receipt: Receipt) -> None:
        size = sys.getsizeof(receipt.result)
        if len(receipt.result) <= WORTH_CHARS or size > self._max_bytes:
            return
        self._results[str(receipt.id)] = KeptResult(
            receipt.team, str(receipt.run) if receipt.run else "", receipt.tool, receipt.result
        )
        self._bytes += size
        while self._bytes > self._max_bytes:
            _, dropped = self._results.popitem(last=False)
            self._bytes -= sys.getsizeof(dropped.text)

    async def find(self, receipt_id: UUID, team: int, run: str) -> KeptResult | None:
        """The result under the receipt, None where the team, or the run, has none such. Raises `GatewayUnavailable`."""
        known = self._results.get(str(receipt_id))
        if known is not None and known.team != team:
            return None
        # Another run of the team may go on from that one, and know its receipts: the server can tell.
        if known is not None and run in ("", known.run):
            return known
        return await self._store.kept_result(str(receipt_id), team, run)
