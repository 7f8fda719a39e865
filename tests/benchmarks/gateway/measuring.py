"""Closed loops of callers, in interleaved rounds: every contestant has its turn in each round, so that a busy machine is
busy for all, and a ratio is taken within a round."""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import httpx2

from tests.benchmarks.engine.measuring import percentile
from tests.benchmarks.gateway.client import Caller, Door, WrongAnswer, http_client
from tests.benchmarks.gateway.processes import Server

DIRECT = "direct"
WARM_UP_CALLS = 1
"""By each caller, before anything is measured."""


@dataclass(frozen=True, order=True)
class Cell:
    """What is measured at once."""

    era: str
    tool: str
    concurrency: int

    def __str__(self) -> str:
        return f"{self.era}, {self.tool}, c={self.concurrency}"


@dataclass
class Contestant:
    name: str
    door: Door
    server: Server | None
    """Whose cost is measured; None for the upstream itself."""
    calls: int = 0
    """All that were made, warm-up included."""
    memory_mb: list[float] = field(default_factory=list)
    """After the warm-up and after each round."""


@dataclass
class Series:
    """Of one contestant in one cell, over all rounds."""

    rounds: list[list[float]] = field(default_factory=list)
    """Seconds of each call without an error."""
    rates: list[float] = field(default_factory=list)
    cpu_seconds: float = 0.0
    upstream_cpu_seconds: float = 0.0
    errors: Counter[str] = field(default_factory=Counter)

    @property
    def times(self) -> list[float]:
        return [seconds for turn in self.rounds for seconds in turn]

    def figures(self, direct: Series) -> dict[str, float | int | dict[str, int] | None]:
        """Milliseconds, calls per second, and the medians over the rounds of the ratio to the upstream itself."""
        times = self.times
        if not times:
            return {"calls": 0, "errors": sum(self.errors.values()), "kinds of errors": dict(self.errors.most_common(3))}

        def ratio(share: float) -> float | None:
            pairs = [(own, floor) for own, floor in zip(self.rounds, direct.rounds, strict=False) if own and floor]
            found = [percentile(own, share) / percentile(floor, share) for own, floor in pairs]
            return round(statistics.median(found), 2) if found else None

        return {
            "calls": len(times),
            "errors": sum(self.errors.values()),
            "kinds of errors": dict(self.errors.most_common(3)),
            "p50_ms": round(percentile(times, 0.5) * 1000, 2),
            "p99_ms": round(percentile(times, 0.99) * 1000, 1),
            "calls_per_s": round(statistics.median(self.rates), 1),
            "p50_ratio": ratio(0.5),
            "p99_ratio": ratio(0.99),
            "cpu_ms": round(self.cpu_seconds * 1000 / len(times), 2),
            "upstream_cpu_ms": round(self.upstream_cpu_seconds * 1000 / len(times), 2),
        }


Results = dict[Cell, dict[str, Series]]


async def measure(
    contestants: Sequence[Contestant],
    upstream: Server,
    cells: Sequence[Cell],
    *,
    rounds: int,
    seconds: float,
    tell: Callable[[str], None],
) -> Results:
    """So many rounds of so many seconds a turn. A contestant that fails altogether has only errors, and harms no other."""
    results: Results = {cell: {contestant.name: Series() for contestant in contestants} for cell in cells}
    for cell in cells:
        async with AsyncExitStack() as stack:
            teams = {contestant.name: await stack.enter_async_context(_team(contestant, cell)) for contestant in contestants}
            for number in range(rounds):
                # Who follows whom changes, in case somebody leaves work behind.
                shift = number % len(contestants)
                for contestant in [*contestants[shift:], *contestants[:shift]]:
                    await _turn(contestant, teams[contestant.name], upstream, cell, results[cell][contestant.name], seconds)
        for contestant in contestants:
            if contestant.server is not None:
                contestant.memory_mb.append(round(contestant.server.memory_mb(), 1))
        tell(f"{cell} is done")
    return results


async def _connect(contestant: Contestant, caller: Caller, cell: Cell) -> None:
    """One call that is not measured, so that connections stand."""
    contestant.calls += 1
    with contextlib.suppress(WrongAnswer, httpx2.HTTPError):
        await caller.call(cell.tool)


@asynccontextmanager
async def _team(contestant: Contestant, cell: Cell) -> AsyncIterator[list[Caller]]:
    """Callers that are warmed up."""
    async with http_client() as http:
        callers = [Caller(http, contestant.door, cell.era, number) for number in range(cell.concurrency)]

        async def warm_up(caller: Caller) -> None:
            try:
                await caller.open()
                for _ in range(WARM_UP_CALLS):
                    contestant.calls += 1
                    await caller.call(cell.tool)
            except (WrongAnswer, httpx2.HTTPError):
                # It shows as errors in the turns that follow.
                return

        await asyncio.gather(*(warm_up(caller) for caller in callers))
        if contestant.server is not None and not contestant.memory_mb:
            contestant.memory_mb.append(round(contestant.server.memory_mb(), 1))
        yield callers
        for caller in callers:
            try:
                await caller.close()
            except httpx2.HTTPError:
                continue


async def _turn(
    contestant: Contestant, callers: list[Caller], upstream: Server, cell: Cell, series: Series, seconds: float
) -> None:
    await asyncio.gather(*(_connect(contestant, caller, cell) for caller in callers))
    found: list[float] = []
    cpu = contestant.server.cpu_seconds() if contestant.server else 0.0
    upstream_cpu = upstream.cpu_seconds()
    started = time.perf_counter()

    async def work(caller: Caller) -> None:
        while (begun := time.perf_counter()) < started + seconds:
            contestant.calls += 1
            try:
                await caller.call(cell.tool)
                found.append(time.perf_counter() - begun)
            except (WrongAnswer, httpx2.HTTPError) as error:
                series.errors[f"{type(error).__name__}: {error}"[:200]] += 1
                # A door that refuses at once would otherwise be asked without a pause.
                await asyncio.sleep(0.05)

    await asyncio.gather(*(work(caller) for caller in callers))
    series.rates.append(len(found) / (time.perf_counter() - started))
    series.rounds.append(found)
    series.upstream_cpu_seconds += upstream.cpu_seconds() - upstream_cpu
    if contestant.server is not None:
        series.cpu_seconds += contestant.server.cpu_seconds() - cpu
