"""Our gateway as people run it: `sahur-mcp serve` in a process of its own, with all that keeps it safe.

A caller has a signed token of an attempt; arguments are checked, results are redacted, and every call leaves a receipt
that is sent to a receiver. `stored_receipts` proves that none was left out for speed.
"""

from __future__ import annotations

import json
import secrets
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sahur_core.tools.wire import TOKEN_AUDIENCE
from tests import services
from tests.benchmarks.gateway import processes
from tests.benchmarks.gateway.client import Door
from tests.benchmarks.gateway.processes import ROOT, Server
from tests.fakes.internal import TOKEN

TOKEN_SECONDS = 6 * 3600
ATTEMPTS = 8
"""Each with a token of its own."""


def _claims() -> dict[str, Any]:
    """What an attempt's token says (docs/architecture.md); only its life is longer."""
    run = str(uuid4())
    return {
        "aud": TOKEN_AUDIENCE,
        "sub": f"run:{run}",
        "team": 7,
        "run": run,
        "attempt": 1,
        "repositories": [str(uuid4()), str(uuid4())],
        "tools": ["*"],
        "trace": secrets.token_hex(16),
        "exp": int(time.time()) + TOKEN_SECONDS,
    }


class OurGateway:
    """The gateway of a checkout, this one unless told otherwise."""

    def __init__(self, stack: ExitStack, folder: Path, upstream_url: str, *, root: Path = ROOT, name: str = "ours") -> None:
        folder.mkdir()
        key = Ed25519PrivateKey.generate()
        receiver_port, port = services.free_port(), services.free_port()
        command = [sys.executable, "-m", "tests.benchmarks.gateway.receiver", str(receiver_port)]
        self.receiver = processes.start(f"{name}, receiver", command, folder / "receiver.log")
        stack.callback(self.receiver.stop)
        self._count_url = f"http://127.0.0.1:{receiver_port}/count"
        config = folder / "mcp.json"
        config.write_text(json.dumps({"mcpServers": {"bench": {"url": upstream_url}}}))
        env = {
            "SAHUR_MCP_CONFIG": str(config),
            "SAHUR_TOKEN_PUBLIC_KEY": key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
            "SAHUR_SERVER_URL": f"http://127.0.0.1:{receiver_port}",
            "SAHUR_INTERNAL_TOKEN": TOKEN,
            "SAHUR_REPOSITORY_DIR": str(folder / "repositories"),
            "SAHUR_MCP_SPOOL_DIR": str(folder / "spool"),
            "PYTHONPATH": str(root),
        }
        command = [sys.executable, "-m", "sahur_mcp", "serve", "--port", str(port)]
        self.server: Server = processes.start(name, command, folder / "gateway.log", cwd=root, env=env)
        stack.callback(self.server.stop)
        self._ready_url = f"http://127.0.0.1:{port}/health/ready"
        self.receiver.wait_until(lambda: self.stored_receipts() >= 0)
        self.server.wait_until(lambda: self._ready().get("upstreams", {}).get("bench", {}).get("state") == "ready")
        tokens = tuple(jwt.encode(_claims(), key, algorithm="EdDSA") for _ in range(ATTEMPTS))
        self.door = Door(f"http://127.0.0.1:{port}/mcp", {"echo": "bench__get_echo", "logs": "bench__get_logs"}, tokens)

    def stored_receipts(self) -> int:
        """How many receipts have arrived; -1 while nobody can be asked."""
        try:
            return int(httpx2.get(self._count_url, trust_env=False).json()["receipts"])
        except httpx2.HTTPError:
            return -1

    def wait_for_receipts(self, calls: int, seconds: float = 30) -> int:
        """The number that has arrived when it is `calls`, or when the time is over."""
        until = time.monotonic() + seconds
        while (stored := self.stored_receipts()) < calls and time.monotonic() < until:
            time.sleep(0.2)
        return stored

    def _ready(self) -> dict[str, dict[str, dict[str, str]]]:
        try:
            return dict(httpx2.get(self._ready_url, trust_env=False).json())
        except httpx2.HTTPError:
            return {}
