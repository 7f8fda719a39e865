"""Does one fault after the other, at random moments."""

from __future__ import annotations

import random
import signal
import threading
import time
import traceback

from tests.fakes.slack import Script
from tests.faults.soak.doors import CHANNEL
from tests.faults.soak.faults import FAULTS, WORKERS, signal_group
from tests.faults.soak.record import Record
from tests.faults.soak.surroundings import Surroundings

SETTLED_SECONDS = 300
SLACK_FAULTS = (
    Script(status=500, error="internal_error"),
    Script(status=429, error="ratelimited", retry_after=1),
    Script(after_work=True),
    Script(delay=3.0),
)


class Killer(threading.Thread):
    """Every 5 to 40 s, until the closing time. All faults come once, shuffled, before one comes again."""

    def __init__(self, world: Surroundings, record: Record, rng: random.Random, pause: tuple[float, float]) -> None:
        super().__init__(name="killer", daemon=True)
        self._world = world
        self._record = record
        self._random = rng
        self._pause = pause
        self._coming: list[str] = []

    def run(self) -> None:
        while not self._world.closing.wait(self._random.uniform(*self._pause)):
            if not self._coming:
                self._coming = self._random.sample(list(FAULTS), len(FAULTS))
            name = self._coming.pop()
            self._record.say(f"fault: {name}")
            self._record.count("faults", name)
            self._trouble_slack()
            try:
                FAULTS[name](self._world, self._random, self._record)
            except Exception:
                if self._world.is_over.is_set():
                    return
                self._record.violation(f"the fault {name} could not be done: {traceback.format_exc()}")
        for name in WORKERS:
            signal_group(self._world, name, signal.SIGCONT)

    def _trouble_slack(self) -> None:
        """Now and then Slack has its own troubles, too."""
        if self._random.random() < 0.3:
            method = self._random.choice(["chat.postMessage", "chat.update", "conversations.replies"])
            self._world.slack.script(method, self._random.choice(SLACK_FAULTS))
        self._tidy_slack()

    def _tidy_slack(self) -> None:
        """Of old messages only what the checks need is kept, so that memory stays flat."""
        slack = self._world.slack
        del slack.calls[:-50]
        settled = time.time() - SETTLED_SECONDS
        with slack.lock:
            for message in slack.channels[CHANNEL]:
                if float(message["ts"]) < settled:
                    message.pop("blocks", None)
                    message.pop("text", None)
