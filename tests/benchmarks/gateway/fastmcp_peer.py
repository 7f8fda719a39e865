"""Starts fastmcp's proxy, with a fresh session for each call (its default) and with one shared by all."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import httpx2

from tests import services
from tests.benchmarks.gateway import peers, processes
from tests.benchmarks.gateway.client import Door
from tests.benchmarks.gateway.processes import Server

_SCRIPT = Path(__file__).with_name("fastmcp_proxy.py")


def start(session: str, stack: ExitStack, folder: Path, upstream_url: str) -> tuple[Server, Door]:
    """Raises `Unavailable` or `NotStarted`."""
    python = peers.environment("fastmcp", oldest=(3, 11), newest=(3, 13))
    port = services.free_port()
    command = [str(python), str(_SCRIPT), str(port), upstream_url, session]
    server = processes.start(f"fastmcp, {session} session", command, folder / f"fastmcp-{session}.log", cwd=folder)
    stack.callback(server.stop)
    url = f"http://127.0.0.1:{port}/mcp"

    def answers() -> bool:
        try:
            httpx2.get(url, trust_env=False)
        except httpx2.HTTPError:
            return False
        return True

    server.wait_until(answers)
    return server, Door(url, {"echo": "get_echo", "logs": "get_logs"})


STARTERS: dict[str, Callable[[ExitStack, Path, str], tuple[Server, Door]]] = {
    "fastmcp": partial(start, "fresh"),
    "fastmcp-shared": partial(start, "shared"),
}
