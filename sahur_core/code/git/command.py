"""How git is run: a closed environment, a time-out and a size limit on each call.

Nothing a repository brings can start a program: no outside configuration is read, our clones are bare (no checkout, so
no filters and no hooks of the source), hooks and fsmonitor are off, diffs never call external drivers, and only the
protocols of the caller are allowed (`GIT_ALLOW_PROTOCOL`, see gitprotocol and git(1)). Arguments from outside always
follow `--` or `--end-of-options`.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from sahur_core.code.git.credentials import Handover
from sahur_core.errors import GitFailed, RepositoryError, RepositoryTimeout

MAX_MEMORY_BYTES = 2 * 1024**3
"""What git and each of its helpers may allocate."""
READ_SECONDS = 20.0
"""Longest time for one read of a clone."""
MAX_OUTPUT_BYTES = 4 * 1024 * 1024
"""More output of one call than this is cut."""
_MAX_ERROR_BYTES = 16 * 1024
_SETTINGS = (
    "advice.graftFileDeprecated=false",
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.attributesFile=/dev/null",
    "core.quotePath=false",
    "core.pager=cat",
    "core.askPass=",
    "credential.helper=",
    "color.ui=never",
    "diff.renames=true",
    "fetch.unpackLimit=1",
    "gc.autoDetach=false",
    "http.followRedirects=false",
    "http.lowSpeedLimit=1000",
    "http.lowSpeedTime=30",
    "i18n.logOutputEncoding=utf-8",
    "log.showSignature=false",
    "submodule.recurse=false",
)
_SSH = "ssh -oBatchMode=yes -oStrictHostKeyChecking=accept-new -oConnectTimeout=15 -oClearAllForwardings=yes"


@dataclass(frozen=True)
class Output:
    """What a call wrote. `is_truncated`: the size limit was reached and git was stopped."""

    stdout: bytes
    stderr: str
    returncode: int
    is_truncated: bool = False

    @property
    def text(self) -> str:
        return self.stdout.decode("utf-8", "replace")

    @property
    def raw_text(self) -> str:
        """With bytes that are no UTF-8 kept as surrogates, for paths."""
        return self.stdout.decode("utf-8", "surrogateescape")


@dataclass(frozen=True)
class Git:
    """git on one bare repository. `protocols` lists what it may fetch over; empty: nothing."""

    git_dir: Path
    protocols: Sequence[str] = ()
    settings: Sequence[str] = ()
    global_config: Path | None = None
    inherited_fds: Sequence[int] = field(default=())
    handover: Handover = field(default_factory=Handover)
    """The credentials of a private repository."""
    more_environment: Sequence[tuple[str, str]] = ()
    """Where else its index, objects or files lie."""

    def run(
        self,
        *arguments: str,
        stdin: bytes = b"",
        timeout: float = READ_SECONDS,
        max_bytes: int = MAX_OUTPUT_BYTES,
        ok_codes: Sequence[int] = (0,),
    ) -> Output:
        """Run to the end. Raises `GitFailed` for an exit code that is not in `ok_codes`, and `RepositoryTimeout`."""
        with tempfile.TemporaryFile() as errors, self._process(arguments, timeout, subprocess.PIPE, errors) as process:
            if process.stdin is None or process.stdout is None:
                raise RepositoryError("git was started without its pipes.")
            feeder = threading.Thread(target=_feed, args=(process.stdin, stdin), daemon=True)
            feeder.start()
            stdout = process.stdout.read(max_bytes + 1)
            is_truncated = len(stdout) > max_bytes
            if is_truncated:
                _kill(process)
            code = process.wait()
            feeder.join()
            errors.seek(0)
            output = Output(stdout[:max_bytes], _decode(errors.read(_MAX_ERROR_BYTES)), code, is_truncated)
        if not is_truncated and code not in ok_codes:
            raise self._failure(arguments[0], output.stderr, code)
        return output

    def run_with_progress(self, *arguments: str, on_line: Callable[[str], None], timeout: float) -> None:
        """Run a long call, handing on each line of its progress as it comes."""
        with self._process(arguments, timeout, subprocess.DEVNULL, subprocess.PIPE) as process:
            if process.stderr is None:
                raise RepositoryError("git was started without its pipes.")
            tail = ""
            for line in _progress_lines(process.stderr):
                tail = (tail + "\n" + line)[-_MAX_ERROR_BYTES:] if "%" not in line else tail
                on_line(line)
            code = process.wait()
        if code != 0:
            raise self._failure(arguments[0], tail.strip(), code)

    @contextmanager
    def _process(
        self, arguments: Sequence[str], timeout: float, stdout: int, stderr: int | IO[bytes]
    ) -> Iterator[subprocess.Popen[bytes]]:
        settings = [part for setting in (*_SETTINGS, *self.settings) for part in ("-c", setting)]
        process = subprocess.Popen(
            [git_program(), *settings, f"--git-dir={self.git_dir}", *arguments],
            stdin=subprocess.PIPE,
            stdout=stdout,
            stderr=stderr,
            env=self._environment(),
            cwd="/",
            start_new_session=True,
            pass_fds=tuple(self.inherited_fds),
        )
        _limit_memory(process.pid)
        late = threading.Event()
        timer = threading.Timer(timeout, _stop_late, (process, late))
        timer.start()
        try:
            yield process
        finally:
            timer.cancel()
            if process.poll() is None:
                _kill(process)
            process.wait()
            for pipe in (process.stdin, process.stdout, process.stderr):
                if pipe is not None and not pipe.closed:
                    _close(pipe)
        if late.is_set():
            raise RepositoryTimeout(
                f"git {arguments[0]} took longer than {timeout:g} seconds and was stopped.",
                next_step="Narrow it down to a path or a simpler pattern.",
            )

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.pathsep.join([str(Path(git_program()).parent), os.defpath]),
            "HOME": "/nonexistent",
            "XDG_CONFIG_HOME": "/nonexistent",
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": str(self.global_config or os.devnull),
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_LITERAL_PATHSPECS": "1",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_GRAFT_FILE": os.devnull,
            "GIT_ALLOW_PROTOCOL": ":".join(self.protocols) or "none",
            "GIT_SSH_COMMAND": _SSH,
            **self.handover.environment,
            **dict(self.more_environment),
        }

    def _failure(self, command: str, stderr: str, code: int) -> GitFailed:
        for secret in self.handover.secrets:
            stderr = stderr.replace(secret, "…")
        cause = next((line for line in stderr.splitlines() if line.startswith(("fatal:", "error:"))), stderr.splitlines()[-1:])
        words = cause if isinstance(cause, str) else "".join(cause)
        words = words.removeprefix("fatal:").removeprefix("error:").strip()[:300].rstrip(".")
        return GitFailed(f"git {command} failed: {words or f'exit code {code}'}.", stderr=stderr, returncode=code)


def git_program() -> str:
    """The absolute path of git."""
    program = shutil.which("git")
    if program is None:
        raise RepositoryError(
            "git is not installed.", next_step="Install git 2.37 or newer on the host of the indexer and gateway."
        )
    return program


def _progress_lines(stream: IO[bytes]) -> Iterator[str]:
    """git separates the states of its progress by carriage returns."""
    pending = b""
    while block := os.read(stream.fileno(), 4096):
        *lines, pending = (pending + block).replace(b"\r", b"\n").split(b"\n")
        yield from (_decode(line).strip() for line in lines if line.strip())
    if pending.strip():
        yield _decode(pending).strip()


def _feed(pipe: IO[bytes], data: bytes) -> None:
    try:
        pipe.write(data)
    except BrokenPipeError:
        return  # git ended first; its exit code tells why
    finally:
        _close(pipe)


def _close(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except BrokenPipeError:
        return  # what was left in the buffer has no reader any more


def _limit_memory(pid: int) -> None:
    """A few crafted objects of a repository can stand for ten billion paths; what git maps of packs is not counted."""
    if hasattr(resource, "prlimit"):  # Linux
        try:
            resource.prlimit(pid, resource.RLIMIT_DATA, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
        except (ProcessLookupError, PermissionError):
            return  # it has ended, or changed its user


def _stop_late(process: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """git and everything it started (ssh, upload-pack): it leads a session of its own."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return  # ended just now


def _decode(data: bytes) -> str:
    return data.decode("utf-8", "replace")
