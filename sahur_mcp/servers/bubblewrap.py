"""Runs a command in a sandbox made by bubblewrap (bwrap(1)): what runs there sees and changes nothing of this host.

No network, no other process, no capability; the system's programs read only, a copy of the files in memory, a `/tmp` of
its own, and an environment of six variables. Time, memory, file sizes, processes and output are limited. The whole
process namespace is killed when the time is over or nobody waits any more.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sahur_core.errors import ToolError

MAX_OUTPUT_CHARS = 8_000
"""The end of the output, which is where tests tell what failed."""
MEMORY_KILOBYTES = 2 * 1024 * 1024
"""For the data of each process."""
FILE_KILOBYTES = 256 * 1024
FILES_BYTES = 768 * 1024 * 1024
"""For the copy of the files and what is built from them."""
TMP_BYTES = 256 * 1024 * 1024
PROCESSES = 256
OPEN_FILES = 1024
NOT_PREPARED = 97
_POLL_SECONDS = 0.05
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_ETC = (
    "/etc/alternatives",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/ssl/certs",
)
"""Of the host's configuration only what programs need to start; the rest may hold secrets."""
_ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/tmp",  # noqa: S108 (the sandbox's own)
    "TMPDIR": "/tmp",  # noqa: S108
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "CI": "1",
}
_USERS = "nobody:x:65534:65534::/tmp:/bin/sh\n"
_GROUPS = "nogroup:x:65534:\n"
_SCRIPT = f"""
limits() {{
  ulimit -c 0 && ulimit -d {MEMORY_KILOBYTES} && ulimit -f {FILE_KILOBYTES * 2} && ulimit -n {OPEN_FILES} && ulimit -t "$1" &&
  {{ ulimit -u {PROCESSES} 2>/dev/null || ulimit -p {PROCESSES}; }}
}}
limits "$2" || {{ echo 'The limits of the sandbox could not be set.'; exit {NOT_PREPARED}; }}
cp -a /source/. /code/ || {{ echo 'The files could not be copied into the sandbox.'; exit {NOT_PREPARED}; }}
cd /code && exec /bin/sh -c "$1"
"""
"""`ulimit` counts files in blocks of 512 bytes and data in kilobytes; `-u` is `-p` in dash."""


@dataclass(frozen=True)
class Ran:
    """How a command ended. `exit_code` is None if it was stopped at its time limit."""

    exit_code: int | None
    output: str
    seconds: float


@dataclass(frozen=True)
class Bubblewrap:
    """A way to run commands. `paths` are further ones that may be read in the sandbox, such as a virtual environment."""

    seconds: float
    paths: Sequence[Path] = ()

    def run(self, folder: Path, command: str, is_wanted: Callable[[], bool] = lambda: True) -> Ran:
        """Run a shell command in a copy of `folder`, until it ends, its time is over, or nobody wants it any more.

        Raises `ToolError` where bubblewrap is missing or may not make a sandbox, and if the sandbox could not be prepared.
        """
        program = shutil.which("bwrap")
        if program is None:
            raise ToolError(
                "The tests were not run: bubblewrap is not installed on the gateway's host, and nothing runs without a sandbox.",
                next_step="Install bubblewrap 0.8 or newer, or switch SAHUR_SANDBOX off.",
            )
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="sahur-sandbox-") as name, tempfile.TemporaryFile() as status:
            with subprocess.Popen(
                self._arguments(program, Path(name), folder, command, status.fileno()),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env={"PATH": os.defpath},
                cwd="/",
                start_new_session=True,
                pass_fds=(status.fileno(),),
            ) as process:
                tail = _Tail(process.stdout)
                try:
                    is_late = _wait(process, started + self.seconds, is_wanted)
                finally:
                    _kill(process)
                tail.join()
            status.seek(0)
            code = _exit_code(status.read())
        if not is_late and code in (None, NOT_PREPARED):
            why = tail.text.strip()[:300] or "bubblewrap said nothing"
            raise ToolError(
                f"The tests were not run: the sandbox could not be made ({why}).",
                next_step="bubblewrap 0.8 or newer needs user namespaces: see docs/answers.md.",
            )
        return Ran(None if is_late else code, tail.text, time.monotonic() - started)

    def _arguments(self, program: str, scratch: Path, folder: Path, command: str, status_fd: int) -> list[str]:
        (scratch / "passwd").write_text(_USERS)
        (scratch / "group").write_text(_GROUPS)
        arguments = [program, "--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session"]
        arguments += ["--clearenv", "--cap-drop", "ALL", "--hostname", "sandbox", "--uid", "65534", "--gid", "65534"]
        arguments += [part for name, value in _ENVIRONMENT.items() for part in ("--setenv", name, value)]
        for place in map(Path, _SYSTEM):
            if place.is_symlink():
                arguments += ["--symlink", str(place.readlink()), str(place)]
            elif place.is_dir():
                arguments += ["--ro-bind", str(place), str(place)]
        for readable in (*map(Path, _ETC), *self.paths):
            arguments += ["--ro-bind-try", str(readable), str(readable)]
        arguments += ["--ro-bind", str(scratch / "passwd"), "/etc/passwd", "--ro-bind", str(scratch / "group"), "/etc/group"]
        arguments += ["--proc", "/proc", "--dev", "/dev"]
        for size, folder_inside in ((TMP_BYTES, "/tmp"), (TMP_BYTES, "/dev/shm"), (FILES_BYTES, "/code")):  # noqa: S108
            arguments += ["--size", str(size), "--tmpfs", folder_inside]
        arguments += ["--ro-bind", str(folder), "/source", "--remount-ro", "/dev", "--remount-ro", "/"]
        arguments += ["--chdir", "/code", "--json-status-fd", str(status_fd)]
        return [*arguments, "/bin/sh", "-c", _SCRIPT, "sh", command, str(int(self.seconds * 2) + 1)]


class _Tail:
    """Reads all output and keeps its end: a full pipe would stop the command, and all of it could be endless."""

    def __init__(self, pipe: IO[bytes] | None) -> None:
        if pipe is None:
            raise ToolError("The sandbox was started without its pipe.")
        self._pipe = pipe
        self._kept = b""
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        while block := os.read(self._pipe.fileno(), 65_536):
            self._kept = (self._kept + block)[-4 * MAX_OUTPUT_CHARS :]

    def join(self) -> None:
        """Wait for the end of the output, which the end of the sandbox's processes brings."""
        self._thread.join()

    @property
    def text(self) -> str:
        text = self._kept.decode("utf-8", "replace")
        return text if len(text) <= MAX_OUTPUT_CHARS else f"[…]\n{text[-MAX_OUTPUT_CHARS:]}"


def _wait(process: subprocess.Popen[bytes], deadline: float, is_wanted: Callable[[], bool]) -> bool:
    """Whether it had to be stopped because its time is over or nobody wants it any more."""
    while process.poll() is None:
        if time.monotonic() >= deadline or not is_wanted():
            return True
        time.sleep(_POLL_SECONDS)
    return False


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End bubblewrap, and with it the first process of the namespace (`--die-with-parent`), and so all others."""
    if process.poll() is None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return  # it has ended meanwhile


def _exit_code(status: bytes) -> int | None:
    """What bubblewrap tells of the command; None if it was never started or did not come to its end."""
    for line in status.decode("utf-8", "replace").splitlines():
        try:
            told = json.loads(line)
        except ValueError:
            continue  # the sandbox ended in the middle of a line
        if isinstance(told, dict) and isinstance(told.get("exit-code"), int):
            return int(told["exit-code"])
    return None
