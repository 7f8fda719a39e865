"""SAHUR as people meet it: a POST starts the run, a socket of the run is opened at once and reads to the last event."""

from __future__ import annotations

import http.client
import json
import time
import uuid
from typing import Any
from urllib.parse import urlsplit

import httpx2
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from sahur_core.events import TERMINAL_KINDS
from tests.benchmarks.engine.graph import EVENTS
from tests.benchmarks.engine.measuring import Times
from tests.e2e.follow import file_issue
from tests.e2e.system import System

APP = "tests.benchmarks.engine.worker"
IDLE_SECONDS = 3.0
"""The web server closes a connection that was idle for five seconds."""


class EndToEnd:
    """The client's own work is in the figures: it shares the machine."""

    name = "SAHUR end to end, on a socket"

    def __init__(self, system: System, client: httpx2.Client, clients: int) -> None:
        """`client` is signed in. Each of the so many clients gets an issue and an HTTP connection of its own."""
        self._socket_url = system.url.replace("http", "ws", 1)
        self._origin = system.url
        self._cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        self._headers = {
            "Cookie": self._cookies,
            "X-CSRFToken": client.headers["X-CSRFToken"],
            "Origin": system.url,
            "Content-Type": "application/json",
        }
        self._issues = [file_issue(client, "Benchmark", f"Nothing is wrong with {number}")["key"] for number in range(clients)]
        address = urlsplit(system.url)
        self._http = [http.client.HTTPConnection(str(address.hostname), address.port, timeout=60) for _ in range(clients)]
        self._used_at = [0.0] * clients

    def run_once(self, client: int) -> Times:
        started = time.perf_counter()
        run = self._start(client)
        marks = {"posted": time.perf_counter() - started}
        options: dict[str, Any] = {"origin": Origin(self._origin), "additional_headers": {"Cookie": self._cookies}}
        address = f"{self._socket_url}/ws/runs/{run}/?after=0"
        with connect(address, subprotocols=[Subprotocol("sahur.v1")], compression=None, **options) as socket:
            marks["connected"] = time.perf_counter() - started
            return _follow(socket, started, marks)

    def _start(self, client: int) -> str:
        connection = self._http[client]
        if time.monotonic() - self._used_at[client] > IDLE_SECONDS:
            connection.close()
        self._used_at[client] = time.monotonic()
        body = json.dumps({"client_id": uuid.uuid4().hex})
        connection.request("POST", f"/api/issues/{self._issues[client]}/runs/", body, self._headers)
        with connection.getresponse() as response:
            answer = response.read()
        assert response.status == 201, answer
        return str(json.loads(answer)["id"])

    def close(self) -> None:
        for connection in self._http:
            connection.close()


def _follow(socket: ClientConnection, started: float, marks: dict[str, float]) -> Times:
    """Read to the end; every number once and in order, every event of the graph there."""
    first, last, notices = 0.0, 0, 0
    while True:
        frame = json.loads(socket.recv(timeout=60))
        now = time.perf_counter() - started
        for event in frame.get("events", []):
            assert event["first_seq"] == last + 1, f"{event['first_seq']} after {last}"
            last = event["seq"]
            first = first or now
            kind = event["payload"]["kind"]
            notices += kind == "notice.raised"
            if kind == "stage.started":
                marks.setdefault("claimed", now)
            if kind == "notice.raised":
                marks.setdefault("first_of_graph", now)
            if kind in TERMINAL_KINDS:
                assert kind == "run.succeeded", event
                assert notices == sum(EVENTS.values()), f"{notices} events"
                return Times(first, now, marks)
