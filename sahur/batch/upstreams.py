"""The servers behind the gateway as admins see them: how each is, what may be done with its tools and why, how it fares."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from sahur.accounts.actor import Actor
from sahur.batch.gateway_status import read_status
from sahur.issues import receipts
from sahur_core.tools.gateway_status import GatewayStatus, ToolState, UpstreamState
from sahur_core.tools.policy import Policy, matches
from sahur_core.tools.risk import Risk

COUNTED_HOURS = 24
SHORT_CHARS = 200
"""What admins of teams are told of a failure; staff see all of it, which may quote a program's last words."""


@dataclass(frozen=True)
class KnownTool:
    """A tool with its permission, and why it has that."""

    state: ToolState
    reason: str


@dataclass(frozen=True)
class KnownUpstream:
    """An upstream, and its calls by the actor's teams (staff: all teams) within `COUNTED_HOURS`."""

    state: UpstreamState
    problem: str
    last_failure: str
    tools: tuple[KnownTool, ...]
    calls: int
    errors: int
    last_called_at: datetime | None


@dataclass(frozen=True)
class Upstreams:
    """All of them, and the gateway itself."""

    gateway: GatewayStatus
    upstreams: tuple[KnownUpstream, ...]


def list_upstreams(actor: Actor) -> Upstreams:
    """Raises `NotPermitted` for who is no admin anywhere, and `GatewayUnavailable`."""
    actor.require_any_admin()
    status = read_status(with_tools=True)
    counted = receipts.calls_by_upstream(actor, timezone.now() - timedelta(hours=COUNTED_HOURS))
    return Upstreams(status, tuple(_known(state, actor, counted) for state in status.upstreams))


def _known(state: UpstreamState, actor: Actor, counted: dict[str, receipts.CallCount]) -> KnownUpstream:
    policy = Policy(allow=state.policy.allow, ask=state.policy.ask, deny=state.policy.deny)
    count = counted.get(state.name, receipts.CallCount())
    return KnownUpstream(
        state=state,
        problem=state.problem if actor.is_staff else _in_short(state.problem),
        last_failure=state.last_failure if actor.is_staff else _in_short(state.last_failure),
        tools=tuple(KnownTool(tool, _reason(tool, policy, state.policy.risk)) for tool in state.tools),
        calls=count.calls,
        errors=count.errors,
        last_called_at=count.last_called_at,
    )


def _reason(tool: ToolState, policy: Policy, declared: dict[str, str]) -> str:
    why = policy.reason(tool.name, Risk(tool.risk))
    return f"{why[:-1]}, as its entry says." if matches(tool.name, declared) and why.startswith("It ") else why


def _in_short(text: str) -> str:
    line = text.strip().partition("\n")[0]
    return line if len(line) <= SHORT_CHARS else f"{line[:SHORT_CHARS]}…"
