"""All upstreams by name: our own, which stay, and those of the configuration, which come and go while calls run.

A changed entry gets a new upstream, which is started beside the old one and takes its name once it is connected (or has
failed). The old one finishes the requests it has, and is then stopped with its child process.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping

from sahur_mcp.config import BrokenUpstream, DisabledUpstream, Entry, UpstreamConfig
from sahur_mcp.proxy.upstreams.remote import RemoteUpstream
from sahur_mcp.proxy.upstreams.upstream import BrokenEntry, Upstream

logger = logging.getLogger(__name__)

TRY_SECONDS = 30.0
"""How long the old upstream keeps its name while the new one is being connected."""
LINGER_SECONDS = 2.0
"""A replaced upstream lives at least this long: a call may have found it and be waiting for its grant."""
LOOK_SECONDS = 0.05


class UpstreamsByName(Mapping[str, Upstream]):
    """Always the present upstreams. Whoever iterates over it sees one state from beginning to end."""

    def __init__(self, upstreams: Iterable[Upstream]) -> None:
        self._now = {upstream.name: upstream for upstream in upstreams}

    def __getitem__(self, name: str) -> Upstream:
        return self._now[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._now)

    def __len__(self) -> int:
        return len(self._now)

    def replace(self, upstreams: dict[str, Upstream]) -> None:
        self._now = upstreams


class Fleet:
    """Holds the upstreams. `make` makes the one of an entry that can be used; `on_change` is told of each exchange."""

    def __init__(
        self,
        own: Iterable[Upstream],
        entries: Mapping[str, Entry],
        make: Callable[[str, UpstreamConfig], Upstream],
        *,
        linger_seconds: float = LINGER_SECONDS,
    ) -> None:
        self._make = make
        self._own = {upstream.name: upstream for upstream in own}
        self._entries = self._placed(entries)
        configured = {name: self._upstream(name, entry) for name, entry in self._entries.items()}
        self.upstreams = UpstreamsByName((self._own | configured).values())
        self.on_change: Callable[[Iterable[str]], None] = _nothing
        """Called with the names of those that were exchanged, when the new ones are in place. Must not block."""
        self._linger_seconds = linger_seconds
        self._applying = asyncio.Lock()
        self._leaving: dict[Upstream, asyncio.Task[None]] = {}
        self._stopping = asyncio.Event()

    @property
    def secrets(self) -> list[str]:
        """The credentials of all upstreams, also of those that are finishing their last requests."""
        return [secret for upstream in (*self.upstreams.values(), *self._leaving) for secret in upstream.secrets]

    async def start(self) -> None:
        await asyncio.gather(*(upstream.start() for upstream in self.upstreams.values()))

    async def stop(self) -> None:
        """Stop all of them, those that are leaving at once."""
        self._stopping.set()
        async with self._applying:
            await asyncio.gather(*self._leaving.values(), *(upstream.stop() for upstream in self.upstreams.values()))

    async def apply(self, entries: Mapping[str, Entry]) -> None:
        """Make the configured upstreams those of `entries`. Unchanged ones keep their sessions; returns when all new ones
        have their names. One call at a time."""
        async with self._applying:
            if self._stopping.is_set():
                return
            entries = self._placed(entries)
            new = {name: entry for name, entry in entries.items() if self._entries.get(name) != entry}
            gone = self._entries.keys() - entries.keys()
            if not new and not gone:
                return
            logger.info(
                "upstreams: %s new or changed, %s removed, %d as before",
                ", ".join(new) or "none",
                ", ".join(sorted(gone)) or "none",
                len(entries) - len(new),
            )
            self._entries = dict(entries)
            self._exchange(dict.fromkeys(gone))
            await asyncio.gather(*(self._bring_in(name, entry) for name, entry in new.items()))

    async def _bring_in(self, name: str, entry: Entry) -> None:
        upstream, before = self._upstream(name, entry), self.upstreams.get(name)
        if isinstance(upstream, RemoteUpstream) and isinstance(before, RemoteUpstream):
            upstream.succeed(before)
        await upstream.start()
        tried = asyncio.create_task(upstream.wait_until_tried(TRY_SECONDS))
        stopping = asyncio.create_task(self._stopping.wait())
        await asyncio.wait({tried, stopping}, return_when=asyncio.FIRST_COMPLETED)
        for task in (tried, stopping):
            task.cancel()
        await asyncio.wait({tried, stopping})
        self._exchange({name: upstream})

    def _exchange(self, changes: dict[str, Upstream | None]) -> None:
        """Give names to new upstreams (None: to nobody) in one step, and see the old ones off."""
        if not changes:
            return
        before = dict(self.upstreams)
        now = {name: upstream for name, upstream in (before | changes).items() if upstream is not None}
        self.upstreams.replace(now)
        for name in changes:
            if name in before:
                self._leaving[before[name]] = asyncio.create_task(self._see_off(before[name]), name=f"end of upstream {name}")
        self.on_change(changes)

    async def _see_off(self, upstream: Upstream) -> None:
        """Let it finish what it has, for as long as its requests may take, then stop it."""
        loop = asyncio.get_running_loop()
        earliest = loop.time() + self._linger_seconds
        latest = earliest + upstream.rules.timeout_seconds
        try:
            while not self._stopping.is_set() and (loop.time() < earliest or (upstream.under_way and loop.time() < latest)):
                await asyncio.sleep(LOOK_SECONDS)
            if upstream.under_way:
                logger.warning("upstream %s is stopped with %d requests under way", upstream.name, upstream.under_way)
            await upstream.stop()
        finally:
            self._leaving.pop(upstream, None)

    def _placed(self, entries: Mapping[str, Entry]) -> dict[str, Entry]:
        """The entries; one that is called like a server of our own (and so cannot be used) takes the name from none."""
        return {f"{name} (entry)" if name in self._own else name: entry for name, entry in entries.items()}

    def _upstream(self, name: str, entry: Entry) -> Upstream:
        """For an entry that cannot be used too, so that its state is seen."""
        if isinstance(entry, BrokenUpstream):
            logger.error("upstream %s cannot be used: %s", name, entry.problem)
            return BrokenEntry(name, entry.problem)
        if isinstance(entry, DisabledUpstream):
            return BrokenEntry(name, "Switched off in the configuration.", state="disabled")
        return self._make(name, entry)


def _nothing(_names: Iterable[str]) -> None:
    """Nobody wants to know."""
