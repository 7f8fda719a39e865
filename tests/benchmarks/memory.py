"""Memory of the system at rest: the sum of PSS, so that pages shared between processes count once."""

from __future__ import annotations

import os

import psutil

from tests.e2e.system import System


def measure(system: System) -> dict[str, float]:
    """Megabytes by process, with all of its children; PostgreSQL and Valkey of the session included."""
    groups = {name: process.pid for name, process in system.processes.items()}
    by_name = {name: _pss(pid) for name, pid in groups.items()}
    for child in psutil.Process(os.getpid()).children():
        name = child.name()
        if child.pid not in groups.values() and name in ("postgres", "valkey-server"):
            by_name[name] = _pss(child.pid)
    by_name["total"] = sum(by_name.values())
    return {name: round(size, 1) for name, size in by_name.items()}


def _pss(pid: int) -> float:
    root = psutil.Process(pid)
    total = 0
    for process in (root, *root.children(recursive=True)):
        total += process.memory_full_info().pss
    return total / 2**20
