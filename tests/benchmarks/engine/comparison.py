"""All engines side by side: in every round each of them has its turn, so that a busy machine is busy for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.benchmarks.engine import cpu
from tests.benchmarks.engine.celery_chain import CeleryChain
from tests.benchmarks.engine.end_to_end import APP, EndToEnd
from tests.benchmarks.engine.in_process import InProcess
from tests.benchmarks.engine.langgraph_dev import LangGraphDev
from tests.benchmarks.engine.measuring import Case, Series, closed_loop
from tests.e2e.system import System, take_redis_database

CLIENTS = (1, 8)
WARM_UP = 6


def use_benchmark_worker(system: System) -> None:
    """Let the system's worker run the benchmark's graph; before it is started."""
    command = system.commands["worker"]
    command[command.index("-A") + 1] = APP


def measure(system: System, folder: Path, *, rounds: int, runs: int, program: str | None) -> dict[str, object]:
    """Figures by case and concurrency. `runs` at concurrency 8 a round, half of them at 1; few where one takes a second."""
    with system.client() as client:
        langgraph = InProcess(system.env["DATABASE_URL"])
        bare = CeleryChain(take_redis_database(), folder)
        sahur = EndToEnd(system, client, max(CLIENTS))
        dev = LangGraphDev(program, folder) if program else None
        cases: list[Case] = [langgraph, bare, sahur, *([dev] if dev else [])]
        try:
            trees = cpu.services() | {name: process.pid for name, process in system.processes.items()}
            series = _interleave(cases, rounds, runs, trees | {"Celery": bare.pid} | ({"langgraph dev": dev.pid} if dev else {}))
        finally:
            for case in (langgraph, bare, sahur, dev):
                if case is not None:
                    case.close()
    figures: dict[str, object] = {f"{name}, c={clients}": found.as_figures() for (name, clients), found in series.items()}
    figures["ratios"] = _ratios(series, sahur.name, langgraph.name)
    return figures


def _interleave(cases: Sequence[Case], rounds: int, runs: int, trees: Mapping[str, int]) -> dict[tuple[str, int], Series]:
    series = {(case.name, clients): Series() for clients in CLIENTS for case in cases}
    for case in cases:
        closed_loop(case, Series(), clients=2, runs=WARM_UP)
    for _ in range(rounds):
        for clients in CLIENTS:
            for case in cases:
                wanted = runs if clients > 1 else max(1, runs // 2)
                if isinstance(case, LangGraphDev):
                    wanted = max(clients, wanted // 5)
                closed_loop(case, series[case.name, clients], clients=clients, runs=wanted, trees=trees)
    return series


def _ratios(series: dict[tuple[str, int], Series], ours: str, floor: str) -> dict[str, float]:
    def of(clients: int, share: str) -> float:
        own, other = (series[name, clients].as_figures()["done_ms"] for name in (ours, floor))
        return round(own[share] / other[share], 2)  # type: ignore[index]

    cost = {name: series[name, 1].cpu_ms()["sum"] for name in (ours, floor)}
    return {"processor time to the floor, c=1": round(cost[ours] / cost[floor], 2)} | {
        f"done {share} to the floor, c={clients}": of(clients, share) for clients in CLIENTS for share in ("p50", "p99")
    }
