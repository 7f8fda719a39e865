"""A real gateway on a free port, a real receiver of its receipts, and tokens signed with a real key."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import jwt
import mcp.types as types
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from sahur_mcp.app import create_app
from sahur_mcp.config import Config, load_config
from tests.fakes.internal import TOKEN, InternalServer, serve
from tests.waiting import wait_for

TEAM = 7
RUN = str(uuid4())


@dataclass
class Keys:
    private: str
    public: str


def make_keys() -> Keys:
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return Keys(private, public)


def claims(**changes: Any) -> dict[str, Any]:
    """What an attempt's token says, with changes; a value of None takes the claim out."""
    whole = {
        "aud": "sahur-mcp",
        "sub": f"run:{RUN}",
        "team": TEAM,
        "run": RUN,
        "attempt": 3,
        "repositories": [],
        "tools": ["*"],
        "trace": "",
        "exp": int(time.time()) + 600,
    } | changes
    return {name: value for name, value in whole.items() if value is not None}


@dataclass
class Gateway:
    """A running gateway."""

    url: str
    internal: InternalServer
    keys: Keys
    spool: Path

    def token(self, **changes: Any) -> str:
        return jwt.encode(claims(**changes), self.keys.private, algorithm="EdDSA")

    async def call(
        self, tool: str, arguments: dict[str, Any] | None = None, *, token: str = "", **headers: str
    ) -> types.CallToolResult:
        """One call by the SDK's own client."""
        async with self.http(token or self.token(), headers) as http:
            transport = streamable_http_client(f"{self.url}/mcp", http_client=http)
            async with Client(transport, mode="2026-07-28", cache=None) as client:
                return await client.call_tool(tool, arguments or {})

    @asynccontextmanager
    async def connected(self, mode: str = "2026-07-28", at: str = "", token: str = "", **options: Any) -> AsyncIterator[Client]:
        """The SDK's own client, at the address of everything or of one upstream."""
        async with (
            self.http(token or self.token(), {}) as http,
            Client(streamable_http_client(f"{self.url}/mcp{at}", http_client=http), mode=mode, cache=None, **options) as client,
        ):
            yield client

    async def list_tools(self, token: str = "", mode: str = "2026-07-28") -> dict[str, types.Tool]:
        async with (
            self.http(token or self.token(), {}) as http,
            Client(streamable_http_client(f"{self.url}/mcp", http_client=http), mode=mode, cache=None) as client,
        ):
            return {tool.name: tool for tool in (await client.list_tools()).tools}

    @staticmethod
    def http(token: str, headers: dict[str, str]) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"} | headers, timeout=30, trust_env=False)

    def post(self, token: str = "", **headers: str) -> httpx2.Response:
        """A bare request, for what happens before the protocol."""
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
        sent = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2026-07-28"} | headers
        if token:
            sent["Authorization"] = f"Bearer {token}"
        return httpx2.post(f"{self.url}/mcp", json=body, headers=sent, trust_env=False)

    def receipt(self, result: types.CallToolResult) -> dict[str, Any]:
        """The stored receipt of a result; waits until it has arrived."""
        return self.wait_for(lambda: self.internal.receipts.get(str((result.meta or {})["sahur/receipt"])))

    def ready(self) -> dict[str, Any]:
        return dict(httpx2.get(f"{self.url}/health/ready", trust_env=False).json())

    def wait_for_state(self, upstream: str, state: str) -> dict[str, Any]:
        found = self.wait_for(lambda: (now := self.ready()["upstreams"].get(upstream, {})).get("state") == state and now)
        return dict(found)

    @staticmethod
    def wait_for(probe: Callable[[], Any]) -> Any:
        """What the probe gives once it is true."""
        return wait_for(probe)


@dataclass
class GatewayMaker:
    """Starts gateways with upstreams for one test."""

    folder: Path
    internal: InternalServer
    keys: Keys = field(default_factory=make_keys)
    stack: ExitStack = field(default_factory=ExitStack)

    @property
    def file(self) -> Path:
        return self.folder / "mcp.json"

    def write(self, upstreams: dict[str, Any], **more: Any) -> None:
        """The configuration file, in the place of the one before."""
        draft = self.folder / "mcp.json.new"
        draft.write_text(json.dumps({"mcpServers": upstreams} | more))
        draft.replace(self.file)

    def environment(self, **changes: str) -> dict[str, str]:
        """The variables of a gateway."""
        return {
            "SAHUR_MCP_CONFIG": str(self.file),
            "SAHUR_TOKEN_PUBLIC_KEY": self.keys.public.replace("\n", "\\n"),
            "SAHUR_SERVER_URL": self.internal.url,
            "SAHUR_INTERNAL_TOKEN": TOKEN,
            "SAHUR_REPOSITORY_DIR": str(self.folder / "repositories"),
            "SAHUR_MCP_SPOOL_DIR": str(self.folder / "spool"),
        } | changes

    def config(self, upstreams: dict[str, Any] | None = None, **environment: str) -> Config:
        self.write(upstreams or {})
        return load_config(self.environment(**environment))

    def start(self, upstreams: dict[str, Any] | None = None, stack: ExitStack | None = None, **environment: str) -> Gateway:
        """A gateway that runs until the test ends, or until `stack` is closed."""
        config = self.config(upstreams, **environment)
        app = create_app(config, partial(load_config, self.environment(**environment)))
        url = (stack or self.stack).enter_context(serve(app))
        return Gateway(url, self.internal, self.keys, config.spool_dir)


@contextmanager
def gateway_maker(folder: Path) -> Iterator[GatewayMaker]:
    """A receiver for `/internal/` and a maker of gateways that talk to it."""
    internal = InternalServer()
    with serve(internal.app()) as url:
        internal.url = url
        maker = GatewayMaker(folder, internal)
        with maker.stack:
            yield maker


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """The command line sets up the logging of its process, which here is that of the next test too."""
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    yield
    root.setLevel(level)
    root.handlers[:] = handlers


@pytest.fixture
def gateways(tmp_path: Path) -> Iterator[GatewayMaker]:
    with gateway_maker(tmp_path) as maker:
        yield maker


@pytest.fixture(scope="module")
def shared_gateways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayMaker]:
    """As `gateways`, for a module whose tests do not disturb each other."""
    with gateway_maker(tmp_path_factory.mktemp("gateway")) as maker:
        yield maker


@pytest.fixture
def gateway(gateways: GatewayMaker) -> Gateway:
    """A gateway with its own servers only."""
    return gateways.start()
