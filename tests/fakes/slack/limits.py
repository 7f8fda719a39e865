"""Slack's rate limits: calls a minute by method, and one message a second in each channel.

https://docs.slack.dev/apis/web-api/rate-limits. Off unless a test sets `slack.has_limits`; `slack.minute_seconds` makes
Slack's minute shorter.
"""

from __future__ import annotations

import math
import time
from collections import defaultdict, deque
from typing import TYPE_CHECKING

from tests.fakes.slack.methods import METHODS
from tests.fakes.slack.state import Arguments

if TYPE_CHECKING:
    from tests.fakes.slack.state import Slack

BURST = 5
"""Slack lets short bursts of messages pass in a channel; how long they may be it does not say."""


class Limits:
    """Counts calls by workspace and method, messages by channel."""

    def __init__(self, slack: Slack) -> None:
        self._slack = slack
        self._calls: dict[tuple[str, str], deque[float]] = defaultdict(deque)
        self.refused = 0
        """How many calls got a 429."""

    def wait_seconds(self, workspace: str, method: str, arguments: Arguments) -> int:
        """What `Retry-After` says; 0: the call may pass, and is counted."""
        if not self._slack.has_limits or method not in METHODS:
            return 0
        second = self._slack.minute_seconds / 60
        if method == "chat.postMessage":
            key, most, window = (str(arguments.get("channel")), method), BURST, BURST * second
        else:
            key, most, window = (workspace, method), METHODS[method].per_minute, self._slack.minute_seconds
        with self._slack.lock:
            now, passed = time.monotonic(), self._calls[key]
            while passed and passed[0] <= now - window:
                passed.popleft()
            if len(passed) < most:
                passed.append(now)
                return 0
            self.refused += 1
            return max(1, math.ceil(passed[0] + window - now))
