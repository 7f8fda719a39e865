"""The record of every tool call, and how it gets to the server."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import logging
from collections.abc import Callable
from typing import Any, Protocol

from anyio import to_thread

from sahur_core.errors import GatewayUnavailable, InputError
from sahur_core.tools.receipts import Receipt
from sahur_core.tools.storable import check_storable, storable
from sahur_mcp.proxy.records.spool import Spool

logger = logging.getLogger(__name__)

BATCH_SECONDS = 0.1
BATCH_RECEIPTS = 50
BATCH_BYTES = 1_000_000
"""A receipt that is larger goes alone; the server takes up to 64 MiB at once (`sahur.api.parsers.RECEIPT_BYTES`)."""
MAX_RETRY_SECONDS = 30.0
PROBE_BYTES = 65_536
"""After a failure the disk must have room for so much before the next call is made."""
NOT_KEPT = "[The gateway could not write this result down: {reason}.]"


def digest_of(result: str) -> tuple[str, int]:
    """SHA-256 (hex) and size in bytes of a whole, redacted result."""
    data = result.encode(errors="replace")
    return hashlib.sha256(data).hexdigest(), len(data)


def recordable(arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments in a form that can be stored: nested too deeply, they would be lost with their whole receipt."""
    try:
        check_storable(arguments)
    except InputError as error:
        if "deep" in error.message:
            return {"not kept": error.message}
        mended: dict[str, Any] = storable(arguments)
        return mended
    return arguments


class ReceiptStore(Protocol):
    async def store_receipts(self, lines: list[bytes]) -> dict[str, str]: ...


class ReceiptRecorder:
    """Takes receipts at once and sends them in batches, in order; while the server is down they wait in the spool."""

    def __init__(
        self, spool: Spool, store: ReceiptStore, *, max_bytes: int, max_retry_seconds: float = MAX_RETRY_SECONDS
    ) -> None:
        """`max_bytes`: no call is made while more than this waits for the server."""
        self._spool = spool
        self._store = store
        self._max_bytes = max_bytes
        self._max_retry_seconds = max_retry_seconds
        self._news = asyncio.Event()
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._disk_problem = ""

    @property
    def waiting_segments(self) -> int:
        """How many batches the server does not have yet."""
        return len(self._spool.segments())

    async def start(self) -> None:
        """Send what an earlier process left, then what comes. Raises `OSError` if the spool cannot be used."""
        try:
            self._spool.open()
        except OSError as error:
            logger.error("The folder of receipts cannot be used, so nothing can be called (SAHUR_MCP_SPOOL_DIR): %s", error)
            raise
        self._news.set()
        self._task = asyncio.create_task(self._run(), name="receipts")

    async def stop(self) -> None:
        """Try to send what is left, once; what the server does not take stays in the spool."""
        self._stopping.set()
        self._news.set()
        if self._task is not None:
            await self._task
        self._spool.close()

    def problem(self) -> str:
        """Why no receipt could be kept now, in words; empty if one can. Without a receipt no call may be made."""
        if self._spool.size > self._max_bytes:
            return (
                f"{self._spool.size // 1_000_000} MB of receipts wait for the SAHUR server, more than the disk is meant to hold"
            )
        if self._disk_problem:
            self._attempt(lambda: self._spool.try_out(PROBE_BYTES))
        return self._disk_problem

    def health(self) -> dict[str, Any]:
        """For `/health/ready`."""
        return {
            "waiting_batches": self.waiting_segments,
            "waiting_bytes": self._spool.size,
            "limit_bytes": self._max_bytes,
            "problem": self.problem(),
        }

    def record(self, receipt: Receipt) -> str:
        """Write the receipt down; it is sent within a moment. Why it could not be kept whole, empty if it was."""
        if not self._append(_line(receipt)):
            problem = self._disk_problem
            # Where there is no room for the result there may be some for what the call was.
            self._append(_line(receipt.model_copy(update={"result": NOT_KEPT.format(reason=problem)})))
            return problem
        return ""

    def _append(self, line: bytes) -> bool:
        return self._attempt(lambda: self._spool.append(line))

    def _attempt(self, writing: Callable[[], None]) -> bool:
        try:
            writing()
        except OSError as error:
            self._disk_problem = f"the folder of receipts cannot be written ({error.strerror or type(error).__name__})"
            logger.error("No receipt can be kept: %s", error)
            return False
        self._disk_problem = ""
        self._news.set()
        return True

    async def _run(self) -> None:
        delay = BATCH_SECONDS
        while True:
            await self._news.wait()
            if not self._stopping.is_set():
                await self._pause(BATCH_SECONDS)
            self._news.clear()
            try:
                await self._send_all()
                delay = BATCH_SECONDS
            except (GatewayUnavailable, OSError) as error:
                logger.warning("Receipts wait in the spool: %s", error)
                delay = await self._wait(delay)
            except Exception:
                # Whatever it is: a task that ended here would keep all receipts back until the next start.
                logger.exception("Receipts wait in the spool.")
                delay = await self._wait(delay)
            if self._stopping.is_set():
                return

    async def _wait(self, delay: float) -> float:
        """Wait longer than the last time, and have it tried again."""
        longer = min(delay * 2, self._max_retry_seconds)
        if not self._stopping.is_set():
            await self._pause(longer)
        self._news.set()
        return longer

    async def _send_all(self) -> None:
        for cut in self._spool.cut():
            await to_thread.run_sync(self._spool.seal, cut)
            self._spool.sealed(cut)
        for segment in self._spool.segments():
            try:
                lines = await to_thread.run_sync(self._spool.read, segment)
            except FileNotFoundError:
                logger.error("Somebody removed the batch %s before the server had its receipts.", segment)
                lines = []
            await self._send(lines)
            self._spool.remove(segment)

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


def _line(receipt: Receipt) -> bytes:
    return receipt.model_dump_json().encode(errors="replace")


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
