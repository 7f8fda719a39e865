"""Seconds of processor that process trees have used: on a busy machine the only figure that others do not stretch."""

from __future__ import annotations

import os
from collections.abc import Mapping

import psutil

OWN = "the benchmark itself"


def used(trees: Mapping[str, int]) -> dict[str, float]:
    """By name of the tree, whose root has this pid; ended children count, and this process too, without its children."""
    own = psutil.Process(os.getpid()).cpu_times()
    return {OWN: own.user + own.system} | {name: _tree(pid) for name, pid in trees.items()}


def _tree(pid: int) -> float:
    total = 0.0
    root = psutil.Process(pid)
    for process in (root, *root.children(recursive=True)):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def services() -> dict[str, int]:
    """PostgreSQL and Valkey among this process's children; the busiest of each is the one that is measured."""
    found: dict[str, psutil.Process] = {}
    for child in psutil.Process(os.getpid()).children():
        name = child.name()
        if name in ("postgres", "valkey-server") and (name not in found or child.create_time() > found[name].create_time()):
            found[name] = child
    return {name: process.pid for name, process in found.items()}
