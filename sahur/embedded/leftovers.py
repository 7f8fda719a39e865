"""Finds and ends what a killed supervisor of this clone left running. By pid file and start time, never by name."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Sequence
from pathlib import Path

import psutil

_CLOCK_SLACK_SECONDS = 2.0


def process_of(pid_file: Path) -> psutil.Process | None:
    """The process that wrote the file, if it still runs.

    A process that got the same pid later has started after the file was written.
    """
    try:
        written_at = pid_file.stat().st_mtime
        process = psutil.Process(int(pid_file.read_text()))
        if process.create_time() > written_at + _CLOCK_SLACK_SECONDS or process.status() == psutil.STATUS_ZOMBIE:
            return None
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
        return None
    return process


def end(pid_file: Path, *, how: signal.Signals = signal.SIGTERM, seconds: float = 10) -> bool:
    """Ask the process of the file to stop, then kill its whole group. True if there was one."""
    process = process_of(pid_file)
    if process is not None:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(how)
            try:
                process.wait(seconds)
            except psutil.TimeoutExpired:
                process.kill()
                process.wait(seconds)
        kill_group(process.pid)
    pid_file.unlink(missing_ok=True)
    return process is not None


def end_all(pid_files: Sequence[Path], seconds: float = 10) -> int:
    """End several at once; returns how many there were."""
    found = [process for process in map(process_of, pid_files) if process is not None]
    for process in found:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    _, stubborn = psutil.wait_procs(found, timeout=seconds)
    for process in stubborn:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(stubborn, timeout=seconds)
    for process in found:
        kill_group(process.pid)
    for pid_file in pid_files:
        pid_file.unlink(missing_ok=True)
    return len(found)


def kill_group(leader: int) -> None:
    """Kill what is left of the process group of an ended process: pool children that lost their parent."""
    if psutil.pid_exists(leader):
        # The kernel reuses no number that a group still has: the group is empty and this is a stranger.
        return
    members = [process for process in psutil.process_iter() if _is_in_group(process, leader)]
    for process in members:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(members, timeout=5)


def _is_in_group(process: psutil.Process, leader: int) -> bool:
    try:
        return os.getpgid(process.pid) == leader
    except (ProcessLookupError, PermissionError):
        return False
