"""Many WebSocket clients in one event loop, well-behaved and not, and the process that writes what they read."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import random
import socket
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Origin, Subprotocol

from tests.e2e.system import ROOT, System

LAST = {"run.succeeded", "run.failed", "run.canceled"}


class Writing:
    """The writer process (`tests.faults.event_writer`)."""

    def __init__(self, process: asyncio.subprocess.Process, told: dict[str, Any]) -> None:
        self._process = process
        self.runs: list[str] = told["runs"]
        self.cookies: list[str] = told["cookies"]

    async def ask(self, do: str, **arguments: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, **arguments}).encode() + b"\n")
        return await self._answer(self._process)

    @staticmethod
    async def _answer(process: asyncio.subprocess.Process) -> dict[str, Any]:
        assert process.stdout is not None
        line = await process.stdout.readline()
        assert line, "the writer has died"
        answer: dict[str, Any] = json.loads(line)
        return answer


@asynccontextmanager
async def writing(system: System, *, runs: int, users: int) -> AsyncIterator[Writing]:
    with (system.folder / "writer.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.faults.event_writer", json.dumps({"runs": runs, "users": users}),
            cwd=ROOT, env=system.env, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=log, limit=2**20,
        )  # fmt: skip
    try:
        yield Writing(process, await Writing._answer(process))
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@dataclass(eq=False)
class Reader:
    """Follows a run to its last event and notes what was wrong with the order. Whatever closes the socket, it comes back."""

    urls: Sequence[str]
    """Web servers; each connection takes one of them by chance."""
    run: str
    cookie: str
    restless: bool = False
    """Leaves after some frames, politely or not, and comes back with its cursor."""
    pause: float = 0.0
    """Seconds between two frames: above zero it also takes little from the network at once."""
    cursor: int = 0
    wrong: list[str] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    """Seconds from the writing of each live event (its `at`) to the frame that brought it."""
    frames: int = 0
    connections: int = 0
    codes: Counter[int] = field(default_factory=Counter)
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the first replay is done."""
    ended_at: float = 0.0
    is_ended: bool = False

    async def follow(self) -> None:
        while not self.is_ended:
            try:
                async with connection(random.choice(self.urls), self.run, self.cookie, self.cursor, self.pause > 0) as opened:
                    self.connections += 1
                    await self._read(opened)
            except ConnectionClosed as closed:
                self.codes[closed.rcvd.code if closed.rcvd else 1006] += 1
            except (OSError, InvalidHandshake, TimeoutError):
                self.codes[0] += 1
            if not self.is_ended:
                await asyncio.sleep(random.uniform(0.05, 0.3))

    async def _read(self, opened: ClientConnection) -> None:
        left = random.randint(1, 40) if self.restless else -1
        is_live = False
        while not self.is_ended and left != 0:
            text = await opened.recv()
            now = time.time()
            self.frames += 1
            frame = json.loads(text)
            if frame["type"] == "replay.done":
                is_live = True
                self.opened.set()
            for event in frame.get("events", ()):
                self._take(event, now if is_live else 0.0)
            left -= 1
            if self.pause:
                await asyncio.sleep(self.pause)
        if not self.is_ended and random.random() < 0.5:
            opened.transport.abort()

    def _take(self, event: dict[str, Any], now: float) -> None:
        if event["first_seq"] != self.cursor + 1 or event["seq"] < event["first_seq"]:
            self.wrong.append(f"{event['first_seq']}-{event['seq']} came after {self.cursor}")
        self.cursor = event["seq"]
        if now:
            self.late.append(now - datetime.fromisoformat(event["at"]).timestamp())
        if event["payload"]["kind"] in LAST:
            self.is_ended = True
            self.ended_at = time.monotonic()


def connection(url: str, run: str, cookie: str, after: int, is_slow: bool = False) -> connect:
    """As a browser opens it: with its cookie, its origin and compression; without pings of its own."""
    options: dict[str, Any] = {"max_queue": 1, "sock": _narrow(url, 32_768)} if is_slow else {}
    return connect(
        f"{url.replace('http', 'ws', 1)}/ws/runs/{run}/?after={after}",
        origin=Origin(url), additional_headers={"Cookie": cookie}, subprotocols=[Subprotocol("sahur.v1")],
        ping_interval=None, close_timeout=2, max_size=None, proxy=None, open_timeout=30, **options,
    )  # fmt: skip


def _narrow(url: str, size: int) -> socket.socket:
    """A connection that takes little before somebody reads."""
    address = urlsplit(url)
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)
    narrow.connect((address.hostname, address.port))
    return narrow


def stalled(url: str, run: str, cookie: str, after: int = 0, origin: str = "") -> socket.socket:
    """A client that opens a socket of the run and never reads a byte of it."""
    opened = _narrow(url, 4_096)
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [
        f"GET /ws/runs/{run}/?after={after} HTTP/1.1",
        f"Host: {urlsplit(url).netloc}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Protocol: sahur.v1",
        f"Origin: {origin or url}",
        f"Cookie: {cookie}",
    ]
    opened.sendall("\r\n".join([*lines, "", ""]).encode())
    return opened
