"""What the fakes of REST APIs share: routes, a token that is checked, a record of what arrived, and a script of mishaps.

The vendors' forms are in `github_server` and `sentry_server`. An application answers from one event loop and its
handlers never wait, so that its state needs no lock.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


@dataclass
class Mishap:
    """What happens to a request. Status 200: it is answered as usual, `delay` seconds late."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    after_work: bool = False
    """The work is done first, and the answer comes late."""


@dataclass(frozen=True)
class Seen:
    """A request that arrived."""

    method: str
    path: str
    query: dict[str, str]
    authorization: str
    headers: dict[str, str]
    body: Any


@dataclass
class Call:
    """A request on its way through a handler."""

    url: str
    path: dict[str, str]
    query: dict[str, str]
    body: Any

    def number(self, name: str, default: int, most: int = 100) -> int:
        """A number of the query; nonsense counts as not given, as with both vendors."""
        value = self.query.get(name, "")
        return min(int(value), most) if value.isdigit() and int(value) > 0 else default

    def address(self, **query: Any) -> str:
        """The address of this call with other parameters: for links to other pages."""
        return f"{self.url}?{urlencode(self.query | {name: str(value) for name, value in query.items()})}"


@dataclass
class Answer:
    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class RefusedError(Exception):
    """The vendor's way to say no."""

    def __init__(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        super().__init__(status)
        self.answer = Answer(body, status, headers or {})


Handler = Callable[[Call], Answer]


class RestApi:
    """A vendor's API. `seen` keeps every request, refused ones too."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.url = ""
        """Where it is served; set by who serves it. Links in answers begin with it."""
        self.seen: list[Seen] = []
        self._mishaps: dict[str, deque[Mishap]] = {}

    def routes(self) -> dict[str, Handler]:
        """Handlers by `METHOD /path/{with}/{parts}`; the first that fits is taken."""
        raise NotImplementedError

    def refusal(self, authorization: str) -> Answer | None:
        """Why a request with this header gets nothing; None if it may."""
        raise NotImplementedError

    def not_found(self) -> Answer:
        raise NotImplementedError

    def headers(self) -> dict[str, str]:
        """Headers of every answer."""
        return {}

    def script(self, line: str, *mishaps: Mishap) -> None:
        """Say how the next requests of a route (`GET /path/{part}`, as in `routes`) go; later ones work."""
        assert line in self.routes(), f"there is no route {line}"
        self._mishaps.setdefault(line, deque()).extend(mishaps)

    def requests(self, method: str, path: str) -> list[Seen]:
        """Requests of a method whose path ends so."""
        return [seen for seen in self.seen if seen.method == method and seen.path.endswith(path)]

    def app(self) -> Starlette:
        routes = []
        for line, handler in self.routes().items():
            method, _, path = line.partition(" ")
            routes.append(Route(path, self._endpoint(line, handler), methods=[method]))
        routes.append(
            Route("/{rest:path}", self._endpoint("", lambda _: self.not_found()), methods=["GET", "POST", "PUT", "PATCH"])
        )
        return Starlette(routes=routes)

    def _endpoint(self, line: str, handler: Handler) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            raw = await request.body()
            body = json.loads(raw) if raw else None
            query = dict(request.query_params)
            authorization = request.headers.get("authorization", "")
            self.seen.append(Seen(request.method, request.url.path, query, authorization, dict(request.headers), body))
            call = Call(self.url + request.url.path, dict(request.path_params), query, body)
            given = await self._answer(line, handler, call, authorization)
            return JSONResponse(given.body, given.status, self.headers() | given.headers)

        return answer

    async def _answer(self, line: str, handler: Handler, call: Call, authorization: str) -> Answer:
        mishaps = self._mishaps.get(line)
        mishap = mishaps.popleft() if mishaps else Mishap()
        if not mishap.after_work:
            await asyncio.sleep(mishap.delay)
        if mishap.status != 200:
            return Answer(mishap.body, mishap.status, mishap.headers)
        refusal = self.refusal(authorization)
        if refusal is not None:
            return refusal
        try:
            given = handler(call)
        except RefusedError as refused:
            given = refused.answer
        if mishap.after_work:
            await asyncio.sleep(mishap.delay)
        return given
