"""The whole system as real processes, on a database and a Valkey database of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import psycopg

from tests.services import free_port
from tests.waiting import PROCESSES_SECONDS, wait_for

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = PROCESSES_SECONDS
PASSWORD = "correct horse battery staple"
CELERY = [sys.executable, "-m", "celery", "-A", "sahur", "worker", "-l", "INFO", "--without-gossip", "--without-mingle"]


class SignedInClient(httpx2.Client):
    """A client that knows which system it talks to, so that a test can look behind the doors."""

    system: System


class System:
    """Processes by name, each in its own process group, logs under `folder`."""

    def __init__(self, folder: Path, env: dict[str, str], ports: dict[str, int]) -> None:
        self.folder = folder
        self.env = env
        self.url = f"http://127.0.0.1:{ports['web']}"
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        node = uuid.uuid4().hex[:8]
        self.commands = {
            "mcp": [sys.executable, "-m", "sahur_mcp", "serve", "--host", "127.0.0.1", "--port", str(ports["mcp"])],
            "web": [
                sys.executable,
                "-m",
                "uvicorn",
                "sahur.asgi:application",
                "--port",
                str(ports["web"]),
                "--log-level",
                "warning",
                "--ws-max-size",
                "524288",
            ],
            "worker": [*CELERY, "-Q", "batch", "-c", "2", "-n", f"batch-{node}@%h"],
            "effects": [*CELERY, "-Q", "effects", "-P", "threads", "-c", "2", "-n", f"effects-{node}@%h"],
            "indexer": [*CELERY, "-Q", "index", "-c", "1", "-n", f"index-{node}@%h"],
            "reaper": [sys.executable, "manage.py", "reap"],
        }
        self._mcp_port = ports["mcp"]

    def start(self, *names: str) -> None:
        for name in names or self.commands:
            with (self.folder / f"{name}.log").open("ab") as log:
                self.processes[name] = subprocess.Popen(
                    self.commands[name],
                    cwd=ROOT,
                    env=self.env,
                    stdout=log,
                    stderr=log,
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                )

    def wait_until_ready(self) -> None:
        for address in (f"{self.url}/api/health/ready/", f"http://127.0.0.1:{self._mcp_port}/health/ready"):
            wait_for(lambda address=address: answers(address), READY_SECONDS, f"{address} to answer; logs: {self.folder}")

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Signal the whole process group, and collect it if the signal is deadly."""
        process = self.processes[name]
        os.killpg(process.pid, number)
        if number == signal.SIGKILL:
            process.wait(60)

    def stop(self) -> None:
        for process in self.processes.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + 15
        for process in self.processes.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(60)

    def manage(self, *arguments: str, stdin: str | None = None, timeout: float = 180) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.env, input=stdin, capture_output=True, text=True, timeout=timeout, check=False,
        )  # fmt: skip

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    @contextmanager
    def client(self, user: str = "rita") -> Iterator[SignedInClient]:
        """An HTTP client that has signed in as a browser does."""
        origin = {"Origin": self.url, "Referer": f"{self.url}/"}
        with SignedInClient(base_url=self.url, timeout=60, headers=origin) as client:
            client.system = self
            token = client.get("/api/auth/me/").json()["csrf_token"]
            answer = client.post(
                "/api/auth/login/", json={"username": user, "password": PASSWORD}, headers={"X-CSRFToken": token}
            )
            answer.raise_for_status()
            client.headers["X-CSRFToken"] = answer.json()["csrf_token"]
            yield client

    def query(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.env["DATABASE_URL"], autocommit=True) as connection:
            return connection.execute(sql, parameters).fetchall()


def answers(address: str) -> bool:
    try:
        return httpx2.get(address, timeout=10).status_code == 200
    except httpx2.HTTPError:
        return False


SET_UP = """
from sahur.accounts.models import *
for key, name, role in (("SAH", "rita", "responder"), ("SAH", "ada", "admin"), ("OTH", "olga", "admin")):
    team, _ = Team.objects.get_or_create(key=key, defaults={"name": key})
    user = User.objects.create_user(name, password=%r, is_staff=name == "ada", is_superuser=name == "ada")
    Membership.objects.create(user=user, team=team, role=role)
"""


def make_system(folder: Path, **settings: str) -> System:
    """Create and fill its database; nothing is started yet. `settings` are environment variables.

    `DATABASE_URL` and `REDIS_URL` among them are of services of its own; else the session's are used.
    """
    name = f"e2e_{uuid.uuid4().hex[:8]}"
    base = settings.pop("DATABASE_URL", "") or os.environ["DATABASE_URL"]
    with psycopg.connect(base, autocommit=True) as connection:
        connection.execute(f'create database "{name}"')
    ports = {"web": free_port(), "mcp": free_port()}
    url = f"http://127.0.0.1:{ports['web']}"
    env = {
        **os.environ,
        "DATABASE_URL": urlsplit(base)._replace(path=f"/{name}").geturl(),
        "REDIS_URL": settings.get("REDIS_URL") or take_redis_database(),
        "SAHUR_PUBLIC_URL": url,
        "SAHUR_ALLOWED_HOSTS": "127.0.0.1",
        "SAHUR_MCP_URL": f"http://127.0.0.1:{ports['mcp']}/mcp",
        "SAHUR_SERVER_URL": url,
        "SAHUR_REPOSITORY_DIR": str(folder / "repositories"),
        "SAHUR_MCP_SPOOL_DIR": str(folder / "spool"),
        "SAHUR_RUNBOOKS_DIR": str(folder / "runbooks"),
        "SAHUR_EMBEDDED_DIR": str(folder / "embedded"),
        "SAHUR_REPOSITORY_ROOTS": str(folder),
        "SAHUR_RUN_LEASE_SECONDS": "4",
        "SAHUR_REAPER_SECONDS": "0.5",
        "SAHUR_RUN_RESEND_SECONDS": "3",
        "SAHUR_MODEL": "",
        # All of them sign in from one address.
        "SAHUR_THROTTLE_LOGIN": "10000/min",
        **settings,
    }
    env.pop("PYTEST_CURRENT_TEST", None)
    system = System(folder, env, ports)
    for arguments in (("migrate", "-v", "0"), ("setup_checkpoints",), ("shell", "-v", "0", "-c", SET_UP % PASSWORD)):
        done = system.manage(*arguments)
        assert done.returncode == 0, done.stderr
    return system


def take_redis_database() -> str:
    """A Valkey database that no other system of this session uses: the first 20 belong to the test workers."""
    import redis

    base = os.environ["SAHUR_TEST_REDIS_URL"]
    with redis.Redis.from_url(f"{base}/0") as client:
        number = 20 + int(client.incr("e2e-databases")) % 40
    with redis.Redis.from_url(f"{base}/{number}") as client:
        client.flushdb()
    return f"{base}/{number}"
