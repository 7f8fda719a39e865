"""What every socket does: let in, send without being held up, take commands, ping, and notice that it must close."""

from __future__ import annotations

import asyncio
import json
import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer

from sahur.accounts.actor import Actor
from sahur.issues.storage import STORAGE_FAILURES, storage_error
from sahur.websockets import commands, sign_in
from sahur.websockets.commands import Subject
from sahur.websockets.database import in_database
from sahur.websockets.seats import seats
from sahur.websockets.throttle import Throttle
from sahur_core.errors import InputError, NotFound, NotPermitted, NotSignedIn, SahurError, TooManyRequests
from sahur_core.trace import current_trace_id, parse_traceparent, trace

log = logging.getLogger(__name__)

SIGNED_OUT = 4401
NOT_ALLOWED = 4403
NOT_THERE = 4404
TOO_SLOW = 4408
TOO_MANY = 4429
BAD_REQUEST = 4400
TOO_BIG = 1009  # RFC 6455, section 7.4.1, as are the next two
NOT_TEXT = 1003
FAULT = 1011


Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]


class Connection(AsyncWebsocketConsumer, ABC):  # type: ignore[misc]
    """One socket. A subclass says in `open` what it shows, and in `relay` how."""

    # Sockets take no part in the channel layer: the poller of the process does, once, so they live without Redis/Valkey.
    channel_layer_alias = "none"
    send_seconds = 10.0
    close_seconds = 2.0
    """For the close frame. Whoever has read nothing for `send_seconds` hardly reads that one."""

    who: sign_in.SignIn
    throttle: Throttle
    subject = Subject()

    def __init__(self) -> None:
        super().__init__()
        self._tasks: set[asyncio.Task[None]] = set()
        self._has_sent = False
        self._is_open = False
        self._has_missed_review = False
        self._send_lock = asyncio.Lock()
        self._main: asyncio.Task[Any] | None = None
        self._is_closed = False
        self._is_dropped = False

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        self._main = asyncio.current_task()
        with trace(parse_traceparent(sign_in.header(scope, b"traceparent"))):
            try:
                await super().__call__(scope, receive, send)
            except asyncio.CancelledError:
                if not self._is_dropped:
                    raise
            finally:
                seats().leave(self)
                await self._end_tasks()
                if self._is_dropped:
                    cut(send)

    @abstractmethod
    async def open(self, actor: Actor) -> None:
        """Find what the address names, as this actor. Raises `NotFound`, `NotPermitted` and `InputError`."""

    @abstractmethod
    async def relay(self) -> None:
        """Send what happens, for ever."""

    @abstractmethod
    def recheck(self, actor: Actor) -> None:
        """Whether the actor, with the memberships of this moment, may still see it. Raises `NotFound`, `NotPermitted`."""

    # --- Coming in --------------------------------------------------------------------------------------------------

    async def connect(self) -> None:
        """A refused socket is accepted first: browsers show no close code of a refused handshake."""
        sign_in.check_origin(self.scope)
        await self.accept(sign_in.PROTOCOL if sign_in.PROTOCOL in self.scope["subprotocols"] else None)
        try:
            await self._let_in()
        except SahurError as error:
            await self.send_problem("", problem(error))
            await self._close_in_time(close_code(error), error.message)
        except STORAGE_FAILURES as error:
            log.warning("a socket found no database: %s", error)
            await self._close_in_time(FAULT, storage_error(error).message)
        else:
            self._start(self.relay())

    async def _let_in(self) -> None:
        who = await in_database(sign_in.sign_in, self.scope)
        if who is None:
            raise NotSignedIn("Nobody is signed in.", next_step="Sign in and open the page again.")
        if sign_in.is_for_somebody_else(self.scope, who.user):
            raise NotSignedIn("Somebody else is signed in in this browser.", next_step="Reload the page.")
        if who.session_key and who.user.must_change_password:
            raise NotPermitted("A one-time password lets nobody in here.", next_step="Replace it by one of your own first.")
        self.who = who
        seats().take(self)
        self.throttle = Throttle(who.user.pk)
        await self.open(await in_database(who.actor))
        self._is_open = True
        if self._has_missed_review:
            seats().look_again([who.user.pk])

    async def disconnect(self, code: int) -> None:  # noqa: ARG002 - the name of Channels
        await self._end_tasks()

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        """The boundary of a socket's tasks: however one ends, the socket closes, so that the client comes back."""
        try:
            await work
        except SahurError as error:
            await self._close_in_time(close_code(error), error.message)
        except TimeoutError:
            await self._close_in_time(TOO_SLOW, "The client reads too slowly.")
        except Exception:
            log.exception("a socket's task failed")
            await self._close_in_time(FAULT, "Something went wrong inside SAHUR.")

    async def _end_tasks(self) -> None:
        own = asyncio.current_task()
        tasks = [task for task in self._tasks if task is not own]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- Its seat ---------------------------------------------------------------------------------------------------

    def ping(self) -> None:
        """Nothing is sent where something was since the last turn, or is being sent right now."""
        if not self._has_sent and not self._send_lock.locked():
            self._start(self.send_frame(PING))
        self._has_sent = False

    def stay_as(self, actor: Actor | None) -> None:
        if not self._is_open:
            # What it will show is not known yet, and its own check may be older than this one.
            self._has_missed_review = True
            return
        try:
            if actor is None:
                raise NotSignedIn("Signed out.", next_step="Sign in again.")
            self.recheck(actor)
        except SahurError as error:
            self._start(self._close_in_time(close_code(error), error.message))

    # --- Going out --------------------------------------------------------------------------------------------------

    async def send_frame(self, frame: str | dict[str, Any]) -> None:
        """Send one text frame. Raises `TimeoutError` if the client does not take it in time: it comes back with its cursor."""
        text = frame if isinstance(frame, str) else json.dumps(frame, separators=(",", ":"))
        try:
            async with asyncio.timeout(self.send_seconds), self._send_lock:
                if not self._is_closed:
                    self._has_sent = True
                    await self.send(text_data=text)
        except TimeoutError:
            raise
        except OSError:
            # The client is gone; the event that says so is on its way to `disconnect`.
            self._is_closed = True

    async def send_problem(self, client_id: str, told: dict[str, Any]) -> None:
        await self.send_frame({"type": "error", "client_id": client_id, "problem": told})

    async def _close_in_time(self, code: int, reason: str) -> None:
        if self._is_closed:
            return
        self._is_closed = True
        try:
            async with asyncio.timeout(self.close_seconds):
                # A close reason has at most 123 bytes (RFC 6455, section 5.5).
                await self.close(code, reason.encode()[:120].decode(errors="ignore"))
        except (TimeoutError, OSError):
            # A stalled client does not take the close frame either: end without it, and cut the connection.
            log.info("a socket whose client does not read was dropped")
            self._is_dropped = True
            if self._main is not None:
                self._main.cancel()

    # --- Coming in: commands ----------------------------------------------------------------------------------------

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:  # noqa: ARG002 - as in Channels
        """A frame of the client: a command, answered by `ack` or `error`."""
        if text_data is None:
            await self._close_in_time(NOT_TEXT, "Frames are text.")
        elif len(text_data) > commands.MAX_FRAME_CHARS:
            await self._close_in_time(TOO_BIG, f"A frame has at most {commands.MAX_FRAME_CHARS} characters.")
        else:
            try:
                await self._take(text_data)
            except TimeoutError:
                await self._close_in_time(TOO_SLOW, "The client reads too slowly.")

    async def _take(self, text: str) -> None:
        client_id = ""
        try:
            frame = commands.decode(text)
            client_id = commands.client_id_of(frame)
            result = await in_database(self._perform, frame)
        except SahurError as error:
            await self.send_problem(client_id, problem(error))
        except STORAGE_FAILURES as error:
            log.warning("a command found no database: %s", error)
            await self.send_problem(client_id, problem(storage_error(error)))
        except Exception:
            log.exception("a command failed")
            await self.send_problem(client_id, unexpected())
        else:
            await self.send_frame({"type": "ack", "client_id": client_id, "result": result})

    def _perform(self, frame: dict[str, Any]) -> dict[str, Any]:
        """Each frame is checked anew: how many there were, and the actor's roles of this moment."""
        self.throttle.check()
        return commands.perform(self.who.actor(), frame, self.subject)


