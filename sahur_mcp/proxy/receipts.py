"""The record of every tool call, and how it gets to the server."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import logging
from datetime import datetime
from typing import Any, Protocol

from anyio import to_thread
from pydantic import BaseModel, ConfigDict

from sahur_core.errors import GatewayUnavailable, InputError
from sahur_core.issues import ToolResultStatus
from sahur_mcp.proxy.spool import Spool

logger = logging.getLogger(__name__)

BATCH_SECONDS = 0.1
BATCH_RECEIPTS = 50
BATCH_BYTES = 1_000_000
MAX_RETRY_SECONDS = 30.0
MAX_STORED_CHARS = 1_000_000
"""More of a result than this is not stored; its size and hash still tell of the whole."""


class Receipt(BaseModel):
    """As docs/architecture.md defines it for `POST /internal/receipts/`. Everything in it was redacted before."""

    model_config = ConfigDict(frozen=True)

    id: str
    team: int
    run: str | None
    attempt: int | None
    caller: str
    upstream: str
    tool: str
    arguments: dict[str, Any]
    status: ToolResultStatus
    result: str
    result_hash: str
    result_bytes: int
    redactions: int
    is_cached: bool
    duration_ms: int
    trace_id: str
    called_at: datetime


def digest_of(result: str) -> tuple[str, int]:
    """SHA-256 (hex) and size in bytes of a whole, redacted result."""
    data = result.encode(errors="replace")
    return hashlib.sha256(data).hexdigest(), len(data)


class ReceiptStore(Protocol):
    async def store_receipts(self, lines: list[bytes]) -> dict[str, str]: ...


class ReceiptRecorder:
    """Takes receipts at once and sends them in batches, in order; while the server is down they wait in the spool."""

    def __init__(self, spool: Spool, store: ReceiptStore, *, max_retry_seconds: float = MAX_RETRY_SECONDS) -> None:
        self._spool = spool
        self._store = store
        self._max_retry_seconds = max_retry_seconds
        self._news = asyncio.Event()
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def waiting_segments(self) -> int:
        """How many batches the server does not have yet."""
        return len(self._spool.segments())

    async def start(self) -> None:
        """Send what an earlier process left, then what comes. Raises `OSError` if the spool cannot be used."""
        self._spool.open()
        self._news.set()
        self._task = asyncio.create_task(self._run(), name="receipts")

    async def stop(self) -> None:
        """Try to send what is left, once; what the server does not take stays in the spool."""
        self._stopping.set()
        self._news.set()
        if self._task is not None:
            await self._task
        self._spool.close()

    def record(self, receipt: Receipt) -> None:
        """Write the receipt down; it is sent within a moment."""
        self._spool.append(receipt.model_dump_json().encode(errors="replace"))
        self._news.set()

    async def _run(self) -> None:
        delay = BATCH_SECONDS
        while True:
            await self._news.wait()
            if not self._stopping.is_set():
                await self._pause(BATCH_SECONDS)
            self._news.clear()
            try:
                cut = self._spool.cut()
                if cut is not None:
                    await to_thread.run_sync(self._spool.seal, cut)
                for segment in self._spool.segments():
                    await self._send(self._spool.read(segment))
                    self._spool.remove(segment)
                delay = BATCH_SECONDS
            except (GatewayUnavailable, OSError) as error:
                logger.warning("Receipts wait in the spool: %s", error)
                if not self._stopping.is_set():
                    await self._pause(delay := min(delay * 2, self._max_retry_seconds))
                self._news.set()
            if self._stopping.is_set():
                return

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    async def _send(self, lines: list[bytes]) -> None:
        for batch in batches(lines):
            try:
                refused = await self._store.store_receipts(batch)
            except InputError as error:
                if len(batch) > 1:
                    # One bad receipt must not keep the others back.
                    for line in batch:
                        await self._send([line])
                    continue
                refused = {_id_of(batch[0]): str(error)}
            for line in batch:
                if _id_of(line) in refused:
                    logger.error("receipt %s was refused and is set aside: %s", _id_of(line), refused[_id_of(line)])
                    self._spool.set_aside(line)


def _id_of(line: bytes) -> str:
    try:
        return str(json.loads(line)["id"])
    except (ValueError, KeyError, TypeError):
        return ""


def batches(lines: list[bytes]) -> list[list[bytes]]:
    """The lines in order, in groups of bounded number and size; a line that is too big goes alone."""
    groups: list[list[bytes]] = []
    size = 0
    for line in lines:
        if not groups or len(groups[-1]) >= BATCH_RECEIPTS or size + len(line) > BATCH_BYTES:
            groups.append([])
            size = 0
        groups[-1].append(line)
        size += len(line)
    return groups
