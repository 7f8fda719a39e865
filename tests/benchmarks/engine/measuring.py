"""A closed loop of clients, and what is told of it."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from tests.benchmarks.engine import cpu


@dataclass(frozen=True)
class Times:
    """Of one run, in seconds from its submission. `marks` are further moments, by name."""

    first: float
    done: float
    marks: dict[str, float] = field(default_factory=dict)


class Case(Protocol):
    """An engine that can run the graph."""

    name: str

    def run_once(self, client: int) -> Times:
        """Run it to the end, as the client of this number (from 0)."""
        ...


@dataclass
class Series:
    """Everything measured of one case at one concurrency, over all rounds."""

    times: list[Times] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    """Runs per second, one figure a round."""
    cpu: Counter[str] = field(default_factory=Counter)
    """Seconds of processor by process tree, over all runs."""

    def as_figures(self) -> dict[str, object]:
        figures: dict[str, object] = {
            "runs": len(self.times),
            "runs_per_s": [round(rate, 1) for rate in self.rates],
            "first_ms": spread([times.first for times in self.times]),
            "done_ms": spread([times.done for times in self.times]),
            "cpu_ms": self.cpu_ms(),
        }
        for mark in sorted({name for times in self.times for name in times.marks}):
            figures[f"{mark}_ms"] = spread([times.marks[mark] for times in self.times if mark in times.marks])
        return figures

    def cpu_ms(self) -> dict[str, float]:
        """Of one run, by process tree, and their sum; trees that did next to nothing are left out."""
        each = {name: round(seconds * 1000 / len(self.times), 1) for name, seconds in self.cpu.items()}
        return {"sum": round(sum(each.values()), 1)} | {name: cost for name, cost in each.items() if cost >= 0.5}


def closed_loop(case: Case, series: Series, *, clients: int, runs: int, trees: Mapping[str, int] | None = None) -> None:
    """So many runs, each client starting its next one when its last one has ended. Raises what a run raised."""
    numbers = itertools.count()
    found: list[Times] = []
    errors: list[BaseException] = []

    def work(client: int) -> None:
        try:
            while next(numbers) < runs and not errors:
                found.append(case.run_once(client))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(client,)) for client in range(clients)]
    before = cpu.used(trees or {})
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    series.rates.append(len(found) / (time.perf_counter() - started))
    series.times += found
    series.cpu.update({name: seconds - before[name] for name, seconds in cpu.used(trees or {}).items()})


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered) + 0.5) - 1))]


def spread(seconds: Sequence[float]) -> dict[str, float]:
    """Milliseconds: median, 90th and 99th percentile, and the largest."""
    if not seconds:
        return {}
    shares = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "max": 1.0}
    return {name: round(percentile(seconds, share) * 1000, 1) for name, share in shares.items()}
