"""Starts IBM's ContextForge (`mcp-contextforge-gateway`), set up for speed as far as its settings allow in one process.

SQLite and caches in memory; rate limit, administration, plugins, observability, tracking and request logs off; JSON
answers; sessions on, because only then does it keep its own with the upstream (older protocol only). Callers have a
token, as they do with ours. Its answers are not redacted, and no record of a call is handed on.
"""

from __future__ import annotations

import secrets
import subprocess
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import httpx2

from tests import services
from tests.benchmarks.gateway import peers, processes
from tests.benchmarks.gateway.client import Door
from tests.benchmarks.gateway.peers import Unavailable
from tests.benchmarks.gateway.processes import Server

_ADMIN = "admin@example.com"
_SETTINGS = {
    "ENVIRONMENT": "production",
    "PLATFORM_ADMIN_EMAIL": _ADMIN,
    "PASSWORD_CHANGE_ENFORCEMENT_ENABLED": "false",
    "CACHE_TYPE": "memory",
    "RATE_LIMITING_ENABLED": "false",
    "TOOL_RATE_LIMIT": "1000000",
    "SSRF_ALLOW_LOCALHOST": "true",
    "SSRF_ALLOW_PRIVATE_NETWORKS": "true",
    "MCPGATEWAY_UI_ENABLED": "false",
    "MCPGATEWAY_ADMIN_API_ENABLED": "false",
    "PLUGINS_ENABLED": "false",
    "OBSERVABILITY_ENABLED": "false",
    "TOKEN_USAGE_LOGGING_ENABLED": "false",
    "STRUCTURED_LOGGING_ENABLED": "false",
    "PERFORMANCE_TRACKING_ENABLED": "false",
    "JSON_RESPONSE_ENABLED": "true",
    "USE_STATEFUL_SESSIONS": "true",
    "LOG_LEVEL": "ERROR",
}
_SECRETS = (
    "JWT_SECRET_KEY",
    "AUTH_ENCRYPTION_SECRET",
    "PLATFORM_ADMIN_PASSWORD",
    "DEFAULT_USER_PASSWORD",
    "BASIC_AUTH_PASSWORD",
)
_TOKEN_MINUTES = "360"
_START_SECONDS = 120


def start(stack: ExitStack, folder: Path, upstream_url: str) -> tuple[Server, Door]:
    """Raises `Unavailable` or `NotStarted`."""
    python = peers.environment("contextforge", oldest=(3, 12), newest=(3, 13))
    own = folder / "contextforge"
    own.mkdir()
    # Passwords must hold letters of all kinds.
    env = _SETTINGS | {name: f"Aa1-{secrets.token_urlsafe(32)}" for name in _SECRETS}
    env["DATABASE_URL"] = f"sqlite:///{own / 'mcp.db'}"
    port = services.free_port()
    command = [str(python), str(python.with_name("mcpgateway")), "--host", "127.0.0.1", "--port", str(port)]
    command += ["--no-access-log", "--log-level", "warning"]
    server = processes.start("ContextForge", command, own / "contextforge.log", cwd=own, env=env)
    stack.callback(server.stop)
    url = f"http://127.0.0.1:{port}"

    def is_healthy() -> bool:
        try:
            return httpx2.get(f"{url}/health", trust_env=False, timeout=2).is_success
        except httpx2.HTTPError:
            return False

    server.wait_until(is_healthy, _START_SECONDS)
    token = _token(python, env, own)
    try:
        return server, _register(url, token, upstream_url)
    except (httpx2.HTTPError, KeyError) as error:
        raise Unavailable(f"the upstream could not be registered: {type(error).__name__}: {error}") from error


def _token(python: Path, env: dict[str, str], folder: Path) -> str:
    command = [str(python), "-m", "mcpgateway.utils.create_jwt_token", "--username", _ADMIN, "--admin", "--exp", _TOKEN_MINUTES]
    done = subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    token = done.stdout.strip().rpartition("\n")[2]
    if done.returncode or not token:
        raise Unavailable(f"no token could be made: {done.stderr[-300:]}")
    return token


def _register(url: str, token: str, upstream_url: str) -> Door:
    """Make the upstream known, and a virtual server with its tools, as its documentation does."""
    with httpx2.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, trust_env=False, timeout=30) as client:
        gateway = {"name": "bench", "url": upstream_url, "transport": "STREAMABLEHTTP"}
        client.post("/gateways", json=gateway).raise_for_status()
        tools = {tool["originalName"]: tool for tool in client.get("/tools").raise_for_status().json()}
        body = {"server": {"name": "bench", "associated_tools": [tool["id"] for tool in tools.values()]}}
        virtual = client.post("/servers", json=body).raise_for_status().json()
    names = {"echo": tools["get_echo"]["name"], "logs": tools["get_logs"]["name"]}
    return Door(f"{url}/servers/{virtual['id']}/mcp", names, (token,))


STARTERS: dict[str, Callable[[ExitStack, Path, str], tuple[Server, Door]]] = {"ContextForge": start}
