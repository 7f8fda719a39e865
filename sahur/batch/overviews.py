"""The overview: figures of the reader's teams, kept for some seconds, and the parts of the system that runs need."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

import redis
from django.core.cache import cache

from sahur.accounts.actor import Actor
from sahur.accounts.models import MemberRole, Team
from sahur.batch import gateway_status, presence
from sahur.issues import overview
from sahur_core.errors import GatewayUnavailable, NotFound
from sahur_core.tools.gateway_status import GatewayStatus

log = logging.getLogger(__name__)

FIGURES_SECONDS = 15
NEEDED = {
    "batch": "Runs stay queued.",
    "effects": "Posts to Slack wait.",
    "index": "Repositories are neither cloned nor indexed.",
    presence.REAPER: "Lost runs are not taken up again.",
}
"""What is served by at least one process where all is well, and what happens without."""

T = TypeVar("T")


@dataclass(frozen=True)
class Service:
    """One queue, or the reaper, and the living processes that serve it. `problem` is empty where all is well."""

    name: str
    processes: int
    slots: int
    busy: int
    problem: str


@dataclass(frozen=True)
class System:
    """`problem` of the gateway or of the workers is why nothing is known of them."""

    gateway: GatewayStatus | None
    gateway_problem: str
    services: list[Service]
    workers: list[presence.Worker]
    workers_problem: str


@dataclass(frozen=True)
class Overview:
    """`sees_details`: the reader may see which host does what, and the errors of upstreams."""

    at: datetime
    teams: dict[int, str]
    now: overview.Now
    figures: overview.Figures
    system: System
    sees_details: bool


def read_overview(actor: Actor, *, team: str = "", days: int) -> Overview:
    """Over all of the actor's teams, or over the one with this key. Raises `NotFound` for a foreign one."""
    teams = dict(Team.objects.filter(id__in=actor.roles).order_by("key").values_list("id", "key"))
    if team:
        teams = {pk: key for pk, key in teams.items() if key == team.upper()}
        if not teams:
            raise NotFound("There is no such team, or you are not in it.")
    at = datetime.now(UTC)
    return Overview(
        at=at,
        teams=teams,
        now=overview.read_now(list(teams)),
        figures=_kept(f"{at.date()}:{days}:{sorted(teams)}", lambda: overview.read_figures(list(teams), at.date(), days)),
        system=_system(),
        sees_details=actor.is_staff or MemberRole.ADMIN in actor.roles.values(),
    )


def _kept(what: str, read: Callable[[], T]) -> T:
    """Open pages ask every ten seconds, each for the same; without the cache each is answered by itself."""
    key = f"overview:{hashlib.sha256(what.encode()).hexdigest()}"
    try:
        found: T | None = cache.get(key)
        if found is None:
            found = read()
            cache.set(key, found, FIGURES_SECONDS)
    except (redis.RedisError, OSError) as error:
        log.warning("figures of the overview cannot be kept: %s", error)
        return read()
    return found


def _system() -> System:
    try:
        gateway, gateway_problem = gateway_status.read_status(), ""
    except GatewayUnavailable as error:
        gateway, gateway_problem = None, str(error)
    try:
        workers, workers_problem = presence.list_workers(), ""
    except (redis.RedisError, OSError) as error:
        log.warning("workers cannot be listed: %s", error)
        workers, workers_problem = [], "Valkey does not answer, so nothing is known of the workers."
    services = [] if workers_problem else [_service(name, workers) for name in NEEDED]
    return System(gateway, gateway_problem, services, workers, workers_problem)


def _service(name: str, workers: list[presence.Worker]) -> Service:
    """A host with its own repositories has its own queue beside the common one: `index.host1`."""
    mine = [each for each in workers if each.is_alive and any(queue.partition(".")[0] == name for queue in each.queues)]
    problem = "" if mine else f"Nothing serves it. {NEEDED[name]}"
    return Service(name, len(mine), sum(each.slots for each in mine), sum(each.busy for each in mine), problem)
