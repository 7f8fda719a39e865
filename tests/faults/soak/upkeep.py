"""Starts again what died, after a random pause: the part of a supervisor."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from contextlib import suppress

from tests.faults.soak.record import Record
from tests.faults.soak.surroundings import Surroundings

MAX_PAUSE_SECONDS = 5.0


class Upkeep(threading.Thread):
    """Runs until `end`. Process groups that were left behind by a killed parent are ended at the end, too."""

    def __init__(self, world: Surroundings, record: Record, rng: random.Random) -> None:
        super().__init__(name="upkeep", daemon=True)
        self._world = world
        self._record = record
        self._random = rng
        self._ending = threading.Event()
        self._due: dict[str, float] = {}
        self._groups: set[int] = set()

    def run(self) -> None:
        system = self._world.system
        while not self._ending.wait(0.2):
            for name, process in list(system.processes.items()):
                self._groups.add(process.pid)
                if process.poll() is None:
                    continue
                due = self._due.setdefault(name, time.monotonic() + self._random.uniform(0, MAX_PAUSE_SECONDS))
                if time.monotonic() >= due:
                    del self._due[name]
                    self._record.count("processes started again", name)
                    system.start(name)

    def end(self) -> None:
        """No more starts; what is left of earlier processes is killed."""
        self._ending.set()
        self.join(10)
        current = {process.pid for process in self._world.system.processes.values()}
        for group in self._groups - current:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGKILL)
