"""Loopback ports for one system, claimed so that two systems that start in the same moment do not choose the same."""

from __future__ import annotations

import fcntl
import os
import socket
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from sahur_core.errors import EmbeddedError

_NEIGHBORS = 50
"""How many ports above the wanted one are tried before any free one is taken."""


def is_free(port: int) -> bool:
    """Whether a server could listen there now. A connection of an ended server that lingers does not count."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@dataclass
class PortClaims:
    """Ports that are ours until `release`, also against other systems of the same user that have not bound theirs yet."""

    _held: dict[int, IO[str]] = field(default_factory=dict)

    def claim(self, wanted: int) -> int:
        """The wanted port, else the next free one above it, else any free one. Raises `EmbeddedError` if there is none."""
        for port in range(wanted, min(wanted + _NEIGHBORS, 65_536)):
            if self._take(port):
                return port
        for _ in range(_NEIGHBORS):
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = int(probe.getsockname()[1])
            if self._take(port):
                return port
        raise EmbeddedError(
            "No free port was found on this machine.", next_step="End some programs that listen on ports and try again."
        )

    def _take(self, port: int) -> bool:
        if port in self._held:
            return False
        holder = (Path(tempfile.gettempdir()) / f"sahur-{os.geteuid()}-port-{port}.lock").open("a")
        try:
            fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder.close()
            return False
        if not is_free(port):
            holder.close()
            return False
        self._held[port] = holder
        return True

    def release(self) -> None:
        for holder in self._held.values():
            # Unlinked while it is still locked, so that nobody waits on a file that is gone.
            Path(holder.name).unlink(missing_ok=True)
            holder.close()
        self._held.clear()
