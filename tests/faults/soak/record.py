"""What happened: counts, durations and violations, from all threads, in constant memory."""

from __future__ import annotations

import gc
import os
import statistics
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field

import psutil

MAX_VIOLATIONS = 200
MAX_SAMPLES = 2_000


@dataclass
class Record:
    """Groups of counters (`runs`, `faults`, …), samples of durations in seconds, and what must not have happened."""

    seed: int
    started: float = field(default_factory=time.monotonic)
    counts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    samples: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    violations: list[str] = field(default_factory=list)
    violation_count: int = 0
    memory_mb: list[float] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, group: str, name: str, by: int = 1) -> None:
        with self._lock:
            self.counts[group][name] += by

    def measure(self, name: str, seconds: float) -> None:
        with self._lock:
            if len(self.samples[name]) < MAX_SAMPLES:
                self.samples[name].append(seconds)

    def violation(self, text: str) -> None:
        with self._lock:
            self.violation_count += 1
            if len(self.violations) < MAX_VIOLATIONS:
                self.violations.append(f"{self.clock()} {text}")
        self.say(f"VIOLATION {text}")

    def clock(self) -> str:
        """Minutes and seconds since the start."""
        minutes, seconds = divmod(int(time.monotonic() - self.started), 60)
        return f"{minutes:02}:{seconds:02}"

    def say(self, text: str) -> None:
        print(f"{self.clock()} {text}", flush=True)

    def say_minute(self) -> None:
        """The line of each minute."""
        # Closed sockets are cycles of few objects, whose large buffers the collector does not count.
        gc.collect()
        memory = psutil.Process().memory_info().rss / 2**20
        self.memory_mb.append(round(memory, 1))
        with self._lock:
            parts = [f"{group}: {listed(self.counts[group])}" for group in ("runs", "faults", "doors")]
            load = os.getloadavg()[0]
            parts += [f"violations: {self.violation_count}", f"load {load:.1f}", f"memory of the test {memory:.0f} MB"]
        self.say("SUMMARY " + "; ".join(parts))

    def figures(self) -> dict[str, object]:
        """Everything, for a file."""
        return {
            "seed": self.seed,
            "minutes": round((time.monotonic() - self.started) / 60, 1),
            "counts": {group: dict(counter) for group, counter in self.counts.items()},
            "seconds": {name: spread(values) for name, values in self.samples.items()},
            "memory_of_the_test_mb": self.memory_mb,
            "violations": self.violations,
            "violation_count": self.violation_count,
        }

    def say_table(self) -> None:
        """The table at the end."""
        print(f"\n{'soak':40} seed {self.seed}, {(time.monotonic() - self.started) / 60:.1f} minutes")
        for group, counter in self.counts.items():
            for name, number in sorted(counter.items()):
                print(f"{group + ': ' + name:70} {number}")
        for name, values in self.samples.items():
            print(f"{'seconds: ' + name:70} {spread(values)}")
        if self.memory_mb:
            told = f"{self.memory_mb[0]}, {max(self.memory_mb)}, {self.memory_mb[-1]}"
            print(f"{'memory of the test, MB: first, most, last':70} {told}")
        print(f"{'violations':70} {self.violation_count}", flush=True)


def listed(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(counter.items())) or "none"


def spread(values: list[float]) -> str:
    ordered = sorted(values)
    at = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return f"n {len(ordered)}, p50 {statistics.median(ordered):.2f}, p95 {at:.2f}, most {ordered[-1]:.2f}"
