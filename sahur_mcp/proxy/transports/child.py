"""Runs the server of a stdio upstream so that nothing of it outlives the gateway: `python -IS child.py COMMAND ARGUMENT…`.

A guardian process stands between the two. It waits for the server, and on Linux it is the "subreaper" (prctl(2)) of all
that the server starts: `npx`, shell scripts and what they leave behind stay its descendants, even in sessions of their own.
When the server ends, when the gateway asks (SIGTERM), or when the gateway has died in whatever way, it ends all of them:
SIGTERM, a moment of grace, SIGKILL. Should the guardian itself be killed, the kernel kills the server (PR_SET_PDEATHSIG).

The server talks with the gateway through standard input and output directly. What it writes to standard error goes through
the guardian, which passes on a bounded amount: a server that floods its log cannot fill ours.

Run as a plain script, with the standard library only.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import sys
import time

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
GRACE_SECONDS = 1.0
"""Between SIGTERM and SIGKILL. The SDK's client allows two seconds before it kills the guardian itself."""
KILL_SECONDS = 5.0
LOOK_SECONDS = 0.5
"""How often the guardian looks for its parent where the kernel cannot tell it of the parent's end."""
LOG_BYTES = 65_536
LOG_SECONDS = 10.0
"""So much of standard error is passed on in so many seconds."""
IS_LINUX = sys.platform == "linux"


def main(arguments: list[str]) -> int:
    """Run a command to its end. Gives its exit status as a shell does: 128 and the number of the signal that ended it."""
    if not arguments:
        sys.stderr.write("usage: child.py COMMAND [ARGUMENT...]\n")
        return 2
    parent = os.getppid()
    if IS_LINUX:
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    wake = _wake_on_signals()
    log, server_log = os.pipe()
    guardian_id = os.getpid()
    server = os.fork()
    if server == 0:
        _become(arguments, guardian_id, server_log)
    os.close(server_log)
    _let_go_of_the_pipes()
    guardian = Guardian(server, parent, wake, log)
    guardian.watch()
    guardian.end_all()
    return guardian.status


class Guardian:
    """Waits for one server, and ends it with all that it started."""

    def __init__(self, server: int, parent: int, wake: int, log: int) -> None:
        self.status = 128 + signal.SIGKILL
        self._server = server
        self._parent = parent
        self._wake = wake
        self._log = LogPipe(log)
        self._has_ended = False

    def watch(self) -> None:
        """Return when the server has ended, the gateway has died, or somebody asks for the end."""
        poll = select.poll()
        poll.register(self._wake, select.POLLIN)
        poll.register(self._log.descriptor, select.POLLIN)
        parent = _descriptor_of(self._parent)
        if parent is not None:
            poll.register(parent, select.POLLIN)
        while os.getppid() == self._parent:
            ready = {descriptor for descriptor, _ in poll.poll(None if parent is not None else LOOK_SECONDS * 1000)}
            if self._log.descriptor in ready and not self._log.pass_on():
                poll.unregister(self._log.descriptor)
            if self._wake in ready:
                asked = set(os.read(self._wake, 1024)) - {signal.SIGCHLD}
                self._reap()
                if asked or self._has_ended:
                    return

    def end_all(self) -> None:
        """End all descendants, however deep; returns when none is left (or none dies, after some seconds)."""
        self._send(signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        # A server that has already ended gets no grace for what it left behind.
        while not self._has_ended and self._descendants() and time.monotonic() < deadline:
            time.sleep(0.05)
            self._reap()
            self._log.pass_on()
        deadline = time.monotonic() + KILL_SECONDS
        while self._descendants() and time.monotonic() < deadline:
            self._send(signal.SIGKILL)
            time.sleep(0.01)
            self._reap()
        self._log.pass_on()
        self._log.tell_what_was_dropped()

    def _reap(self) -> None:
        with contextlib.suppress(ChildProcessError):
            while True:
                ended, status = os.waitpid(-1, os.WNOHANG)
                if ended == 0:
                    return
                if ended == self._server:
                    code = os.waitstatus_to_exitcode(status)
                    self.status = code if code >= 0 else 128 - code
                    self._has_ended = True

    def _send(self, number: int) -> None:
        for process in self._descendants():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(process, number)

    def _descendants(self) -> list[int]:
        if IS_LINUX:
            return descendants(os.getpid())
        # Without a subreaper only the server is known for sure; its own children have the end of their input.
        return [] if self._has_ended else [self._server]


class LogPipe:
    """Standard error of the server, passed on in bounded amounts."""

    def __init__(self, descriptor: int) -> None:
        os.set_blocking(descriptor, False)
        self.descriptor = descriptor
        self._left = LOG_BYTES
        self._since = time.monotonic()
        self._dropped = 0

    def pass_on(self) -> bool:
        """Read what is there. False at its end."""
        for _ in range(16):
            try:
                data = os.read(self.descriptor, 65_536)
            except BlockingIOError:
                return True
            if not data:
                return False
            self._write(data)
        return True

    def tell_what_was_dropped(self) -> None:
        if self._dropped:
            _complain(f"\n[{self._dropped} bytes of this server's log were left out]\n".encode())
            self._dropped = 0

    def _write(self, data: bytes) -> None:
        if time.monotonic() - self._since > LOG_SECONDS:
            self.tell_what_was_dropped()
            self._left, self._since = LOG_BYTES, time.monotonic()
        kept = data[: self._left]
        self._left -= len(kept)
        self._dropped += len(data) - len(kept)
        if kept:
            _complain(kept)


def descendants(root: int) -> list[int]:
    """The processes below one, from `/proc`; those that have ended and only wait to be reaped are not counted."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):  # noqa: PTH208 (a plain script: no pathlib for a walk that must be quick)
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat", "rb") as file:  # noqa: PTH123
                # The name in brackets may hold anything, brackets too: what counts comes after the last one.
                state, parent = file.read().rpartition(b")")[2].split()[:2]
        except (OSError, ValueError):
            continue
        if state not in (b"Z", b"X"):
            children.setdefault(int(parent), []).append(int(entry))
    found: list[int] = []
    waiting = [root]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def _wake_on_signals() -> int:
    """A descriptor from which the numbers of the signals that arrived can be read."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, lambda *_: None)
    return reader


def _become(arguments: list[str], guardian: int, log: int) -> None:
    """In the forked child: turn into the server. Does not return."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    if IS_LINUX:
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != guardian:
        # It died before the kernel knew of the wish.
        os._exit(1)
    os.dup2(log, 2)
    try:
        os.execvp(arguments[0], arguments)
    except OSError as error:
        _complain(f"{arguments[0]}: {error.strerror}\n".encode())
    os._exit(127)


def _let_go_of_the_pipes() -> None:
    """Otherwise the gateway would not see that the server closed its standard input or output."""
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)


def _descriptor_of(process: int) -> int | None:
    """Becomes readable when the process ends (pidfd_open(2)); None where there is no such thing."""
    if not hasattr(os, "pidfd_open"):
        return None
    try:
        return os.pidfd_open(process)
    except OSError:
        return None


def _complain(data: bytes) -> None:
    with contextlib.suppress(OSError):
        os.write(2, data)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
