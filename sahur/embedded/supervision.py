"""supervisord for one home: its configuration, its start and end, and what it says.

supervisord restarts what dies, with a growing pause, and ends its groups in reverse order of priority. It runs in a
session of its own, so that Ctrl-C in the terminal reaches only `manage.py up`, which then ends it in good order.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import xmlrpc.client
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from supervisor.xmlrpc import Faults, SupervisorTransport

from sahur.embedded import leftovers
from sahur.embedded.home import Home
from sahur.embedded.processes import Process
from sahur_core.errors import EmbeddedError

_STARTS_BEFORE_GIVING_UP = 10
_MAIN = Path(__file__).with_name("supervisor_main.py")
_SPAWNED = re.compile(r"spawned: '([\w-]+)' with pid (\d+)")
_EXITED = re.compile(r"exited: ([\w-]+) \((.+?); (?:not )?expected\)")
_GAVE_UP = re.compile(r"gave up: ([\w-]+) ")


@dataclass
class Supervision:
    """One supervisord and its processes. `say` gets a line, for people, about each process that ends by itself."""

    home: Home
    directory: Path
    """Where the processes run: the root of the clone."""
    processes: Sequence[Process]
    say: Callable[[str], None]
    gave_up: set[str] = field(default_factory=set)
    """Processes that do not stay up; `revive` tries them again."""
    ended: Counter[str] = field(default_factory=Counter)
    """How often each process ended by itself."""
    _supervisor: subprocess.Popen[str] | None = None
    _reader: threading.Thread | None = None
    _pids: dict[str, int] = field(default_factory=dict)
    _endings: dict[str, str] = field(default_factory=dict)

    # --- Start and end ------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start supervisord, without any process yet. Raises `EmbeddedError`."""
        for process in self.processes:
            script = process.start_script(self.directory, self.home.pid_file(process.name))
            (self.home.run_dir / f"{process.name}.sh").write_text(script)
        (self.home.run_dir / "supervisor.conf").write_text(self._configuration())
        self._socket.unlink(missing_ok=True)
        self._supervisor = subprocess.Popen(
            [sys.executable, "-I", str(_MAIN), str(os.getpid()), "--configuration", "run/supervisor.conf"],
            cwd=self.home.directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        started = threading.Event()
        self._reader = threading.Thread(target=self._read, args=(self._supervisor, started), name="supervisor", daemon=True)
        self._reader.start()
        if not started.wait(20) or not self.is_alive():
            self.stop()
            raise EmbeddedError("The supervisor did not start.", next_step=f"Its log: {self.home.log('supervisor')}")

    def is_alive(self) -> bool:
        return self._supervisor is not None and self._supervisor.poll() is None

    def stop(self, seconds: float = 45) -> None:
        """End everything in reverse order; what does not end in time is killed."""
        if self._supervisor is None:
            return
        if self.is_alive():
            self._supervisor.send_signal(signal.SIGTERM)
            try:
                self._supervisor.wait(seconds)
            except subprocess.TimeoutExpired:
                self._supervisor.kill()
                self._supervisor.wait()
        self.end_leftovers()
        if self._reader is not None:
            self._reader.join(5)
        self._supervisor = None

    def end_leftovers(self) -> int:
        """End what an earlier supervisor of this home left running: it first, PostgreSQL last. Returns how many there were."""
        count = int(leftovers.end(self.home.pid_file("supervisor"), seconds=30))
        services = [process.name for process in self.processes if process.group != "app"]
        files = sorted(self.home.run_dir.glob("*.pid"))
        count += leftovers.end_all([file for file in files if file.stem not in services])
        for process in sorted(self.processes, key=lambda process: -process.priority):
            if process.name in services:
                how = signal.Signals[f"SIG{process.stop_signal}"]
                count += int(leftovers.end(self.home.pid_file(process.name), how=how, seconds=process.stop_seconds))
        return count

    def kill(self) -> None:
        """End everything by force."""
        if self._supervisor is not None:
            self._supervisor.kill()
        for pid_file in self.home.run_dir.glob("*.pid"):
            process = leftovers.process_of(pid_file)
            if process is not None:
                process.kill()

    # --- Processes ----------------------------------------------------------------------------------------------------

    def start_process(self, process: Process) -> None:
        """Start one process and return at once."""
        try:
            self._rpc.startProcess(process.rpc_name, False)
        except (xmlrpc.client.Fault, OSError) as error:
            if isinstance(error, xmlrpc.client.Fault) and error.faultCode == Faults.SPAWN_ERROR:
                # It has ended already; supervisord tries again, and says so when it gives up.
                return
            raise EmbeddedError(f"{process.name} could not be started: {error}", next_step=self.advice(process.name)) from error

    def revive(self) -> None:
        """Try the processes that were given up once more."""
        for process in self.processes:
            if process.name in self.gave_up:
                self.gave_up.discard(process.name)
                self.start_process(process)

    def cannot_start(self, name: str) -> bool:
        """It was given up, or ends again and again, though each time later than supervisord would call a failed start."""
        return name in self.gave_up or self.ended[name] >= _STARTS_BEFORE_GIVING_UP

    def advice(self, name: str) -> str:
        """The way on for a process that does not run: the end of its log."""
        log = self.home.log(name)
        lines = log.read_text(errors="replace").splitlines()[-5:] if log.exists() else []
        return "\n".join([f"The end of its log ({log}):", *(f"  {line}" for line in lines)])

    @property
    def _socket(self) -> Path:
        return self.home.socket_dir / "supervisor.sock"

    @property
    def _rpc(self) -> xmlrpc.client.ServerProxy:
        transport = SupervisorTransport(None, None, f"unix://{self._socket}")
        proxy = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)
        return proxy.supervisor  # type: ignore[return-value]

    # --- What it says -------------------------------------------------------------------------------------------------

    def _read(self, supervisor: subprocess.Popen[str], started: threading.Event) -> None:
        assert supervisor.stdout is not None  # noqa: S101 - it was started with a pipe
        for line in supervisor.stdout:
            if "supervisord started with pid" in line:
                started.set()
            self._notice(line)
        started.set()

    def _notice(self, line: str) -> None:
        if match := _SPAWNED.search(line):
            name, self._pids[match[1]] = match[1], int(match[2])
            if ending := self._endings.pop(name, ""):
                self.say(f"{name} {ending}: started again")
        elif match := _EXITED.search(line):
            self.ended[match[1]] += 1
            self._endings[match[1]] = ending_in_words(match[2])
            if match[1] in self._pids:
                leftovers.kill_group(self._pids.pop(match[1]))
        elif match := _GAVE_UP.search(line):
            self.gave_up.add(match[1])
            self._endings.pop(match[1], None)
            self.say(f"{match[1]} does not stay up; it is tried again in a minute. {self.advice(match[1])}")

    # --- Configuration ------------------------------------------------------------------------------------------------

    def _configuration(self) -> str:
        # Only relative paths below the home: supervisord takes `%`, ` ;` and ` #` in a path for something else.
        names = ",".join(process.name for process in self.processes if process.group == "app")
        return "\n".join(
            [
                "[supervisord]",
                "nodaemon=true",
                # Without it supervisord warns, and warns, that root is root.
                *(["user=root"] if os.geteuid() == 0 else []),
                "logfile=logs/supervisor.log",
                "logfile_maxbytes=2MB",
                "logfile_backups=1",
                "pidfile=run/supervisor.pid",
                "childlogdir=logs",
                "[unix_http_server]",
                f"file={self._socket}",
                "chmod=0700",
                "[rpcinterface:supervisor]",
                "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface",
                *([f"[group:app]\nprograms={names}\npriority=100"] if names else []),
                *(_section(process) for process in self.processes),
                "",
            ]
        )


def _section(process: Process) -> str:
    return f"""[program:{process.name}]
command=/bin/sh run/{process.name}.sh
priority={process.priority}
autostart=false
autorestart=true
startsecs=2
startretries={_STARTS_BEFORE_GIVING_UP}
stopsignal={process.stop_signal}
stopwaitsecs={process.stop_seconds}
killasgroup=true
redirect_stderr=true
stdout_logfile=logs/{process.name}.log
stdout_logfile_maxbytes=5MB
stdout_logfile_backups=2"""


def ending_in_words(reason: str) -> str:
    """How a process ended, from supervisord's words: `terminated by SIGKILL`, `exit status 1`."""
    if reason.startswith("terminated by SIG"):
        name = reason.removeprefix("terminated by ").split()[0]
        number = signal.Signals[name].value if name in signal.Signals.__members__ else name
        return f"was killed (signal {number})"
    return f"ended ({reason})"
