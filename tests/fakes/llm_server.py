"""What the fakes of the model vendors share: a script of answers, and a real HTTP server in a thread.

A script is a list of `Say`, used up in order, or a function of the request's JSON. The vendors' protocols are in
`openai_server` and `anthropic_server`; both refuse (400) a conversation that the real vendor would refuse.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.fakes.prompt_caches import Counted
from tests.fakes.serving import PromptServer

KEY = "sk-only-for-tests"


@dataclass(frozen=True)
class Say:
    """One scripted answer. `status` other than 200 is an error with `headers`; `raw` is sent instead of a proper answer."""

    text: str = ""
    calls: Sequence[tuple[str, dict[str, Any] | str]] = ()
    """Names and arguments; arguments given as text are sent as they are, also if they are no JSON."""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    code: str = ""
    """The vendor's word for the error, where it has one beside the status."""
    delay: float = 0.0
    """Seconds before the answer begins."""
    pause: float = 0.0
    """Seconds between the pieces of the answer."""
    raw: str | None = None
    breaks_off: bool = False
    """Close the connection in the middle of the stream."""
    ends_early: bool = False
    """End the stream in the middle, politely, as a proxy does that has had enough."""
    error: str = ""
    """An error of this kind in the middle of the stream, after a status of 200."""
    refusal: str = ""
    """Decline to answer, with this explanation."""
    is_cut: bool = False
    """Say that the answer ended at the limit of its length."""
    thinking: str = ""
    """What the model thinks aloud before its answer."""


Script = Sequence[Say] | Callable[[dict[str, Any]], Say]


class LlmServer:
    """A vendor's server on a free port. Used as a context manager; `requests` keeps what was asked."""

    path = ""

    def __init__(
        self, script: Script, *, model: str = "scripted-1", key: str = KEY, counts: bool = False, context: int | None = None
    ) -> None:
        """`counts`: tokens and the prompt cache as the vendor would; else each answer is said to cost 100 and 20 tokens.
        `context`: refuse prompts of more tokens, as a model does that has no room for them.
        """
        self.model = model
        self.requests: list[dict[str, Any]] = []
        self.counted: list[Counted] = []
        """What each answer was said to cost."""
        self._counts = counts
        self._context = context
        self._script = script
        self._key = key
        self._said = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        app = Starlette(routes=[Route(self.path, self._answer, methods=["POST"])])
        self._server = PromptServer(uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=1))
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> LlmServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()
        self._thread.join(60)
        self._socket.close()

    async def _answer(self, request: Request) -> Response:
        body = await request.json()
        self.requests.append(body)
        if self.key_of(request) != self._key:
            return self.error(401, "invalid key", {})
        if body.get("model") != self.model:
            return self.error(404, f"the model `{body.get('model')}` does not exist", {})
        if problem := self.problem_with(body):
            return self.error(400, problem, {})
        size = self.size_of(body)
        if self._context is not None and size > self._context:
            return self.too_long(size, self._context)
        say = self._next(body)
        await asyncio.sleep(say.delay)
        if say.status != 200:
            return self.error(say.status, say.text or "scripted error", say.headers, say.code)
        if say.raw is not None:
            return Response(say.raw, media_type="text/event-stream")
        if not body.get("stream"):
            return self.error(400, "this fake only streams", {})
        self.counted.append(self.count(body) if self._counts else Counted(100))
        return StreamingResponse(self._stream(say, self.counted[-1], body), media_type="text/event-stream")

    def _next(self, body: dict[str, Any]) -> Say:
        if callable(self._script):
            return self._script(body)
        self._said += 1
        if self._said > len(self._script):
            return Say(status=400, text="the script has ended")
        return self._script[self._said - 1]

    async def _stream(self, say: Say, counted: Counted, body: dict[str, Any]) -> AsyncIterator[str]:
        events = self.events(say, counted, body)
        for number, event in enumerate(events):
            if number == len(events) // 2:
                if say.breaks_off:
                    raise ConnectionResetError("scripted: the connection breaks off")
                if say.error:
                    yield self.error_event(say.error)
                if say.ends_early or say.error:
                    return
            yield event
            await asyncio.sleep(say.pause)

    def key_of(self, request: Request) -> str:
        """The key that the vendor's clients send."""
        raise NotImplementedError

    def problem_with(self, body: dict[str, Any]) -> str:
        """Why the vendor would refuse the request; empty if it would not."""
        raise NotImplementedError

    def events(self, say: Say, counted: Counted, body: dict[str, Any]) -> list[str]:
        """The answer as server-sent events in the vendor's form."""
        raise NotImplementedError

    def error_event(self, kind: str) -> str:
        """An error within a stream."""
        raise NotImplementedError

    def size_of(self, body: dict[str, Any]) -> int:
        """Tokens of the prompt."""
        raise NotImplementedError

    def count(self, body: dict[str, Any]) -> Counted:
        """Tokens of the prompt, with those in the vendor's cache; puts into it what the vendor would."""
        raise NotImplementedError

    def too_long(self, size: int, limit: int) -> JSONResponse:
        """The vendor's refusal of a prompt that does not fit."""
        raise NotImplementedError

    def error(self, status: int, message: str, headers: dict[str, str], code: str = "") -> JSONResponse:
        """An error in the vendor's form."""
        raise NotImplementedError


def pieces(text: str, size: int = 24) -> list[str]:
    """A text as it arrives."""
    return [text[start : start + size] for start in range(0, len(text), size)]
