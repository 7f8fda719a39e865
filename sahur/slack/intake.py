"""What keeps Slack's three seconds in a burst: ASGI middleware before Django, for the address of Slack's events alone.

Taking a report is some forty statements, and Django's way to a view costs as much as keeping ten events. So only `AT_ONCE`
requests are handed on at a time; of further ones the events are kept as they are, all that wait by one statement, and
answered. A kept event is an effect (`slack.event`), which goes through Bolt like one that is taken at once; its listeners are
idempotent by the event's id, whatever comes twice. Commands, buttons and forms are never kept: their answer says what became
of them.

What mentions us comes twice, as a message and as a mention, and only the mention counts: the message is answered here.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from channels.db import database_sync_to_async
from django.conf import settings
from slack_sdk.signature import SignatureVerifier

from sahur.issues.services import slack_inbox
from sahur.slack.listeners.messages import is_copy_of_mention
from sahur_core.tools.storable import storable

log = logging.getLogger(__name__)

PATH = "/slack/events"
AT_ONCE = 4
"""Requests that one process hands on at the same time: enough for every day, and not yet a queue."""

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]
Body = dict[str, Any]


class Intake:
    """Stands before the HTTP application. `taking` is how many requests of Slack are handed on right now."""

    def __init__(self, application: Application) -> None:
        self.taking = 0
        self._application = application
        self._waiting: list[tuple[Body, asyncio.Future[bool]]] = []
        self._keeper: asyncio.Task[None] | None = None

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["path"] != PATH or scope["method"] != "POST" or not settings.SLACK_SIGNING_SECRET:
            await self._application(scope, receive, send)
            return
        raw = await _read(receive)
        if raw is None:
            return
        event = _event(scope, raw)
        if event is not None and is_copy_of_mention(event):
            await _answer(send, 200)
        elif event is not None and self.taking >= AT_ONCE:
            await _answer(send, 200 if await self._kept(event) else 500)
        else:
            await self._hand_on(scope, raw, send)

    async def _hand_on(self, scope: dict[str, Any], raw: bytes, send: Send) -> None:
        messages = iter([{"type": "http.request", "body": raw, "more_body": False}])

        async def replayed() -> Message:
            # Whether Slack hangs up meanwhile changes nothing: what was said is taken all the same.
            return next(messages, None) or await asyncio.get_running_loop().create_future()

        self.taking += 1
        try:
            await self._application(scope, replayed, send)
        finally:
            self.taking -= 1

    async def _kept(self, event: Body) -> bool:
        """Whether it is stored; all that waits is stored by the same statement."""
        stored: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((event, stored))
        if self._keeper is None:
            self._keeper = asyncio.create_task(self._keep_waiting())
        return await stored

    async def _keep_waiting(self) -> None:
        try:
            while self._waiting:
                waiting, self._waiting = self._waiting, []
                is_stored = await _keep([event for event, _ in waiting])
                for _, stored in waiting:
                    if not stored.done():
                        stored.set_result(is_stored)
        finally:
            self._keeper = None


async def _keep(events: list[Body]) -> bool:
    try:
        await database_sync_to_async(slack_inbox.keep, thread_sensitive=False)(events)
    except Exception:
        # The door's boundary: whoever waits here is answered, and Slack delivers the events again.
        log.exception("%d events of Slack could not be kept", len(events))
        return False
    return True


def _event(scope: Mapping[str, Any], raw: bytes) -> Body | None:
    """The event of a request that Slack has signed; None for anything else."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    if not headers.get("content-type", "").startswith("application/json"):
        return None
    try:
        if not SignatureVerifier(settings.SLACK_SIGNING_SECRET).is_valid_request(raw, headers):
            return None
        body = storable(json.loads(raw))
    except (ValueError, TypeError, ArithmeticError, RecursionError):
        # A time that is no number, or none that can be reckoned with, a body that is not UTF-8 or no JSON: the view answers it.
        return None
    is_event = isinstance(body, dict) and body.get("type") == "event_callback" and isinstance(body.get("event"), dict)
    return body if is_event and isinstance(body.get("event_id"), str) and body["event_id"] else None


async def _read(receive: Receive) -> bytes | None:
    """The whole body, whose size was bounded before; None if the sender has gone."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


async def _answer(send: Send, status: int) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