CLOSE_CODES: dict[type[SahurError], int] = {
    NotSignedIn: SIGNED_OUT,
    NotPermitted: NOT_ALLOWED,
    NotFound: NOT_THERE,
    TooManyRequests: TOO_MANY,
}
PING = '{"type":"ping"}'


def problem(error: SahurError) -> dict[str, Any]:
    """The members of a problem that an error frame carries; names and meaning as in REST."""
    told = {"code": error.code, "detail": error.message, "next_step": error.next_step}
    if isinstance(error, InputError) and error.field:
        told["field"] = error.field
    return told


def unexpected() -> dict[str, Any]:
    """The problem of a fault of ours; the trace id is the only clue that leaves the house."""
    next_step = f"Try again; if it stays, tell an admin the trace id {current_trace_id()}."
    return {"code": "unexpected", "detail": "Something went wrong inside SAHUR.", "next_step": next_step}


def close_code(error: SahurError) -> int:
    """The close code that tells the client not to come back the same way."""
    return next((code for kind, code in CLOSE_CODES.items() if isinstance(error, kind)), BAD_REQUEST)


def cut(send: Send) -> None:
    """End a connection whose client takes nothing: what waits to be sent would keep it open for as long as the client likes.

    ASGI has no word for it, but uvicorn's `send` is a method of the protocol that holds the transport.
    """
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        log.warning("this server lets no connection be cut; the client may keep it open")
    else:
        transport.abort()
