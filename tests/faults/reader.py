"""A reader as a browser is one: it follows a run over its socket, loses the connection, and comes back with its cursor."""

from __future__ import annotations

import json
import random
import socket
import threading
import time
from contextlib import suppress
from typing import Any

import httpx2
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from sahur_core.events import TERMINAL_KINDS
from tests.waiting import PROCESSES_SECONDS

REFUSALS = {4400, 4401, 4403, 4404}
"""Close codes that tell a client not to come back: wrong for one who may read."""


class Reader:
    """Follows one run from its first event, in a thread of its own, until it is closed.

    The connection is dropped every `mean_seconds` on average, half of the times without a word; web may die meanwhile.
    The seed makes the moments repeatable.
    """

    def __init__(self, client: httpx2.Client, run: str, *, seed: int = 0, mean_seconds: float = 1.0) -> None:
        self.run = run
        self.events: list[dict[str, Any]] = []
        self.refusals: list[str] = []
        self.connections = 0
        self._url = f"{str(client.base_url).rstrip('/')}"
        self._cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        self._random = random.Random(f"{run}:{seed}")
        self._mean_seconds = mean_seconds
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._follow, name=f"reader-{run}", daemon=True)
        self._thread.start()

    @property
    def cursor(self) -> int:
        """The number of the last event seen, 0 before the first."""
        return int(self.events[-1]["seq"]) if self.events else 0

    @property
    def has_seen_end(self) -> bool:
        return any(event["payload"]["kind"] in TERMINAL_KINDS for event in list(self.events))

    def wait_for(self, seq: int, seconds: float = PROCESSES_SECONDS) -> bool:
        """Whether it has seen everything up to that number in time. It keeps its connection from now on: on a machine with too
        much to do, one that is given up within the second may never bring anything."""
        self._mean_seconds = 600.0
        deadline = time.monotonic() + seconds
        while self.cursor < seq and time.monotonic() < deadline:
            time.sleep(0.05)
        return self.cursor >= seq

    def close(self) -> None:
        self._closing.set()
        self._thread.join(15)

    def faults(self, last: int) -> list[str]:
        """What is wrong with what it saw of a run that has events up to `last`: each number once, in order, none missing."""
        found = list(self.refusals)
        before = 0
        for event in self.events:
            if event["first_seq"] != before + 1 or event["seq"] < event["first_seq"]:
                found.append(f"after {before} came {event['first_seq']}..{event['seq']}")
            before = event["seq"]
        if before != last:
            found.append(f"saw events up to {before} of {last}")
        return found

    def _follow(self) -> None:
        while not self._closing.is_set():
            try:
                with self._connect() as connection:
                    self.connections += 1
                    self._read(connection)
            except (OSError, WebSocketException):
                self._closing.wait(0.1)  # web is away; so does a browser, only that it waits longer

    def _connect(self) -> ClientConnection:
        return connect(
            f"{self._url.replace('http', 'ws', 1)}/ws/runs/{self.run}/?after={self.cursor}",
            origin=Origin(self._url),
            additional_headers={"Cookie": self._cookies},
            subprotocols=[Subprotocol("sahur.v1")],
            open_timeout=10,
            close_timeout=0.5,
        )

    def _read(self, connection: ClientConnection) -> None:
        until = time.monotonic() + self._random.expovariate(1 / self._mean_seconds)
        while time.monotonic() < until and not self._closing.is_set():
            try:
                frame = json.loads(connection.recv(timeout=min(0.2, max(0.01, until - time.monotonic()))))
            except TimeoutError:
                continue
            except ConnectionClosed as closed:
                if closed.rcvd is not None and closed.rcvd.code in REFUSALS:
                    self.refusals.append(f"refused with {closed.rcvd.code}: {closed.rcvd.reason}")
                self._closing.wait(0.1)
                return
            self.events += frame.get("events", [])
        if self._random.random() < 0.5:
            with suppress(OSError):
                connection.socket.shutdown(socket.SHUT_RDWR)
