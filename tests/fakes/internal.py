"""The Django side as the gateway sees it: a real HTTP server with the internal endpoints of docs/architecture.md."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from tests.fakes.serving import PromptServer

TOKEN = "internal-token-only-for-tests"


@dataclass
class InternalServer:
    """What it was sent, and what it is to answer."""

    url: str = ""
    is_down: bool = False
    grant: dict[str, Any] | None = None
    """The answer to a request for a grant; None: status 500."""
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    repositories: list[dict[str, Any]] = field(default_factory=list)
    refused_receipts: set[str] = field(default_factory=set)
    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)
    batches: int = 0
    grants_asked: list[dict[str, Any]] = field(default_factory=list)
    introspections: int = 0
    issues: list[dict[str, Any]] = field(default_factory=list)
    """What is found, each with its `team`, and `run`: the run that works on it."""
    teams: dict[int, str] = field(default_factory=dict)
    """Keys of teams."""
    problem: tuple[int, dict[str, Any]] | None = None
    """How a written issue or message is refused, in the form of a problem."""
    written: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def app(self) -> Starlette:
        routes = [
            Route("/internal/receipts/", self._receipts, methods=["POST"]),
            Route("/internal/grants/", self._grants, methods=["POST"]),
            Route("/internal/tokens/introspect/", self._introspect, methods=["POST"]),
            Route("/internal/repositories/", self._repositories),
            Route("/internal/receipts/{receipt_id}/", self._receipt),
            Route("/internal/issues/", self._issues),
            Route("/internal/issues/", self._write, methods=["POST"]),
            Route("/internal/issues/{key}/", self._issue),
            Route("/internal/messages/", self._write, methods=["POST"]),
            Route("/internal/teams/", self._team),
        ]
        return Starlette(routes=routes)

    def _refusal(self, request: Request) -> JSONResponse | None:
        if self.is_down:
            return JSONResponse({"status": "down"}, 503)
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return JSONResponse({"detail": "wrong token"}, 401)
        return None

    async def _receipts(self, request: Request) -> JSONResponse:
        if refusal := self._refusal(request):
            return refusal
        sent = (await request.json())["receipts"]
        if any(receipt["tool"] in self.refused_receipts for receipt in sent):
            return JSONResponse({"detail": "a receipt cannot be stored"}, 400)
        self.batches += 1
        new = [receipt for receipt in sent if receipt["id"] not in self.receipts]
        self.receipts |= {receipt["id"]: receipt for receipt in new}
        return JSONResponse({"stored": len(new)}, 202)

    async def _receipt(self, request: Request) -> JSONResponse:
        if refusal := self._refusal(request):
            return refusal
        found = self.receipts.get(request.path_params["receipt_id"])
        team, run = request.query_params["team"], request.query_params.get("run")
        if found is None or str(found["team"]) != team or (run and found["run"] != run):
            return JSONResponse({"detail": "no such receipt"}, 404)
        return JSONResponse({name: found[name] or "" for name in ("team", "run", "tool", "result")})

    async def _grants(self, request: Request) -> JSONResponse:
        if refusal := self._refusal(request):
            return refusal
        self.grants_asked.append(await request.json())
        return JSONResponse(self.grant, 200) if self.grant else JSONResponse({}, 500)

    async def _introspect(self, request: Request) -> JSONResponse:
        if refusal := self._refusal(request):
            return refusal
        self.introspections += 1
        token = (await request.json())["token"]
        return JSONResponse(self.users.get(token, {"active": False, "team_ids": [], "user": "", "role": ""}))

    async def _repositories(self, request: Request) -> JSONResponse:
        if refusal := self._refusal(request):
            return refusal
        ids = request.query_params.get("ids", "").split(",")
        teams = request.query_params.get("teams", "").split(",")
        found = [entry for entry in self.repositories if entry["id"] in ids or str(entry["team"]) in teams]
        return JSONResponse({"repositories": found})

    async def _issues(self, request: Request) -> JSONResponse:
        if refusal := self._refusal(request):
            return refusal
        asked = request.query_params
        mine = [each for each in self.issues if str(each["team"]) == asked["team"] and each["run"] != asked.get("run")]
        return JSONResponse({"issues": [each for each in mine if asked["q"].lower() in each["title"].lower()]})

    async def _issue(self, request: Request) -> JSONResponse:
        if refusal := self._refusal(request):
            return refusal
        asked, key = request.query_params, request.path_params["key"]
        for each in self.issues:
            if str(each["team"]) == asked["team"] and each["key"] == key:
                return JSONResponse(each | {"is_own": each["run"] == asked.get("run")})
        return _problem(404, {"detail": "There is no such thing here.", "next_step": "Search for it."})

    async def _write(self, request: Request) -> JSONResponse:
        if refusal := self._refusal(request):
            return refusal
        self.written.append((request.url.path, await request.json()))
        if self.problem:
            return _problem(*self.problem)
        made = {
            "key": "SAH-9",
            "issue": "SAH-9",
            "url": "http://sahur/issues/SAH-9/",
            "run": 1,
            "status": "queued",
            "is_new": True,
        }
        return JSONResponse(made, 201)

    async def _team(self, request: Request) -> JSONResponse:
        if refusal := self._refusal(request):
            return refusal
        key = self.teams.get(int(request.query_params["team"]))
        if key is None:
            return _problem(404, {"detail": "There is no such team."})
        return JSONResponse({"id": int(request.query_params["team"]), "key": key, "name": key})


def _problem(status: int, body: dict[str, Any]) -> JSONResponse:
    return JSONResponse(body, status, media_type="application/problem+json")


@contextmanager
def serve(app: ASGIApp, port: int = 0, http: Literal["auto", "h11"] = "auto") -> Iterator[str]:
    """Run an ASGI application on a port (0: a free one) in a thread with a loop of its own; gives its address.

    `http` names the parser of requests: `h11` keeps to the letter of RFC 9110 where the faster one does not.
    """
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, http=http, log_config=None, access_log=False, timeout_graceful_shutdown=2
    )
    server = PromptServer(config)
    started = threading.Event()

    async def run() -> None:
        serving = asyncio.create_task(server.serve())
        while not server.started and not serving.done():
            await asyncio.sleep(0.005)
        started.set()
        await serving

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    assert started.wait(60), "the server did not start in time"
    assert server.started, "the server did not start"
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop()
        thread.join(60)
        assert not thread.is_alive(), "the server did not stop"
