"""Slack's side of Socket Mode: https://docs.slack.dev/apis/events-api/using-socket-mode.

A connection is opened with a ticket from `apps.connections.open`, which is good once. What is not acknowledged in three
seconds, or whose connection breaks, is sent again, to any connection that is open then.
"""

from __future__ import annotations

import json
import random
import threading
import time
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

from tests.fakes.slack.deliveries import ANSWER_SECONDS, RETRY_PAUSES, Answer, Delivery
from tests.fakes.slack.state import BOT

if TYPE_CHECKING:
    from tests.fakes.slack.state import Slack

CONNECTION_SECONDS = 3_600


class SocketMode:
    """Serves from the first ticket on. `connections` are those that are open now."""

    def __init__(self, slack: Slack) -> None:
        self._slack = slack
        self._lock = threading.Lock()
        self._server: Server | None = None
        self._tickets: set[str] = set()
        self._waiting: dict[str, threading.Event] = {}
        self._acknowledged: dict[str, Any] = {}
        self.connections: list[ServerConnection] = []
        self.opened = 0
        """How many connections there have been."""

    def ticket(self) -> str:
        """An address that lets one connection in."""
        with self._lock:
            if self._server is None:
                self._server = serve(self._talk, "127.0.0.1", 0)
                threading.Thread(target=self._server.serve_forever, daemon=True).start()
            ticket = uuid.uuid4().hex
            self._tickets.add(ticket)
            port = self._server.socket.getsockname()[1]
        return f"ws://127.0.0.1:{port}/link/?ticket={ticket}&app_id={BOT['app_id']}"

    def send(self, delivery: Delivery) -> None:
        """Deliver it over a connection, again and again by Slack's rule."""
        threading.Thread(target=self._deliver, args=(delivery,), daemon=True).start()

    def ask_to_reconnect(self, reason: str = "refresh_requested") -> None:
        """Tell all connections that they end, `warning` ten seconds before or `refresh_requested` at once, and end them."""
        for each in list(self.connections):
            frame = {"type": "disconnect", "reason": reason, "debug_info": {"host": "fake"}}
            _try_to_send(each, json.dumps(frame))
            if reason != "warning":
                each.close()

    def cut(self) -> None:
        """Break all connections without a word."""
        for each in list(self.connections):
            each.socket.close()

    def close(self) -> None:
        if self._server is not None:
            self._server.shutdown()

    def _talk(self, connection: ServerConnection) -> None:
        path = connection.request.path if connection.request else ""
        ticket = (parse_qs(urlsplit(path).query).get("ticket") or [""])[0]
        with self._lock:
            if ticket not in self._tickets:
                connection.close(4000, "the ticket was used")
                return
            self._tickets.remove(ticket)
            self.opened += 1
            self.connections.append(connection)
        hello = {
            "type": "hello",
            "num_connections": len(self.connections),
            "connection_info": {"app_id": BOT["app_id"]},
            "debug_info": {"host": "fake", "approximate_connection_time": CONNECTION_SECONDS},
        }
        connection.send(json.dumps(hello))
        try:
            for frame in connection:
                self._take(json.loads(frame))
        except (ConnectionClosed, OSError):
            return
        finally:
            self.connections.remove(connection)

    def _take(self, frame: dict[str, Any]) -> None:
        """An acknowledgment, with what it answers."""
        found = self._waiting.get(frame.get("envelope_id", ""))
        if found is not None:
            self._acknowledged[frame["envelope_id"]] = frame.get("payload")
            found.set()

    def _deliver(self, delivery: Delivery) -> None:
        pauses = (0.0, *RETRY_PAUSES) if delivery.kind == "events_api" else (0.0,)
        try:
            for number, pause in enumerate(pauses):
                time.sleep(pause * self._slack.deliveries.hurry)
                delivery.tries.append(self._try(delivery, number))
                if delivery.is_acknowledged:
                    return
        finally:
            delivery.done.set()

    def _try(self, delivery: Delivery, number: int) -> Answer:
        started, reason = time.monotonic(), delivery.tries[-1].reason if number else ""
        if not self.connections:
            return Answer(0, reason="connection_failed")
        envelope_id, answered = uuid.uuid4().hex, threading.Event()
        self._waiting[envelope_id] = answered
        frame = {
            "envelope_id": envelope_id,
            "type": delivery.kind,
            "payload": delivery.payload,
            "accepts_response_payload": delivery.kind != "events_api",
            **({"retry_attempt": number, "retry_reason": reason} if delivery.kind == "events_api" else {}),
        }
        _try_to_send(random.choice(list(self.connections)), json.dumps(frame))
        is_in_time = answered.wait(ANSWER_SECONDS)
        del self._waiting[envelope_id]
        seconds = time.monotonic() - started
        if not is_in_time:
            return Answer(0, seconds=seconds, reason="timeout")
        payload = self._acknowledged.pop(envelope_id, None)
        return Answer(200, json.dumps(payload) if payload else "", seconds=seconds)


def _try_to_send(connection: ServerConnection, frame: str) -> None:
    """A connection that breaks now acknowledges nothing, and the frame is sent again."""
    try:
        connection.send(frame)
    except (ConnectionClosed, OSError):
        return
