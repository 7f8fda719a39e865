"""Keeps the books: every request that reaches an upstream, or is refused on the way there, leaves one receipt."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from sahur_core.tools.receipts import Receipt
from sahur_core.trace import current_trace_id
from sahur_mcp.proxy.clients.callers import Caller
from sahur_mcp.proxy.records.kept import KeptResults
from sahur_mcp.proxy.records.receipts import ReceiptRecorder, digest_of, recordable
from sahur_mcp.proxy.records.results import Outcome

logger = logging.getLogger(__name__)


@dataclass
class Entry:
    """What the receipt will say of the request itself. Arguments and name are redacted."""

    caller: Caller
    upstream: str
    tool: str
    arguments: dict[str, Any]
    redactions: int = 0
    is_read: bool | None = None
    receipt_id: str = field(default_factory=lambda: str(uuid7()))
    called_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    started: float = field(default_factory=time.perf_counter)
    duration_ms: int = 0


class Books:
    """Writes receipts, and keeps large results at hand."""

    def __init__(self, recorder: ReceiptRecorder, kept: KeptResults) -> None:
        self._recorder = recorder
        self._kept = kept

    def problem(self) -> str:
        """Why no receipt could be written now; empty if one could."""
        return self._recorder.problem()

    def close(self, entry: Entry, outcome: Outcome) -> str:
        """Write the receipt; why that could not be done whole, empty if it was."""
        entry.duration_ms = round((time.perf_counter() - entry.started) * 1000)
        digest, size = digest_of(outcome.text)
        caller = entry.caller
        receipt = Receipt(
            id=UUID(entry.receipt_id),
            team=caller.team,
            run=UUID(caller.run) if caller.run else None,
            attempt=caller.attempt,
            caller=caller.name,
            upstream=entry.upstream[:64],
            tool=entry.tool[:200],
            arguments=recordable(entry.arguments),
            status=outcome.status,
            result=outcome.text if outcome.page_of is None else outcome.page_of.note,
            result_hash=digest,
            result_bytes=size,
            redactions=outcome.redactions + entry.redactions,
            is_cached=outcome.is_cached,
            is_read=entry.is_read,
            repeats=UUID(caller.repeats) if caller.repeats else None,
            duration_ms=entry.duration_ms,
            trace_id=current_trace_id(),
            called_at=entry.called_at,
        )
        problem = self._recorder.record(receipt)
        if not problem:
            self._kept.put(receipt)
        logger.info(
            "call tool=%s caller=%s team=%d status=%s ms=%d bytes=%d cached=%s redactions=%d receipt=%s",
            receipt.tool, caller.name, caller.team, outcome.status.value, entry.duration_ms, size, outcome.is_cached,
            outcome.redactions, receipt.id,
        )  # fmt: skip
        return problem
