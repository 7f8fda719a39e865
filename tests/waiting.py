"""Wait for something to become true, instead of sleeping for a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

PROCESSES_SECONDS = 180.0
"""The bound for what several processes must come round to: a starved machine takes a minute over a second's work."""


def wait_for(condition: Callable[[], Any], seconds: float = 60, what: str = "what the test needs") -> Any:
    """The first true value of the condition. Fails after `seconds`: a bound for broken code, never what a test measures."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s for {what}"
        time.sleep(0.02)
    return value
