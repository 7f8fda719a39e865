"""Reads the configuration again when its file changes, or when somebody asks for it (SIGHUP)."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import signal
import threading
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from watchfiles import awatch

from sahur_core.errors import InputError
from sahur_mcp.config import Config

logger = logging.getLogger(__name__)

POLL_SECONDS = 5.0
"""How often the file is looked at where the system does not tell of changes (network mounts)."""


class ConfigWatch:
    """Keeps the running gateway as its file says. A file that cannot be used changes nothing and is named in the health."""

    def __init__(
        self,
        file: Path | None,
        load: Callable[[], Config],
        apply: Callable[[Config], Awaitable[None]],
        *,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        self._file = file
        self._load = load
        self._apply = apply
        self._poll_seconds = poll_seconds
        self._loaded_at = datetime.now(UTC)
        self._problem = ""
        self._seen = self._digest()
        self._stopping = asyncio.Event()
        self._reloading = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._hears_signals = False

    def health(self) -> dict[str, str]:
        """When the configuration that holds now was read, and what is wrong with the file since; empty if nothing is."""
        return {"loaded_at": self._loaded_at.isoformat(timespec="milliseconds"), "problem": self._problem}

    async def start(self) -> None:
        # Signals reach the main thread only; elsewhere (in tests) the gateway hears none.
        self._hears_signals = threading.current_thread() is threading.main_thread()
        if self._hears_signals:
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._reload_soon)
        if self._file is not None:
            self._run(self._watch(self._file))

    async def stop(self) -> None:
        if self._hears_signals:
            asyncio.get_running_loop().remove_signal_handler(signal.SIGHUP)
        self._stopping.set()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def reload(self) -> None:
        """Read the file and make it hold. What is wrong with it is logged and kept for `health`."""
        async with self._reloading:
            self._seen = self._digest()
            try:
                config = self._load()
            except InputError as error:
                self._problem = str(error)
                logger.error("the configuration stays as it was: %s", error)
                return
            try:
                await self._apply(config)
            except Exception:  # the boundary of the task: the watch goes on, whatever one reload met
                self._problem = "The new configuration could not be put into effect; the gateway's log says why."
                logger.exception("a reload failed")
                return
            self._loaded_at, self._problem = datetime.now(UTC), ""

    def _reload_soon(self) -> None:
        self._run(self.reload())

    def _run(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _watch(self, file: Path) -> None:
        """Look at the file whenever something in its folder changes, and now and then all the same."""
        while not self._stopping.is_set():
            try:
                # The folder, because editors and Kubernetes put a new file in the place of the old one.
                async for _ in awatch(
                    file.parent,
                    watch_filter=None,
                    recursive=False,
                    stop_event=self._stopping,
                    rust_timeout=round(self._poll_seconds * 1000),
                    yield_on_timeout=True,
                ):
                    await self._look()
            except (OSError, RuntimeError) as error:
                logger.warning("%s cannot be watched (%s); it is looked at every %g s", file.parent, error, self._poll_seconds)
                await self._look_now_and_then()

    async def _look_now_and_then(self) -> None:
        while not self._stopping.is_set():
            await self._look()
            try:
                async with asyncio.timeout(self._poll_seconds):
                    await self._stopping.wait()
            except TimeoutError:
                continue

    async def _look(self) -> None:
        if self._digest() != self._seen:
            await self.reload()

    def _digest(self) -> str:
        """Of the content; empty if there is none to read."""
        try:
            if self._file is None or not self._file.is_file():
                return ""
            return hashlib.sha256(self._file.read_bytes()).hexdigest()
        except OSError:
            return ""
