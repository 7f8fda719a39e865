"""The processes of an embedded system: what runs, in which order it starts, how it is asked to stop."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from sahur.embedded.services.postgres import Postgres
from sahur.embedded.services.valkey import Valkey

# The gateway talks to the outside and runs other people's servers: it gets no key to the rest of the system.
_NOT_FOR_GATEWAY = (
    *("DATABASE_URL", "REDIS_URL", "SAHUR_SECRET_KEY", "SAHUR_ENCRYPTION_KEYS", "SAHUR_TOKEN_PRIVATE_KEY"),
    "SAHUR_VALKEY_PASSWORD",
)


@dataclass(frozen=True)
class Process:
    name: str
    command: list[str]
    group: str = "app"
    """`postgres` and `valkey` are groups of their own: they start first and end last."""
    priority: int = 100
    """Lower starts earlier and ends later."""
    stop_signal: str = "TERM"
    stop_seconds: int = 15
    """How long it may take to end by itself before it is killed."""
    without: tuple[str, ...] = ()
    """Variables of the environment that it must not see."""

    @property
    def rpc_name(self) -> str:
        """Its name as supervisord's interface takes it."""
        return f"{self.group}:{self.name}" if self.group == "app" else self.name

    def start_script(self, directory: Path, pid_file: Path) -> str:
        """A shell script that leaves its pid and becomes the process.

        The pid file is how a later start finds what a killed supervisor left behind.
        """
        hidden = f"unset {' '.join(self.without)}\n" if self.without else ""
        return (
            f"#!/bin/sh\necho $$ > {shlex.quote(str(pid_file))}\n{hidden}"
            f"cd {shlex.quote(str(directory))} || exit 1\nexec {shlex.join(self.command)}\n"
        )


@dataclass(frozen=True)
class Ports:
    web: int
    mcp: int
    flower: int
    """0 without Flower."""


def services(postgres: Postgres, valkey: Valkey) -> list[Process]:
    return [
        # SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for every client.
        Process("postgres", postgres.command, "postgres", priority=1, stop_signal="INT", stop_seconds=20),
        Process("valkey", valkey.command, "valkey", priority=2),
    ]


def applications(ports: Ports, *, with_slack: bool = False) -> list[Process]:
    """Everything of ours, as docker-compose.yml starts it too. The first two are the doors.

    `with_slack`: Slack's events come over Socket Mode.
    """
    return [
        Process("web", _web(ports.web)),
        Process("mcp", _python("sahur_mcp", "serve", "--host", "127.0.0.1", "--port", str(ports.mcp)), without=_NOT_FOR_GATEWAY),
        Process("worker", _worker("batch", "--concurrency", "2")),
        Process("effects", _worker("effects", "--pool", "threads", "--concurrency", "4")),
        Process("indexer", _worker("index", "--concurrency", "1")),
        Process("reaper", [sys.executable, "manage.py", "reap"]),
        *([Process("slack", [sys.executable, "manage.py", "runslack"], stop_seconds=30)] if with_slack else []),
        *([Process("flower", _flower(ports.flower), stop_seconds=5)] if ports.flower else []),
    ]


def _python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def _web(port: int) -> list[str]:
    # The largest frame of a client in bytes (commands.MAX_FRAME_CHARS of up to 4 bytes): uvicorn would buffer 16 MiB of it.
    options = ["--ws-max-size", "524288", "--timeout-graceful-shutdown", "3", "--no-access-log"]
    return _python("uvicorn", "sahur.asgi:application", "--host", "127.0.0.1", "--port", str(port), *options)


def _worker(queue: str, *options: str) -> list[str]:
    celery = _python("celery", "-A", "sahur", "worker", "--queues", queue, "--hostname", f"{queue}@sahur")
    return [*celery, "--prefetch-multiplier", "1", "--without-gossip", "--without-mingle", "--loglevel", "INFO", *options]


def _flower(port: int) -> list[str]:
    options = ["--address=127.0.0.1", f"--port={port}", "--url_prefix=flower", "--loglevel=warning"]
    return _python("celery", "-A", "sahur", "flower", *options)
