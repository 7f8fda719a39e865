"""A real server on a random port, and clients that open real sockets to it."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import pytest
import redis
import uvicorn
from channels.layers import channel_layers
from channels_redis.pubsub import RedisPubSubChannelLayer
from django.conf import settings as django_settings
from django.test import Client
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from sahur.accounts.models import User
from sahur.asgi import application
from sahur.issues import models
from sahur.issues.events import NewEvent, append
from sahur.websockets import database
from sahur.websockets.poller import Poller, poller
from sahur_core.events import NoticeRaised
from tests.fakes.serving import PromptServer
from tests.waiting import wait_for

ORIGIN = "http://testserver"


def store_events(run: models.Run, *texts: str) -> None:
    """Events without a hint, as if every hint were lost."""
    append(run.id, [NewEvent(NoticeRaised(level="info", message=text)) for text in texts])


@dataclass
class Server:
    port: int

    def open(self, path: str, *, origin: str | None = ORIGIN, cookie: str = "", **options: Any) -> ClientConnection:
        options.setdefault("subprotocols", ["sahur.v1"])
        headers = {"Cookie": f"{django_settings.SESSION_COOKIE_NAME}={cookie}"} if cookie else {}
        address = f"ws://127.0.0.1:{self.port}{path}"
        return connect(address, origin=origin, additional_headers=headers, proxy=None, legacy=True, **options)

    @property
    def poller(self) -> Poller:
        """The only one: tests run one server at a time."""
        (found,) = [running for loop, running in poller.by_loop.items() if loop.is_running()]
        return found


@pytest.fixture
def prefix(monkeypatch: pytest.MonkeyPatch) -> str:
    """A channel layer of this test's own: Valkey's groups know no databases, and tests run side by side."""
    own = f"test-{uuid.uuid4().hex}"
    hosts = [{"address": django_settings.REDIS_URL}]
    monkeypatch.setitem(channel_layers.backends, "default", RedisPubSubChannelLayer(hosts=hosts, prefix=own))
    return own


@pytest.fixture
def server(transactional_db: None, prefix: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    threads = ThreadPoolExecutor(max_workers=database.THREADS)
    monkeypatch.setattr(database, "_threads", threads)
    config = uvicorn.Config(application, host="127.0.0.1", port=0, log_level="warning", lifespan="on", access_log=False)
    running = PromptServer(config)
    thread = threading.Thread(target=running.run)
    thread.start()
    wait_for(lambda: running.started)
    yield Server(running.servers[0].sockets[0].getsockname()[1])
    running.stop()
    thread.join(60)
    # Threads that end give back their connections, so that the test database can be dropped.
    threads.shutdown()
    assert not thread.is_alive()


class Socket(AbstractContextManager["Socket"]):
    """An open socket, in the words of the protocol. Pings are passed over."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def frame(self, seconds: float = 60) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(self.connection.recv(timeout=seconds))
        return self.frame(seconds) if frame["type"] == "ping" else frame

    def replay(self) -> list[dict[str, Any]]:
        """The events until `replay.done`."""
        events: list[dict[str, Any]] = []
        while (frame := self.frame())["type"] != "replay.done":
            events += frame["events"]
        assert frame["last_seq"] == (events[-1]["seq"] if events else frame["last_seq"])
        return events

    def event(self, kind: str) -> dict[str, Any]:
        """The next event of this kind; what comes before it is passed over."""
        while True:
            frame = self.frame()
            for event in frame.get("events", []):
                if event["payload"]["kind"] == kind:
                    return dict(event)

    def answer(self, **command: Any) -> dict[str, Any]:
        """Send a command and give its `ack` or `error`; events are passed over."""
        self.connection.send(json.dumps(command))
        while (frame := self.frame())["type"] not in ("ack", "error"):
            pass
        return frame

    def close_code(self, seconds: float = 60) -> int:
        """Read until the server closes."""
        try:
            while True:
                self.connection.recv(timeout=seconds)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006

    def __exit__(self, *_: object) -> None:
        self.connection.close()


@pytest.fixture
def session_of() -> Callable[[User], str]:
    def sign_in(user: User) -> str:
        client = Client()
        client.force_login(user)
        return str(client.cookies[django_settings.SESSION_COOKIE_NAME].value)

    return sign_in


@pytest.fixture
def open_as(server: Server, session_of: Callable[[User], str]) -> Callable[..., Socket]:
    """Open a socket as a signed-in user."""
    return lambda user, path, **options: Socket(server.open(path, cookie=session_of(user), **options))


@pytest.fixture
def listening(prefix: str) -> Callable[[], None]:
    """Wait until the server hears live hints."""
    client = redis.Redis.from_url(django_settings.REDIS_URL)
    group = f"{prefix}__group__news"
    return lambda: wait_for(lambda: dict(client.pubsub_numsub(group))[group.encode()] > 0)
