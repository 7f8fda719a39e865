"""Which processes are alive: each tells in Valkey what it is and does, every few seconds, and takes itself out when it ends.

One that was killed says nothing any more. Ages are told by Valkey's clock, so it does not matter whether the hosts' agree.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Any

import redis
from celery import bootsteps
from celery.worker.state import active_requests
from django.conf import settings

log = logging.getLogger(__name__)

TELL_SECONDS = 5.0
LOST_SECONDS = 20.0
"""A worker that has said nothing for so long is lost, or stands still."""
FORGOTTEN_SECONDS = 600.0
REAPER = "reaper"
"""What the reaper's process calls itself where a worker names its queues."""


class Group(StrEnum):
    """Whom a process is listed with, by the key of their list in Valkey."""

    WORKERS = "sahur:workers"
    SLACK = "sahur:slack-connections"
    """Of Socket Mode: each is told as long as Slack holds it."""


@dataclass(frozen=True)
class Process:
    """A worker's process: what it works on, and how much of that at once."""

    name: str
    host: str
    pid: int
    queues: tuple[str, ...]
    slots: int
    busy: int


@dataclass(frozen=True)
class Told(Process):
    """What a process says of itself."""

    started_at: float
    """Seconds since the epoch, by the clock of its host."""


@dataclass(frozen=True)
class Worker(Process):
    """A process as readers see it. `age_seconds` is how long ago it was heard of."""

    started_at: datetime
    age_seconds: float

    @property
    def is_alive(self) -> bool:
        return self.age_seconds < LOST_SECONDS


class Presence:
    """Tells of one process. Never raises: a worker works on while Valkey is away, and readers see it as lost."""

    def __init__(self, name: str, queues: Iterable[str], slots: int, *, group: Group = Group.WORKERS) -> None:
        self._group = group
        self._told = Told(name, socket.gethostname(), os.getpid(), tuple(sorted(queues)), slots, 0, time.time())
        self._is_told = True

    def tell(self, busy: int) -> None:
        told = replace(self._told, busy=busy)
        try:
            now = _now()
            _client().hset(self._group, _field(told), json.dumps({"told": asdict(told), "at": now}))
        except (redis.RedisError, OSError) as error:
            # Once: the broker is the same server, and its own messages say the rest.
            log.log(logging.WARNING if self._is_told else logging.DEBUG, "the process's presence cannot be told: %s", error)
            self._is_told = False
        else:
            self._is_told = True

    def leave(self) -> None:
        try:
            _client().hdel(self._group, _field(self._told))
        except (redis.RedisError, OSError) as error:
            log.info("the process could not take itself out: %s", error)


class PresenceStep(bootsteps.StartStopStep):
    """Part of each Celery worker's consumer: starts with each connection to the broker, on the timer of its loop."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **options: Any) -> None:
        super().__init__(consumer, **options)
        self._presence: Presence | None = None
        self._timer: Any = None

    def start(self, consumer: Any) -> None:
        if self._presence is None:
            self._presence = Presence(consumer.hostname, consumer.app.amqp.queues.consume_from, consumer.pool.num_processes)
        self._presence.tell(len(active_requests))
        self._timer = consumer.timer.call_repeatedly(TELL_SECONDS, self._tell)

    def _tell(self) -> None:
        if self._presence is not None:
            self._presence.tell(len(active_requests))

    def stop(self, consumer: Any) -> None:
        """The connection is lost, or the worker ends."""
        if self._timer is not None:
            consumer.timer.cancel(self._timer)
            self._timer = None

    def shutdown(self, consumer: Any) -> None:
        self.stop(consumer)
        if self._presence is not None:
            self._presence.leave()


def slack_connections() -> list[Worker]:
    """The processes that are connected to Slack over Socket Mode. Raises `redis.RedisError` and `OSError`."""
    return [each for each in list_workers(Group.SLACK) if each.is_alive]


def list_workers(group: Group = Group.WORKERS) -> list[Worker]:
    """Those that were heard of lately, the living first. Raises `redis.RedisError` and `OSError`."""
    now = _now()
    found: dict[str, Worker] = {}
    for field, text in _client().hgetall(group).items():
        entry = json.loads(text)
        told = entry["told"]
        age = max(now - entry["at"], 0.0)
        if age > FORGOTTEN_SECONDS:
            _client().hdel(group, field)
            continue
        told |= {"queues": tuple(told["queues"]), "started_at": datetime.fromtimestamp(told["started_at"], UTC)}
        worker = Worker(**told, age_seconds=age)
        # One that was killed and started again has its name back.
        place = f"{worker.host}/{worker.name}"
        if place not in found or worker.age_seconds < found[place].age_seconds:
            found[place] = worker
    return sorted(found.values(), key=lambda each: (not each.is_alive, each.queues, each.host, each.name))


def _field(told: Told) -> str:
    return f"{told.host}/{told.name}/{told.pid}"


def _now() -> float:
    seconds, micro = _client().time()
    return float(seconds) + float(micro) / 1e6


@cache
def _client() -> redis.Redis:
    """Half a second at most: the loop of a worker stands still meanwhile."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5)
