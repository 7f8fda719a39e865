"""How long people wait: POST to the first event on an open socket, report to first hypothesis, and report to solution."""

from __future__ import annotations

import json
import time
import uuid

from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from tests.e2e.follow import RunSocket, file_issue, is_kind
from tests.e2e.system import System
from tests.fakes.repositories import build


def measure(system: System, rounds: int) -> dict[str, list[float]]:
    """Milliseconds, one figure a round. The index is warm: the first report is not counted."""
    bug = build("booking", system.folder)
    to_hypothesis: list[float] = []
    to_solution: list[float] = []
    with system.client() as client:
        for _ in range(rounds + 1):
            started = time.monotonic()
            run = file_issue(client, bug.title, bug.body, str(bug.path))["run"]
            with RunSocket(system, client, run["id"]) as socket:
                socket.read_until(is_kind("hypothesis.stated"), 120)
                to_hypothesis.append((time.monotonic() - started) * 1000)
                socket.read_until(is_kind("run.succeeded", "run.failed"), 120)
            to_solution.append((time.monotonic() - started) * 1000)
        return {
            "post_to_first_event_ms": first_events(system, rounds),
            "report_to_first_hypothesis_ms": to_hypothesis[1:],
            "report_to_solution_ms": to_solution[1:],
        }


def first_events(system: System, rounds: int) -> list[float]:
    """From sending the POST that starts a run to the frame with its news, on a socket of the issue that was open before."""
    figures: list[float] = []
    with system.client() as client:
        issue = file_issue(client, "Benchmark", "Nothing is wrong here")["key"]
        cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        address = f"{system.url.replace('http', 'ws', 1)}/ws/issues/{issue}/"
        options = {"origin": Origin(system.url), "additional_headers": {"Cookie": cookies}}
        with connect(address, subprotocols=[Subprotocol("sahur.v1")], **options) as socket:  # type: ignore[arg-type]
            for _ in range(rounds):
                _drain(socket)
                started = time.monotonic()
                run = client.post(f"/api/issues/{issue}/runs/", json={"client_id": uuid.uuid4().hex}).json()
                while True:
                    frame = json.loads(socket.recv(timeout=30))
                    if frame["type"] == "issues.changed" and any(
                        row["run"] and row["run"]["id"] == run["id"] for row in frame["issues"]
                    ):
                        break
                figures.append((time.monotonic() - started) * 1000)
    return figures


def _drain(socket) -> None:  # type: ignore[no-untyped-def]
    """Wait until the last run has nothing more to say, so that rounds do not disturb each other."""
    while True:
        try:
            socket.recv(timeout=2.5)
        except TimeoutError:
            return
