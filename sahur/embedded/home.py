"""Where the embedded system of one clone keeps everything, and what it says about itself there."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from sahur_core.errors import EmbeddedError


@dataclass(frozen=True)
class Status:
    """What a running system says about itself. `phase` is `starting` or `ready`."""

    pid: int
    phase: str
    url: str


@dataclass(frozen=True)
class Home:
    """The folder (`.sahur/`) of one embedded system. Nobody but its owner may read it: secrets and reports lie here."""

    directory: Path

    @property
    def env_file(self) -> Path:
        return self.directory / "env"

    @property
    def log_dir(self) -> Path:
        return self.directory / "logs"

    @property
    def run_dir(self) -> Path:
        """Start scripts, pid files and the supervisor's configuration: made anew at each start."""
        return self.directory / "run"

    @property
    def socket_dir(self) -> Path:
        """A short path of its own for Unix sockets: the kernel takes only about 100 characters."""
        digest = hashlib.sha256(os.fsencode(self.directory)).hexdigest()[:10]
        return Path(tempfile.gettempdir()) / f"sahur-{os.geteuid()}-{digest}"

    def log(self, name: str) -> Path:
        return self.log_dir / f"{name}.log"

    def pid_file(self, name: str) -> Path:
        return self.run_dir / f"{name}.pid"

    def create(self) -> None:
        """Make the folders, for their owner only. Raises `EmbeddedError` where that cannot be done."""
        for folder in (self.directory, self.log_dir, self.run_dir, self.socket_dir):
            try:
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            except OSError as error:
                raise EmbeddedError(
                    f"The folder {folder} cannot be made: {error.strerror}.",
                    next_step="Free some space, or set SAHUR_EMBEDDED_DIR to a folder that you may write.",
                ) from error
            self._take_for_owner_only(folder)

    def _take_for_owner_only(self, folder: Path) -> None:
        # The socket folder has a name that others can guess, in a place where others can write.
        found = folder.lstat()
        if folder.is_symlink() or found.st_uid != os.geteuid():
            raise EmbeddedError(
                f"The folder {folder} belongs to somebody else.",
                next_step="Start SAHUR as the user who started it before, or set SAHUR_EMBEDDED_DIR to another folder.",
            )
        folder.chmod(0o700)

    # --- One system per home ------------------------------------------------------------------------------------------

    def lock(self) -> IO[str]:
        """Become the one system of this home; hold the returned file open for as long. Raises `EmbeddedError`."""
        holder = (self.directory / "lock").open("a")
        try:
            fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder.close()
            status = self.status()
            where = f" at {status.url} (process {status.pid})" if status else ""
            raise EmbeddedError(
                f"SAHUR is already running here{where}.", next_step="Stop it with Ctrl-C in its terminal."
            ) from None
        return holder

    def is_locked(self) -> bool:
        """Whether a system of this home runs (or starts, or stops) just now."""
        path = self.directory / "lock"
        if not path.exists():
            return False
        with path.open("a") as probe:
            try:
                fcntl.flock(probe, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def status(self) -> Status | None:
        """What the running system said last. Only to be believed while `is_locked`."""
        try:
            return Status(**json.loads((self.directory / "status.json").read_text()))
        except FileNotFoundError:
            return None

    def write_status(self, status: Status) -> None:
        draft = self.directory / "status.json.new"
        draft.write_text(json.dumps(asdict(status)))
        draft.replace(self.directory / "status.json")

    def clear(self) -> None:
        """Take back what says that a system runs here."""
        (self.directory / "status.json").unlink(missing_ok=True)
        shutil.rmtree(self.socket_dir, ignore_errors=True)
