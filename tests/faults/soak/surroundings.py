"""The system under fire: services and processes of its own, and the outside world as servers in this process."""

from __future__ import annotations

import json
import random
import secrets
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from sahur.embedded.services import postgres
from sahur.embedded.services.postgres import Postgres
from sahur.embedded.services.valkey import Valkey
from tests.e2e.system import System, make_system
from tests.fakes import slack as slack_server
from tests.fakes.internal import serve
from tests.fakes.llm_server import KEY
from tests.fakes.repositories import STORIES, BugCase, build
from tests.fakes.slack import SECRET, Slack
from tests.fakes.upstream import ForeignServer
from tests.faults.soak.vendor import MoodyVendor
from tests.services import free_port

LEASE_SECONDS = 6.0


class Tickets(ForeignServer):
    """The team's ticket system, whose only writing tool needs a person's approval."""

    async def _call(self, context: Any, params: Any) -> Any:
        self.headers.clear()
        return await super()._call(context, params)


@dataclass
class Services:
    """PostgreSQL and Valkey, durable as in production."""

    cluster: Postgres
    valkey: Valkey
    log: Path
    postgres_process: subprocess.Popen[bytes]
    valkey_process: subprocess.Popen[bytes]

    def restart_postgres(self, how: Any, pause: float) -> None:
        postgres.stop(self.postgres_process, how)
        time.sleep(pause)
        self.postgres_process = self.cluster.start(self.log)

    def restart_valkey(self, pause: float) -> None:
        self.valkey_process.kill()
        self.valkey_process.wait(20)
        time.sleep(pause)
        self.valkey_process = self.valkey.start(self.log)

    def stop(self) -> None:
        postgres.stop(self.postgres_process)
        self.valkey_process.kill()
        self.valkey_process.wait(20)


@dataclass
class Surroundings:
    folder: Path
    system: System
    services: Services
    slack: Slack
    tickets: Tickets
    vendor: MoodyVendor
    bugs: list[BugCase]
    closing: threading.Event = field(default_factory=threading.Event)
    """No new work, no new faults."""
    is_over: threading.Event = field(default_factory=threading.Event)
    """Everything is being stopped: what fails now is nobody's fault."""

    def query(self, sql: str, *parameters: Any, seconds: float = 90) -> list[tuple[Any, ...]]:
        """Rows, as soon as the database answers."""
        give_up = time.monotonic() + seconds
        while True:
            try:
                return self.system.query(sql, *parameters)
            except psycopg.OperationalError:
                if time.monotonic() > give_up:
                    raise
                time.sleep(0.3)


@contextmanager
def surroundings(seed: int) -> Iterator[Surroundings]:
    """Everything, started and ready. The folder with all logs stays; the caller removes it."""
    folder = Path(tempfile.mkdtemp(prefix="sahur-soak-"))
    with ExitStack() as stack:
        services = start_services(folder)
        stack.callback(services.stop)
        address, slack = stack.enter_context(slack_server.running())
        tickets = Tickets()
        upstream = stack.enter_context(serve(tickets.app()))
        vendor = stack.enter_context(MoodyVendor(random.Random(f"{seed}/vendor")))
        config = folder / "upstreams.json"
        config.write_text(json.dumps({"mcpServers": {"tickets": {"url": f"{upstream}/mcp"}}}))
        system = make_system(
            folder,
            DATABASE_URL=services.cluster.url(),
            REDIS_URL=services.valkey.url(),
            **new_keys(),
            SLACK_API_URL=address,
            SLACK_BOT_TOKEN=slack_server.TOKEN,
            SLACK_SIGNING_SECRET=SECRET,
            SAHUR_MCP_CONFIG=str(config),
            SAHUR_RUN_LEASE_SECONDS=str(LEASE_SECONDS),
            SAHUR_EFFECT_LEASE_SECONDS="15",
            SAHUR_REAPER_SECONDS="1",
            SAHUR_RUN_RESEND_SECONDS="4",
            SAHUR_THROTTLE_USER="100000/min",
        )
        add_processes(system, vendor)
        stack.callback(system.stop)
        system.start()
        bugs = [build(name, folder) for name in STORIES]
        system.wait_until_ready()
        yield Surroundings(folder, system, services, slack, tickets, vendor, bugs)


def start_services(folder: Path) -> Services:
    cluster, valkey = Postgres(folder / "data", folder / "run"), Valkey(folder / "valkey", free_port())
    log = folder / "services.log"
    services = Services(cluster, valkey, log, cluster.start(log), valkey.start(log))
    cluster.create_database()
    return services


def new_keys() -> dict[str, str]:
    """What `make run` writes into its environment at the first start."""
    key = Ed25519PrivateKey.generate()
    return {
        "SAHUR_SECRET_KEY": secrets.token_hex(32),
        "SAHUR_TOKEN_PRIVATE_KEY": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        "SAHUR_TOKEN_PUBLIC_KEY": key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
        "SAHUR_INTERNAL_TOKEN": secrets.token_hex(32),
    }


def add_processes(system: System, vendor: MoodyVendor) -> None:
    """A second worker, whose stages ask a model over the network, and web as `make run` starts it."""
    model = {"SAHUR_MODEL": f"openai:{vendor.model}", "SAHUR_MODEL_BASE_URL": vendor.base_url, "SAHUR_MODEL_API_KEY": KEY}
    command = [part.replace("batch-", "batch-model-") for part in system.commands["worker"]]
    system.commands["worker-model"] = ["env", *(f"{name}={value}" for name, value in model.items()), *command]
    system.commands["web"] = [*system.commands["web"], "--timeout-graceful-shutdown", "3"]


def remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
