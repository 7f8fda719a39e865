"""The whole system of one clone as one thing that starts, heals itself and stops."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from sahur.embedded import environment
from sahur.embedded.console import Console, LogWatch
from sahur.embedded.home import Home, Status
from sahur.embedded.ports import PortClaims
from sahur.embedded.processes import Ports, Process, applications, services
from sahur.embedded.services.postgres import Postgres
from sahur.embedded.services.valkey import Valkey
from sahur.embedded.supervision import Supervision
from sahur_core.errors import EmbeddedError

NO_SERVERS = """# The tools' servers (docs/mcp-servers.example.yaml has some ready to use). A change takes effect at once.
mcpServers: {}
"""
WANTED_PORTS = {"SAHUR_WEB_PORT": 8000, "SAHUR_MCP_PORT": 8100, "SAHUR_FLOWER_PORT": 5555, "SAHUR_VALKEY_PORT": 6390}
_HEALTH_PATH = "/api/health/live/"
_REVIVE_SECONDS = 60.0


@dataclass
class System:
    """Start with `with System(…) as system:`; leaving the block stops everything, PostgreSQL last."""

    home: Home
    directory: Path
    """The root of the clone."""
    console: Console
    with_flower: bool = True
    url: str = ""
    gateway_url: str = ""
    first_user: str = field(default="", repr=False)
    """At the first start: who may sign in and the one-time password, in lines for people."""
    is_up: bool = False
    """From the end of the start on; a signal must not cut the stop short."""
    _claims: PortClaims = field(default_factory=PortClaims)
    _lock: IO[str] | None = None
    _supervision: Supervision | None = None
    _web_url: str = ""
    """Where the web server answers on this machine, whatever people reach it by."""
    _chosen: dict[str, str] = field(default_factory=dict)
    _revive_at: float = 0.0

    def __enter__(self) -> Self:
        self.home.create()
        self._lock = self.home.lock()
        # Once, before anything is applied: a second start after a mishap must not take our own values for the shell's.
        self._chosen = environment.chosen_in_shell(os.environ, environment.read(self.home.env_file))
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        self.is_up = True
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    # --- Start --------------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        values = self._prepare_environment()
        environment.apply(values)
        postgres = Postgres(self.home.directory / "postgres", self.home.socket_dir)
        valkey = Valkey(self.home.directory / "valkey", int(values["SAHUR_VALKEY_PORT"]), values["SAHUR_VALKEY_PASSWORD"])
        flower = int(values["SAHUR_FLOWER_PORT"]) if self.with_flower else 0
        ports = Ports(int(values["SAHUR_WEB_PORT"]), int(values["SAHUR_MCP_PORT"]), flower)
        self.url, self.gateway_url = values["SAHUR_PUBLIC_URL"].rstrip("/"), values["SAHUR_MCP_URL"]
        self._web_url = values["SAHUR_SERVER_URL"]
        self.home.write_status(Status(os.getpid(), "starting", self.url))
        with_slack = bool(values.get("SLACK_APP_TOKEN") or values.get("SLACK_APP_TOKEN_FILE"))
        started, apps = services(postgres, valkey), applications(ports, with_slack=with_slack)
        self._supervision = Supervision(self.home, self.directory, [*started, *apps], self.console.say)
        with self.console.step("Ending what an earlier start left running"):
            if found := self._supervision.end_leftovers():
                self.console.say(f"{found} processes of a killed earlier start were still running: ended")
        with self.console.step("Setting up PostgreSQL"):
            postgres.prepare()
            valkey.prepare()
        self._launch(self._supervision, postgres, valkey, started, apps)

    def _launch(
        self, supervision: Supervision, postgres: Postgres, valkey: Valkey, started: list[Process], apps: list[Process]
    ) -> None:
        supervision.start()
        for process in started:
            supervision.start_process(process)
        with self.console.step("Starting PostgreSQL and Valkey"):
            self._wait(started[0], postgres.is_ready)
            self._wait(started[1], valkey.is_ready)
        postgres.create_database()
        self._prepare_database()
        doors, others = apps[:2], apps[2:]
        for process in doors:
            supervision.start_process(process)
        with self.console.step("Starting the web server and the gateway"):
            self._wait(doors[0], lambda: _answers(f"{self._web_url}{_HEALTH_PATH}"))
            self._wait(doors[1], lambda: _answers(self.gateway_url, any_answer=True))
        # The doors are open first: what comes in waits in the queue for the few seconds that the others still need.
        for process in others:
            supervision.start_process(process)
        self.home.write_status(Status(os.getpid(), "ready", self.url))

    def _prepare_environment(self) -> dict[str, str]:
        values = environment.with_secrets(environment.read(self.home.env_file))
        for name, usual in WANTED_PORTS.items():
            before = int(values.get(name, usual))
            is_used = self.with_flower or name != "SAHUR_FLOWER_PORT"
            port = self._claims.claim(before) if is_used else before
            if port != before:
                self.console.say(f"Port {before} is taken: {_PORT_OF[name]} moves to {port}")
            values[name] = str(port)
        home, web = self.home.directory, f"http://127.0.0.1:{values['SAHUR_WEB_PORT']}"
        values |= {
            "DATABASE_URL": Postgres(home / "postgres", self.home.socket_dir).url(),
            "REDIS_URL": Valkey(home / "valkey", int(values["SAHUR_VALKEY_PORT"]), values["SAHUR_VALKEY_PASSWORD"]).url(),
            "SAHUR_PUBLIC_URL": web,
            "SAHUR_SERVER_URL": web,
            "SAHUR_TRUSTED_ORIGINS": f"{web},http://localhost:{values['SAHUR_WEB_PORT']}",
            "SAHUR_MCP_URL": f"http://127.0.0.1:{values['SAHUR_MCP_PORT']}/mcp",
            "SAHUR_FLOWER_URL": f"http://127.0.0.1:{values['SAHUR_FLOWER_PORT']}",
            "SAHUR_REPOSITORY_DIR": str(home / "repositories"),
            "SAHUR_MCP_SPOOL_DIR": str(home / "mcp-spool"),
            "SAHUR_EMBEDDED_DIR": str(home),
        }
        usual_config = str(home / "mcp.json")
        if values.get("SAHUR_MCP_CONFIG") == usual_config:
            # Earlier versions wrote it down; a file that is named must exist, the usual one need not.
            del values["SAHUR_MCP_CONFIG"]
        environment.write(self.home.env_file, values)
        # Empty means none; it also replaces what the settings took from such an older file.
        if not any((home / name).exists() for name in ("mcp.yaml", "mcp.json")):
            # Empty, but there: the gateway watches it, so that what is written into it takes effect.
            (home / "mcp.yaml").write_text(NO_SERVERS)
        values.setdefault("SAHUR_MCP_CONFIG", str(home / ("mcp.yaml" if (home / "mcp.yaml").exists() else "mcp.json")))
        (home / "runbooks").mkdir(exist_ok=True)
        values.setdefault("SAHUR_RUNBOOKS_DIR", str(home / "runbooks"))
        complete = environment.with_chosen(values, self._chosen)
        config = complete["SAHUR_MCP_CONFIG"]
        if config and not (self.directory / config).exists():
            raise EmbeddedError(
                f"The file {self.directory / config}, which SAHUR_MCP_CONFIG names, does not exist.",
                next_step="Correct the path, make the file, or unset SAHUR_MCP_CONFIG to go without other MCP servers.",
            )
        return complete

    def _prepare_database(self) -> None:
        """Migrate and make the first user, unless nothing has changed since that was last done."""
        stamp = self.home.directory / "prepared"
        current = _digest([self.directory / "requirements/base.txt", *sorted(self.directory.glob("sahur/*/migrations/*.py"))])
        if stamp.exists() and stamp.read_text() == current:
            return
        with self.console.step("Preparing the database"):
            command = [sys.executable, "manage.py", "prepare"]
            done = subprocess.run(command, cwd=self.directory, stdout=subprocess.PIPE, text=True, check=False)
        self.first_user = done.stdout
        self.console.stream.write(done.stdout)
        self.console.stream.flush()
        if done.returncode != 0:
            raise EmbeddedError("The database could not be prepared.", next_step="What went wrong is said above.")
        stamp.write_text(current)

    def _wait(self, process: Process, is_ready: Callable[[], bool], seconds: float = 120) -> None:
        assert self._supervision is not None  # noqa: S101 - set before anything is waited for
        deadline = time.monotonic() + seconds
        while not is_ready():
            if self._supervision.cannot_start(process.name) or time.monotonic() > deadline:
                raise EmbeddedError(f"{process.name} does not answer.", next_step=self._supervision.advice(process.name))
            if not self._supervision.is_alive():
                raise EmbeddedError("The supervisor ended.", next_step=f"Its log: {self.home.log('supervisor')}")
            time.sleep(0.1)

    # --- Run and stop -------------------------------------------------------------------------------------------------

    def watch(self, should_stop: Callable[[float], bool]) -> None:
        """Keep it running until `should_stop(seconds)`, which waits that long, says so."""
        logs = LogWatch(self.console, self.home.log_dir)
        while not should_stop(0.5):
            logs.look()
            self.tend()

    def tend(self) -> None:
        """Put right what supervisord cannot: its own end, and processes that it gave up."""
        supervision = self._supervision
        if supervision is None:
            return
        if not supervision.is_alive():
            self.console.say("The supervisor was killed: everything is started again")
            supervision.stop()
            self._start_again()
        elif supervision.gave_up and time.monotonic() > self._revive_at:
            self._revive_at = time.monotonic() + _REVIVE_SECONDS
            supervision.revive()

    def _start_again(self) -> None:
        self._claims.release()
        self._start()
        self.console.say(f"Everything runs again at {self.url}")

    def stop(self) -> None:
        """Stop everything; harmless when nothing runs."""
        if self._supervision is not None:
            with self.console.step("Stopping"):
                self._supervision.stop()
            self._supervision = None
        self._claims.release()
        if self._lock is not None:
            self.home.clear()
            self._lock.close()
            self._lock = None

    def kill(self) -> None:
        """Stop everything by force, for the impatient."""
        if self._supervision is not None:
            self._supervision.kill()


_PORT_OF = {
    "SAHUR_WEB_PORT": "the web server",
    "SAHUR_MCP_PORT": "the gateway",
    "SAHUR_FLOWER_PORT": "Flower",
    "SAHUR_VALKEY_PORT": "Valkey",
}


def _answers(url: str, *, any_answer: bool = False) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310 - an address that we made
            return bool(response.status == 200)
    except urllib.error.HTTPError:
        return any_answer
    except OSError:
        return False


def _digest(files: list[Path]) -> str:
    total = hashlib.sha256()
    for file in files:
        total.update(file.name.encode() + file.read_bytes())
    return total.hexdigest()
