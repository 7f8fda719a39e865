"""A gateway as its own process, started as people start it: `python -m sahur_mcp serve` with a file and an environment."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import mcp.types as types
import psutil
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from sahur_core.tools.wire import LIST_PARAMETER
from tests.fakes.internal import TOKEN, InternalServer, serve
from tests.mcp.conftest import Gateway, make_keys
from tests.services import free_port
from tests.waiting import wait_for

ROOT = Path(__file__).resolve().parents[3]
CANARY = "canary-of-the-gateways-environment"
STOP_SECONDS = 20
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)


@dataclass
class RealGateway(Gateway):
    """A running gateway process."""

    process: subprocess.Popen[bytes]
    log: Path

    async def list_all(self) -> dict[str, types.Tool]:
        """Every tool, however many there are: a plain list leaves out those of others when they are too many."""
        async with (
            self.http(self.token(), {}) as http,
            Client(streamable_http_client(f"{self.url}/mcp?{LIST_PARAMETER}=all", http_client=http), cache=None) as client,
        ):
            return {tool.name: tool for tool in (await client.list_tools()).tools}

    def client(self, http: httpx2.AsyncClient, mode: str = "2026-07-28") -> Client:
        """A client of one of the protocol's eras."""
        return Client(streamable_http_client(f"{self.url}/mcp", http_client=http), mode=mode, cache=None)

    async def call_as(self, mode: str, tool: str, arguments: dict[str, Any]) -> types.CallToolResult:
        async with self.http(self.token(), {}) as http, self.client(http, mode) as client:
            return await client.call_tool(tool, arguments)

    def children(self, part: str) -> set[int]:
        """Ids of its living children with this in their command line, starters that wait for their turn excluded."""
        found = set()
        for child in psutil.Process(self.process.pid).children(recursive=True):
            try:
                line = " ".join(child.cmdline())
                if part in line and "child.py" not in line and child.status() != psutil.STATUS_ZOMBIE:
                    found.add(child.pid)
            except psutil.NoSuchProcess:
                continue
        return found

    def everything_told(self) -> str:
        """All that it handed out and kept: every receipt, and its log."""
        return json.dumps(list(self.internal.receipts.values())) + self.log.read_text(errors="replace")


def environment(folder: Path, internal: InternalServer, public_key: str) -> dict[str, str]:
    """What a deployment would set, and something that only the gateway may know."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("SAHUR_")}
    return own | {
        "SAHUR_MCP_CONFIG": str(folder / "mcp.json"),
        "SAHUR_TOKEN_PUBLIC_KEY": public_key.replace("\n", "\\n"),
        "SAHUR_SERVER_URL": internal.url,
        "SAHUR_INTERNAL_TOKEN": TOKEN,
        "SAHUR_REPOSITORY_DIR": str(folder / "repositories"),
        "SAHUR_MCP_SPOOL_DIR": str(folder / "spool"),
        "AWS_SECRET_ACCESS_KEY": CANARY,
    }


@contextmanager
def running(folder: Path, upstreams: dict[str, Any], **env: str) -> Iterator[RealGateway]:
    """A gateway whose upstreams have been tried. At the end it is asked to stop, and nothing of it may be left."""
    internal, keys, port = InternalServer(), make_keys(), free_port()
    (folder / "mcp.json").write_text(json.dumps({"mcpServers": upstreams}))
    log = folder / "gateway.log"
    with serve(internal.app()) as internal.url, log.open("wb") as output:
        command = [sys.executable, "-m", "sahur_mcp", "serve", "--port", str(port)]
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment(folder, internal, keys.public) | env, stdin=subprocess.DEVNULL,
            stdout=output, stderr=output, start_new_session=True, preexec_fn=end_with_the_tests,
        )  # fmt: skip
        gateway = RealGateway(f"http://127.0.0.1:{port}", internal, keys, folder / "spool", process, log)
        try:
            wait_for(lambda: answers(gateway), 60, f"the gateway to answer; its log: {log}")
            yield gateway
        finally:
            stop(process)


def end_with_the_tests() -> None:
    """Called in the new process: if the test process is killed, and so cannot clean up, the kernel ends this one too."""
    if sys.platform == "linux":
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def answers(gateway: RealGateway) -> bool:
    assert gateway.process.poll() is None, gateway.log.read_text()
    try:
        return bool(gateway.ready())
    except httpx2.HTTPError:
        return False


def stop(process: subprocess.Popen[bytes]) -> None:
    """In order; and by force what does not obey, which fails the test."""
    if process.poll() is not None:
        return
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(60)
    _, left = psutil.wait_procs(children, 5)
    for child in left:
        child.kill()
    assert not left, f"these children outlived the gateway: {left}"
