"""What sockets cost and how soon they tell: `python -m tests.benchmarks.engine.sockets [--part fan-out|idle]`.

All clients live in this one process; web, writer, PostgreSQL and Valkey are processes of their own on the same machine.
The lateness of an event is read off two clocks of this machine: PostgreSQL's when it was stored, ours when the frame that
brought it was at hand, so waiting for this process's turn is in it; `loop_late_ms` says how long that was.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import psutil

from tests import services
from tests.e2e.system import System, make_system
from tests.faults.crowd import Reader, Writing, connection, writing

USERS = 25
"""So many people that no one of them has more sockets than a person may have."""


def measure(
    system: System, *, sockets: int = 100, rate: float = 200, seconds: float = 10, idle: int = 1000, idle_seconds: float = 60,
    parts: Sequence[str] = ("fan-out", "idle"),
) -> dict[str, Any]:  # fmt: skip
    """The system's web server must run; a worker is not needed."""
    figures: dict[str, Any] = {"load_before": os.getloadavg()}
    if "fan-out" in parts:
        figures["fan_out_one_run"] = asyncio.run(fan_out(system, sockets, rate, seconds, runs=1))
        figures["fan_out_ten_runs"] = asyncio.run(fan_out(system, sockets, rate, seconds, runs=10))
    if "idle" in parts:
        for name, ended in (("idle_live", False), ("idle_ended", True)):
            # A new process: memory that an earlier part has used and given back would not be counted again.
            system.kill("web")
            system.start("web")
            wait_for_web(system)
            figures[name] = asyncio.run(idle_sockets(system, idle, idle_seconds, runs=50, ended=ended))
    figures["load_after"] = os.getloadavg()
    return figures


async def fan_out(system: System, sockets: int, rate: float, seconds: float, runs: int) -> dict[str, Any]:
    """`rate` events a second, over all runs together, to sockets that are spread over the runs."""
    async with writing(system, runs=runs, users=USERS) as writer:
        readers = [
            Reader([system.url], writer.runs[n % runs], writer.cookies[n % USERS]) for n in range(sockets)
        ]  # fmt: skip
        tasks = [asyncio.create_task(reader.follow()) for reader in readers]
        async with asyncio.timeout(120):
            await asyncio.gather(*(reader.opened.wait() for reader in readers))
            # The first hint of a new writer comes late, after imports and connections: a worker has that behind it.
            await writer.ask("write", rate=rate, seconds=1)
            await asyncio.sleep(0.5)
            for reader in readers:
                reader.late.clear()
            before, own, lag = web_seconds(system), time.process_time(), asyncio.create_task(loop_lateness())
            frames = sum(reader.frames for reader in readers)
            written = await writer.ask("write", rate=rate, seconds=seconds)
            cpu, own = web_seconds(system) - before, time.process_time() - own
            last = (await writer.ask("end"))["last_seq"]
            await asyncio.gather(*tasks)
        lag.cancel()
        late = sorted(moment * 1000 for reader in readers for moment in reader.late)
        return {
            "sockets": sockets,
            "runs": runs,
            "events_per_second": round(written["written"] / written["seconds"], 1),
            "writer_late_ms": round(written["late"] * 1000),
            "deliveries": len(late),
            "frames": sum(reader.frames for reader in readers) - frames,
            "lost": sum(last[reader.run] - reader.cursor for reader in readers),
            "wrong": [wrong for reader in readers for wrong in reader.wrong],
            "closed_with": dict(sum((reader.codes for reader in readers), Counter[int]())),
            "late_ms": percentiles(late),
            "loop_late_ms": percentiles(sorted(await _result(lag))),
            "web_cpu_percent": round(100 * cpu / written["seconds"]),
            "client_cpu_percent": round(100 * own / written["seconds"]),
        }


async def idle_sockets(system: System, sockets: int, seconds: float, runs: int, *, ended: bool) -> dict[str, Any]:
    """Open sockets on which nothing happens but pings, polls and rechecks."""
    async with writing(system, runs=runs, users=USERS) as writer, AsyncExitStack() as opened:
        if ended:
            await writer.ask("end")
        # One socket before, so that what is needed once is not counted.
        await opened.enter_async_context(connection(system.url, writer.runs[0], writer.cookies[0], 0))
        await asyncio.sleep(3)
        memory = web_memory(system)
        started = time.monotonic()
        for first in range(0, sockets, 20):
            batch = range(first, min(first + 20, sockets))
            await asyncio.gather(*(opened.enter_async_context(_idle(system, writer, number)) for number in batch))
        opening = time.monotonic() - started
        await asyncio.sleep(5)
        before = web_seconds(system)
        await asyncio.sleep(seconds)
        cpu = web_seconds(system) - before
        return {
            "sockets": sockets,
            "runs": runs,
            "ended": ended,
            "opened_per_second": round(sockets / opening),
            "added_memory_mb": round(web_memory(system) - memory, 1),
            "kb_per_socket": round((web_memory(system) - memory) * 1024 / sockets, 1),
            "web_cpu_percent": round(100 * cpu / seconds, 2),
            "over_seconds": seconds,
        }


def _idle(system: System, writer: Writing, number: int) -> connection:
    run, cookie = writer.runs[number % len(writer.runs)], writer.cookies[number % USERS]
    return connection(system.url, run, cookie, 0)


async def loop_lateness() -> list[float]:
    """Milliseconds by which this loop comes too late to a timer, until it is cancelled."""
    late = []
    try:
        while True:
            due = time.monotonic() + 0.01
            await asyncio.sleep(0.01)
            late.append((time.monotonic() - due) * 1000)
    except asyncio.CancelledError:
        return late


async def _result(task: asyncio.Task[list[float]]) -> list[float]:
    return await task


def percentiles(ordered: Sequence[float]) -> dict[str, float]:
    if not ordered:
        return {}
    at = {"p50": 0.5, "p90": 0.9, "p99": 0.99}
    found = {name: round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 1) for name, share in at.items()}
    return {**found, "max": round(ordered[-1], 1), "mean": round(statistics.fmean(ordered), 1)}


def web_seconds(system: System) -> float:
    """CPU seconds that the web server has used."""
    times = psutil.Process(system.processes["web"].pid).cpu_times()
    return times.user + times.system


def web_memory(system: System) -> float:
    """PSS of the web server in MiB."""
    return psutil.Process(system.processes["web"].pid).memory_full_info().pss / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.engine.sockets", description=__doc__)
    parser.add_argument("--part", action="append", choices=["fan-out", "idle"])
    parser.add_argument("--sockets", type=int, default=100)
    parser.add_argument("--rate", type=float, default=200)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--idle", type=int, default=1000)
    parser.add_argument("--idle-seconds", type=float, default=60)
    options = parser.parse_args()
    services.start()
    with tempfile.TemporaryDirectory(prefix="sahur-benchmark-") as folder:
        system = make_system(Path(folder))
        system.start("web")
        try:
            wait_for_web(system)
            figures = measure(
                system, sockets=options.sockets, rate=options.rate, seconds=options.seconds, idle=options.idle,
                idle_seconds=options.idle_seconds, parts=options.part or ("fan-out", "idle"),
            )  # fmt: skip
        finally:
            system.stop()
            log = system.log("web").strip()
    print(json.dumps(figures, indent=1))
    if log:
        print("--- web says\n" + log[-3000:])


def wait_for_web(system: System) -> None:
    from tests.e2e.system import READY_SECONDS, answers, wait_for

    wait_for(lambda: answers(f"{system.url}/api/health/ready/"), READY_SECONDS, "web to be ready")


if __name__ == "__main__":
    main()
