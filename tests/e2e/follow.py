"""How the stories follow a run: over REST and over the run's socket, as clients do."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

import httpx2
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from tests.e2e.system import System
from tests.waiting import PROCESSES_SECONDS, wait_for

ENDED = {"succeeded", "failed", "canceled"}


def file_issue(client: httpx2.Client, title: str, body: str, repository: str = "", **headers: str) -> dict[str, Any]:
    """The issue as the API answers, with its first run under `run`."""
    key = headers.pop("idempotency_key", uuid.uuid4().hex)
    report = {"title": title, "body": body, "repository": repository}
    answer = client.post("/api/issues/", json=report, headers={"Idempotency-Key": key})
    assert answer.status_code in (200, 201), answer.text
    found: dict[str, Any] = answer.json()
    return found


def wait_until_ended(client: httpx2.Client, run_id: str, seconds: float = PROCESSES_SECONDS) -> dict[str, Any]:
    def ended() -> dict[str, Any] | None:
        run: dict[str, Any] = client.get(f"/api/runs/{run_id}/").json()
        return run if run["status"] in ENDED else None

    found: dict[str, Any] = wait_for(ended, seconds, f"run {run_id} to end")
    return found


def all_events(client: httpx2.Client, run_id: str) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    while True:
        after = events[-1]["seq"] if events else 0
        page = client.get(f"/api/runs/{run_id}/events/", params={"after": after, "limit": 100}).json()
        events += page["events"]
        if not page["events"]:
            return events


def kinds(events: list[dict[str, Any]]) -> list[str]:
    return [event["payload"]["kind"] for event in events]


class RunSocket:
    """A socket of a run that collects its events; open inside its `with`."""

    def __init__(self, system: System, client: httpx2.Client, run_id: str, after: int = 0) -> None:
        cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        self._connection = connect(
            f"{system.url.replace('http', 'ws', 1)}/ws/runs/{run_id}/?after={after}",
            origin=Origin(system.url),
            additional_headers={"Cookie": cookies},
            subprotocols=[Subprotocol("sahur.v1")],
        )
        self.events: list[dict[str, Any]] = []
        self.frames: list[dict[str, Any]] = []

    def __enter__(self) -> RunSocket:
        self._socket: ClientConnection = self._connection.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._connection.__exit__(*error)

    def command(self, command: str, **fields: Any) -> str:
        client_id = uuid.uuid4().hex
        self._socket.send(json.dumps({"client_id": client_id, "command": command, **fields}))
        return client_id

    def read_until(self, condition: Any, seconds: float = PROCESSES_SECONDS) -> dict[str, Any]:
        """Collect frames until one of them, or one of its events, meets the condition; that one."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            frame = json.loads(self._socket.recv(timeout=max(0.1, deadline - time.monotonic())))
            self.frames.append(frame)
            self.events += frame.get("events", [])
            for candidate in (frame, *frame.get("events", [])):
                if condition(candidate):
                    return candidate
        raise AssertionError(f"not seen within {seconds:.0f} s; kinds so far: {kinds(self.events)}")


def is_kind(*wanted: str) -> Any:
    return lambda item: item.get("payload", {}).get("kind") in wanted
