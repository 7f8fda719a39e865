"""Looks at each upstream and at SAHUR's own server once, and says what works, what does not, and what to do about it."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx2

from sahur_core.tools.policy import Permission
from sahur_mcp.config import BrokenUpstream, Config, DisabledUpstream, Entry, UpstreamConfig
from sahur_mcp.proxy.transports.problems import problem_of_transport
from sahur_mcp.proxy.upstreams.remote import RemoteUpstream
from sahur_mcp.proxy.upstreams.upstream import permission_for

SERVER_SECONDS = 5.0


@dataclass(frozen=True)
class CheckedTool:
    """`risk` is read, write or destroy; `permission` is allow, ask or deny."""

    name: str
    risk: str
    permission: str
    description: str = ""


@dataclass(frozen=True)
class Finding:
    """What was found of one upstream. `state`: ready, down, misconfigured or disabled; `seconds`: until it was connected."""

    name: str
    state: str
    kind: str = ""
    protocol: str = ""
    seconds: float | None = None
    allowed: int = 0
    ask: int = 0
    denied: int = 0
    resources: int = 0
    prompts: int = 0
    problem: str = ""
    tools: tuple[CheckedTool, ...] = field(default=(), repr=False)

    @property
    def is_well(self) -> bool:
        """Whether it is as it is meant to be."""
        return self.state in ("ready", "disabled")


@dataclass(frozen=True)
class ServerFinding:
    """What was found of the Django side. `state`: ready, down, or unknown if there is no token to ask it with."""

    url: str
    state: str
    problem: str = ""

    @property
    def is_well(self) -> bool:
        return self.state != "down"


async def check_upstreams(entries: Mapping[str, Entry], seconds: float) -> list[Finding]:
    """Connect to all of them side by side, each within so many seconds, and close the connections again."""
    return list(await asyncio.gather(*(_check_entry(name, entry, seconds) for name, entry in entries.items())))


async def _check_entry(name: str, entry: Entry, seconds: float) -> Finding:
    if isinstance(entry, BrokenUpstream):
        return Finding(name, "misconfigured", problem=entry.problem)
    if isinstance(entry, DisabledUpstream):
        return Finding(name, "disabled")
    upstream = RemoteUpstream(name, entry)
    started = time.perf_counter()
    await upstream.start()
    try:
        await upstream.wait_until_tried(seconds)
        return _finding(upstream, entry, time.perf_counter() - started, seconds)
    finally:
        await upstream.stop()


def _finding(upstream: RemoteUpstream, entry: UpstreamConfig, took: float, limit: float) -> Finding:
    status = upstream.status
    if status.state == "connecting":
        hint = " What is downloaded first (npx, docker) takes longer: try --seconds 120." if entry.command else ""
        said = upstream.problem_so_far
        return Finding(upstream.name, "down", status.kind, problem=said or f"It did not answer in {limit:g} s.{hint}")
    if status.state != "ready":
        return Finding(upstream.name, "down", status.kind, problem=status.problem)
    tools = []
    for tool in upstream.tools.values():
        risk, permission = permission_for(upstream, tool)
        tools.append(CheckedTool(tool.name, risk.value, permission.value, (tool.description or "").partition("\n")[0]))
    counts = Counter(tool.permission for tool in tools)
    return Finding(
        name=upstream.name,
        state="ready",
        kind=status.kind,
        protocol=status.protocol,
        seconds=round(took, 2),
        allowed=counts[Permission.ALLOW],
        ask=counts[Permission.ASK],
        denied=counts[Permission.DENY],
        resources=status.resources,
        prompts=status.prompts,
        problem="" if tools or status.resources or status.prompts else "It offers nothing. Does its token have any rights?",
        tools=tuple(tools),
    )


async def check_server(config: Config) -> ServerFinding:
    """Whether the Django side can be reached and knows the gateway: grants, receipts and people's tokens depend on it."""
    url = config.server_url
    if not config.internal_token:
        advice = "SAHUR_INTERNAL_TOKEN is not set here, so the server was not asked."
        return ServerFinding(url, "unknown", advice)
    headers = {"Authorization": f"Bearer {config.internal_token}"}
    try:
        async with httpx2.AsyncClient(timeout=SERVER_SECONDS, headers=headers, trust_env=False) as client:
            # About a token that nobody has: only whether we may ask counts.
            response = await client.post(f"{url}/internal/tokens/introspect/", json={"token": "sahur_check"})
    except httpx2.HTTPError as error:
        said = problem_of_transport(error, url, "SAHUR_SERVER_URL")
        return ServerFinding(url, "down", f"{said} Calls that change something are denied until it answers.")
    if response.status_code in (401, 403):
        advice = "It does not accept SAHUR_INTERNAL_TOKEN. Give gateway and server the same value."
        return ServerFinding(url, "down", f"{advice} (status {response.status_code})")
    if not response.is_success:
        return ServerFinding(url, "down", f"It answered with status {response.status_code}. Is SAHUR_SERVER_URL right?")
    return ServerFinding(url, "ready")
