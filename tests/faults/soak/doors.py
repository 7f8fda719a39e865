"""REST, Slack and sockets as patient clients use them: what got no answer is sent again, under the same id."""

from __future__ import annotations

import json
import random
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx2
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from tests.e2e.system import SignedInClient
from tests.fakes.slack import BOT, envelope, signed
from tests.faults.soak.record import Record

CHANNEL = "C0GENERAL"
PATIENCE_SECONDS = 150
TWICE = 0.2
"""How often an acknowledged request is sent once more, as a client whose acknowledgment was lost does."""
PASSING = {"database_unavailable", "too_many_requests", "unexpected"}


class GaveUp(Exception):
    """No answer for minutes although everything was started again."""


class Refused(Exception):
    """A final answer that is not yes: status or code, and what was said."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code


@dataclass
class Doors:
    """One person's way in. Not to be shared by threads."""

    client: SignedInClient
    rng: random.Random
    record: Record
    slack: httpx2.Client = field(default_factory=lambda: httpx2.Client(timeout=15, verify=False))
    """What Slack sends with: nobody's session."""

    # --- REST ---

    def post(self, path: str, body: dict[str, Any], **headers: str) -> dict[str, Any]:
        """Until it is answered, and now and then once more. Raises `Refused` and `GaveUp`."""

        def send() -> dict[str, Any]:
            return self._rest(lambda: self.client.post(path, json=body, headers=headers))

        first = send()
        if self.rng.random() < TWICE:
            again = send()
            if (first.get("id"), first.get("key")) != (again.get("id"), again.get("key")):
                self.record.violation(f"the same request to {path} gave {first.get('id')} and then {again.get('id')}")
        return first

    def get(self, path: str) -> dict[str, Any]:
        return self._rest(lambda: self.client.get(path))

    def _rest(self, request: Callable[[], httpx2.Response]) -> dict[str, Any]:
        give_up = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < give_up:
            try:
                answer = request()
            except httpx2.HTTPError as error:
                self.record.count("doors", f"REST {type(error).__name__}")
            else:
                if answer.status_code < 400:
                    found: dict[str, Any] = answer.json()
                    return found
                if answer.status_code < 500 and answer.status_code != 429:
                    raise Refused(str(answer.status_code), answer.text[:300])
                self.record.count("doors", f"REST {answer.status_code}")
            time.sleep(self.rng.uniform(0.2, 1.0))
        raise GaveUp(f"REST gave no answer for {PATIENCE_SECONDS} s")

    # --- sockets ---

    def command(self, path: str, command: str, **fields: Any) -> dict[str, Any]:
        """A command over a new socket, until it is acknowledged. Raises `Refused` and `GaveUp`."""
        frame = json.dumps({"client_id": uuid.uuid4().hex, "command": command, **fields})
        give_up = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < give_up:
            try:
                told = self._ask(path, frame)
            except (OSError, WebSocketException, TimeoutError) as error:
                self.record.count("doors", f"socket {type(error).__name__}")
            else:
                if told["type"] == "ack":
                    result: dict[str, Any] = told["result"]
                    return result
                if told["problem"]["code"] not in PASSING:
                    raise Refused(told["problem"]["code"], told["problem"]["detail"])
                self.record.count("doors", f"socket {told['problem']['code']}")
            time.sleep(self.rng.uniform(0.2, 1.0))
        raise GaveUp(f"the socket gave no answer for {PATIENCE_SECONDS} s")

    def _ask(self, path: str, frame: str) -> dict[str, Any]:
        origin = str(self.client.base_url).rstrip("/")
        cookies = "; ".join(f"{name}={value}" for name, value in self.client.cookies.items())
        client_id = json.loads(frame)["client_id"]
        with connect(
            f"{origin.replace('http', 'ws', 1)}{path}",
            origin=Origin(origin),
            additional_headers={"Cookie": cookies},
            subprotocols=[Subprotocol("sahur.v1")],
            open_timeout=10,
            close_timeout=1,
        ) as socket:
            socket.send(frame)
            while True:
                told: dict[str, Any] = json.loads(socket.recv(timeout=15))
                # An error without an id is about the socket itself, such as a database that is away.
                if told["type"] in ("ack", "error") and told.get("client_id") in (client_id, ""):
                    return told

    # --- Slack ---

    def deliver(self, event: dict[str, Any]) -> None:
        """As Slack delivers: again until it is acknowledged, and now and then once more. Raises `GaveUp`."""
        body = json.dumps(envelope(event))
        address = f"{str(self.client.base_url).rstrip('/')}/slack/events"
        times = 1 if self.rng.random() > 2 * TWICE else 3
        give_up = time.monotonic() + PATIENCE_SECONDS
        while times and time.monotonic() < give_up:
            headers = {**signed(body), "Content-Type": "application/json"}
            try:
                answer = self.slack.post(address, content=body, headers=headers)
            except httpx2.HTTPError as error:
                self.record.count("doors", f"Slack {type(error).__name__}")
            else:
                if answer.status_code == 200:
                    times -= 1
                    continue
                self.record.count("doors", f"Slack {answer.status_code}")
            time.sleep(self.rng.uniform(0.2, 1.0))
        if times:
            raise GaveUp(f"Slack got no answer for {PATIENCE_SECONDS} s")


def mention(text: str, ts: str, thread_ts: str = "") -> dict[str, Any]:
    """The event for words that name SAHUR."""
    event = {"type": "app_mention", "user": "U0RITA", "text": f"<@{BOT['user_id']}> {text}", "ts": ts, "channel": CHANNEL}
    return {**event, "thread_ts": thread_ts} if thread_ts else event


def reply(text: str, ts: str, thread_ts: str) -> dict[str, Any]:
    """The event for words in a thread."""
    event = {"type": "message", "channel_type": "channel", "user": "U0RITA", "text": text, "channel": CHANNEL}
    return {**event, "ts": ts, "thread_ts": thread_ts}


def cross(ts: str) -> dict[str, Any]:
    """The event for :x: on a message."""
    item = {"type": "message", "channel": CHANNEL, "ts": ts}
    return {"type": "reaction_added", "user": "U0RITA", "reaction": "x", "item": item, "event_ts": f"{time.time():.6f}"}
