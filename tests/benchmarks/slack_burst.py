"""Many mentions at once: `.venv/bin/python -m tests.benchmarks.slack_burst [--mentions N] [--without …]`.

It starts a system of its own beside a local Slack, lets people write all at the same moment, and prints how long Slack
waited for each acknowledgment; then it waits until every one is answered in its thread. `--without valkey`, `--without
gateway` and `--without slack` (its Web API takes requests and is silent) do so while that part is away.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sahur.embedded.services.valkey import Valkey
from tests import services
from tests.e2e.slack_stage import Stage, open_stage
from tests.fakes.slack import Delivery, Script
from tests.fakes.slack.acting import Said
from tests.services import free_port
from tests.waiting import wait_for

CHANNELS = 10
PARTS = ("nothing", "valkey", "gateway", "slack")
HANGING = Script(status=503, delay=20.0)
ANSWER_SECONDS = 1_500.0
"""How long all answers may take: Slack lets 50 cards a minute be edited in a workspace."""


@dataclass
class Burst:
    """What became of it. `deliveries` are two for each mention: the message and the mention."""

    said: list[Said]

    @property
    def deliveries(self) -> list[Delivery]:
        return [each for said in self.said for each in said.deliveries]

    @property
    def first_tries(self) -> list[float]:
        """Seconds until the first delivery was answered or given up, sorted."""
        return sorted(each.tries[0].seconds for each in self.deliveries)

    @property
    def in_time(self) -> int:
        """How many were acknowledged at the first delivery, which Slack gives three seconds."""
        return sum(each.tries[0].is_acknowledged for each in self.deliveries)

    def told(self) -> str:
        seconds = self.first_tries
        p95 = seconds[int(len(seconds) * 0.95)]
        return (
            f"{len(self.said)} mentions, {len(seconds)} deliveries: p50 {statistics.median(seconds):.2f} s, p95 {p95:.2f} s, "
            f"most {seconds[-1]:.2f} s; {self.in_time} at the first try, "
            f"{len([each for each in self.deliveries if not each.is_acknowledged])} never"
        )


def burst(stage: Stage, mentions: int) -> Burst:
    """Write all of them at the same moment, in several channels, and wait until Slack has delivered."""
    channels = [f"C0BURST{number}" for number in range(CHANNELS)]
    for channel in channels:
        if channel not in stage.slack.places:
            stage.slack.add_channel(channel, channel.lower())
    ready, said, lock = threading.Barrier(mentions), list[Said](), threading.Lock()

    def write(number: int) -> None:
        ready.wait(60)
        written = stage.slack.acting.mentions(
            channels[number % CHANNELS], f"Screen {number} beeps: code {number:04}-{os.getpid()}"
        )
        with lock:
            said.append(written)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(mentions)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    for written in said:
        written.wait(120)
    return Burst(said)


def unanswered(stage: Stage, found: Burst) -> list[str]:
    """The threads that have no answer yet."""
    return [said.ts for said in found.said if len(stage.posts(said.ts, "answer", said.channel)) != 1]


def wait_for_answers(stage: Stage, found: Burst, seconds: float = ANSWER_SECONDS) -> None:
    """Until each mention has one answer in its thread. Fails if one stays without."""

    def all_answered() -> bool:
        time.sleep(1)
        return not unanswered(stage, found)

    wait_for(all_answered, seconds, f"{len(found.said)} answers")


@contextmanager
def away(stage: Stage, part: str, valkey: Valkey) -> Iterator[None]:
    """A part of what stands around the door is not there."""
    if part == "valkey":
        stage.valkey.kill()
        stage.valkey.wait(60)
    elif part == "gateway":
        stage.system.kill("mcp")
    elif part == "slack":
        for method in ("chat.postMessage", "chat.update", "conversations.replies", "conversations.info", "users.info"):
            stage.slack.script(method, *[HANGING] * 2_000)
    try:
        yield
    finally:
        if part == "valkey":
            stage.valkey = valkey.start(stage.system.folder / "valkey.log")
        elif part == "gateway":
            stage.system.start("mcp")
        stage.slack.scripts.clear()


@contextmanager
def open_burst_stage(folder: Path) -> Iterator[tuple[Stage, Valkey]]:
    """A stage with a Valkey of its own, which can be stopped."""
    valkey = Valkey(folder / "valkey", free_port())
    process = valkey.start(folder / "valkey.log")
    try:
        with open_stage(folder, REDIS_URL=valkey.url(), SAHUR_THROTTLE_USER="100000/min") as stage:
            stage.valkey = process
            # Again at once, after 12 seconds and after a minute: what is late must not meet its own repetition.
            stage.slack.deliveries.hurry = 0.2
            yield stage, valkey
            process = stage.valkey
    finally:
        process.kill()
        process.wait(60)


def cpu_seconds(stage: Stage) -> float:
    """What the web process has used until now (proc(5))."""
    fields = Path(f"/proc/{stage.system.processes['web'].pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.slack_burst", description=__doc__)
    parser.add_argument("--mentions", type=int, default=200)
    parser.add_argument("--without", choices=PARTS, nargs="*", default=["nothing"], help="what is away during the burst")
    parser.add_argument("--no-answers", action="store_true", help="do not wait until all are answered")
    options = parser.parse_args()
    services.start()
    with tempfile.TemporaryDirectory(prefix="sahur-burst-") as folder, open_burst_stage(Path(folder)) as (stage, valkey):
        stage.slack.acting.mentions("C0GENERAL", "A first one, so that all is warm").wait()
        for part in options.without:
            load = os.getloadavg()[0]
            before = cpu_seconds(stage)
            with away(stage, part, valkey):
                found = burst(stage, options.mentions)
            used = cpu_seconds(stage) - before
            print(f"without {part} (load {load:.1f}, {used:.1f} s of CPU of the web process): {found.told()}", flush=True)
            if not options.no_answers:
                started = time.monotonic()
                wait_for_answers(stage, found)
                print(f"  all answered {time.monotonic() - started:.0f} s later", flush=True)


if __name__ == "__main__":
    main()
