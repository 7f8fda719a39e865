"""What can go wrong, one function each. A fault returns when it is over; what died is started again by `upkeep`."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress

import psutil
import psycopg
import redis

from tests.faults.soak.record import Record
from tests.faults.soak.surroundings import LEASE_SECONDS, Surroundings

DEPLOY_SECONDS = 60
Fault = Callable[[Surroundings, random.Random, Record], None]


def killing(name: str) -> Fault:
    """SIGKILL of a process and all its children."""

    def kill(world: Surroundings, rng: random.Random, record: Record) -> None:
        signal_group(world, name, signal.SIGKILL)

    return kill


def killing_parent(name: str) -> Fault:
    """SIGKILL of a worker's parent only: its children are left alone."""

    def kill(world: Surroundings, rng: random.Random, record: Record) -> None:
        with suppress(ProcessLookupError):
            os.kill(world.system.processes[name].pid, signal.SIGKILL)

    return kill


def killing_child(name: str) -> Fault:
    """SIGKILL of one child of a worker's pool."""

    def kill(world: Surroundings, rng: random.Random, record: Record) -> None:
        with suppress(psutil.NoSuchProcess):
            children = psutil.Process(world.system.processes[name].pid).children()
            if children:
                rng.choice(children).send_signal(signal.SIGKILL)

    return kill


def deploying(name: str) -> Fault:
    """SIGTERM, as a deploy does; it must end by itself."""

    def deploy(world: Surroundings, rng: random.Random, record: Record) -> None:
        process = world.system.processes[name]
        if process.poll() is not None:
            return
        started = time.monotonic()
        os.kill(process.pid, signal.SIGTERM)
        while process.poll() is None and time.monotonic() - started < DEPLOY_SECONDS:
            time.sleep(0.1)
        record.measure(f"{name}, from SIGTERM to its end", time.monotonic() - started)
        if process.poll() is None:
            record.violation(f"{name} did not end within {DEPLOY_SECONDS} s of SIGTERM")
            signal_group(world, name, signal.SIGKILL)

    return deploy


def freezing(name: str) -> Fault:
    """SIGSTOP for longer than the lease, then SIGCONT: it wakes up and others have taken over."""

    def freeze(world: Surroundings, rng: random.Random, record: Record) -> None:
        signal_group(world, name, signal.SIGSTOP)
        try:
            time.sleep(LEASE_SECONDS + rng.uniform(1, 6))
        finally:
            signal_group(world, name, signal.SIGCONT)

    return freeze


def signal_group(world: Surroundings, name: str, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(world.system.processes[name].pid, number)


def restart_valkey(world: Surroundings, rng: random.Random, record: Record) -> None:
    world.services.restart_valkey(rng.uniform(0, 4))


def restart_postgres(world: Surroundings, rng: random.Random, record: Record) -> None:
    """SIGQUIT: the server drops everything, and replays its log when it starts."""
    world.services.restart_postgres(signal.SIGQUIT, rng.uniform(0, 3))


def flush_valkey(world: Surroundings, rng: random.Random, record: Record) -> None:
    with redis.Redis.from_url(world.services.valkey.url(), socket_timeout=5) as client, suppress(redis.RedisError):
        client.flushall()


def lose_news(world: Surroundings, rng: random.Random, record: Record) -> None:
    """Whoever listens for news is cut off, several times: what is announced meanwhile is lost."""
    with redis.Redis.from_url(world.services.valkey.url(), socket_timeout=5) as client, suppress(redis.RedisError):
        for _ in range(5):
            client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
            time.sleep(0.3)


def cut_database_connections(world: Surroundings, rng: random.Random, record: Record) -> None:
    """About half of all connections to the database break."""
    with suppress(psycopg.OperationalError):
        world.system.query(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where pid <> pg_backend_pid() and datname = current_database() and random() < 0.5"
        )


DOUBLE_HINTS = """
from sahur.batch import chain
from sahur.celery import send_hint
from sahur.issues import models
for run in models.Run.objects.select_related("issue").filter(status__in=["queued", "running", "waiting"]):
    for _ in range(3):
        chain.send(run)
for effect in models.Effect.objects.order_by("-created_at")[:10]:
    send_hint("sahur.batch.tasks.deliver_effect", str(effect.id), queue="effects")
"""


def double_hints(world: Surroundings, rng: random.Random, record: Record) -> None:
    """Every live run's chain is sent three times more, and the newest effects once more."""
    world.system.manage("shell", "-v", "0", "-c", DOUBLE_HINTS)


WORKERS = ("worker", "worker-model")
FAULTS: dict[str, Fault] = {
    **{f"SIGKILL {name}": killing(name) for name in (*WORKERS, "effects", "indexer", "reaper", "web", "mcp")},
    **{f"SIGKILL parent of {name}": killing_parent(name) for name in WORKERS},
    **{f"SIGKILL pool child of {name}": killing_child(name) for name in WORKERS},
    **{f"SIGTERM {name}": deploying(name) for name in (*WORKERS, "web", "effects")},
    **{f"SIGSTOP {name}, longer than its lease": freezing(name) for name in WORKERS},
    "Valkey killed": restart_valkey,
    "Valkey FLUSHALL": flush_valkey,
    "PostgreSQL restarted at once": restart_postgres,
    "database connections cut": cut_database_connections,
    "news lost": lose_news,
    "hints doubled": double_hints,
}
