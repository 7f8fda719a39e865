"""Start a system of its own, measure it, print a table.

`.venv/bin/python -m tests.benchmarks.engine [--rounds N] [--only PART…] [--langgraph PATH] [--json FILE]`
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sahur.embedded.services import postgres
from sahur.embedded.services.postgres import Postgres
from sahur.embedded.services.valkey import Valkey
from tests import services
from tests.benchmarks.engine import append, burst, comparison, langgraph_dev, profiling, sockets
from tests.e2e.system import System, make_system

PARTS = ("comparison", "append", "burst", "sockets", "profile")
# As in production; only the limit on requests is lifted, since the benchmark is one user.
SETTINGS = {
    "SAHUR_RUN_LEASE_SECONDS": "30",
    "SAHUR_REAPER_SECONDS": "5",
    "SAHUR_RUN_RESEND_SECONDS": "15",
    "SAHUR_THROTTLE_USER": "1000000/min",
    "SAHUR_LOG_LEVEL": "WARNING",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.engine", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often each engine has its turn")
    parser.add_argument("--runs", type=int, default=40, help="runs of a turn at concurrency 8; half of them at 1")
    parser.add_argument("--reports", type=int, default=200, help="size of the burst")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS[:4]))
    parser.add_argument("--langgraph", default="", help="path of the `langgraph` command, if it is not on PATH")
    parser.add_argument("--json", type=Path, help="also write the raw figures here")
    options = parser.parse_args()
    figures: dict[str, Any] = {"load before": os.getloadavg(), "cores": os.cpu_count(), "rounds": options.rounds}
    with tempfile.TemporaryDirectory(prefix="sahur-bench-") as name, durable_services(Path(name)) as urls:
        folder = Path(name)
        if "comparison" in options.only:
            figures |= compare(folder, urls, options)
        if "append" in options.only:
            with running(folder / "append", urls, "web", "mcp") as system:
                figures |= append.measure(system, rounds=options.rounds)
        if "burst" in options.only:
            with running(folder / "burst", urls, SAHUR_LOG_LEVEL="INFO") as system:
                figures |= burst.measure(system, options.reports)
        if "sockets" in options.only:
            with running(folder / "sockets", urls, "web", "mcp") as system:
                figures["sockets"] = sockets.measure(system)
        if "profile" in options.only:
            with running(folder / "profile", urls, prepare=profiling.prepare) as system:
                figures |= profiling.measure(system, folder / "services.log")
    figures["load after"] = os.getloadavg()
    show(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))


def compare(folder: Path, urls: dict[str, str], options: argparse.Namespace) -> dict[str, Any]:
    program = langgraph_dev.find_program(options.langgraph)
    figures: dict[str, Any] = {}
    if program is None:
        figures["langgraph dev"] = (
            'left out: no `langgraph` command here (pip install "langgraph-cli[inmem]", or --langgraph PATH)'
        )
    with running(folder / "comparison", urls, prepare=comparison.use_benchmark_worker) as system:
        return figures | comparison.measure(system, system.folder, rounds=options.rounds, runs=options.runs, program=program)


@contextmanager
def durable_services(folder: Path) -> Iterator[dict[str, str]]:
    """PostgreSQL and Valkey that write to the disk as in production."""
    services.start()  # the keys, and the Valkey that hands out numbers of databases
    cluster, valkey = Postgres(folder / "data", folder / "run"), Valkey(folder / "valkey", services.free_port())
    log = folder / "services.log"
    postgres_process, valkey_process = cluster.start(log), valkey.start(log)
    try:
        cluster.create_database()
        yield {"DATABASE_URL": cluster.url(), "SAHUR_TEST_REDIS_URL": valkey.url(0).rsplit("/", 1)[0]}
    finally:
        valkey_process.terminate()
        valkey_process.wait(10)
        postgres.stop(postgres_process)


@contextmanager
def running(folder: Path, urls: dict[str, str], *names: str, prepare: Any = None, **more: str) -> Iterator[System]:
    """A whole system on these services, or only its processes of these names."""
    folder.mkdir()
    os.environ["SAHUR_TEST_REDIS_URL"] = urls["SAHUR_TEST_REDIS_URL"]
    system = make_system(folder, DATABASE_URL=urls["DATABASE_URL"], **{**SETTINGS, **more})
    if prepare is not None:
        prepare(system)
    system.start(*names)
    try:
        system.wait_until_ready()
        yield system
    finally:
        system.stop()


def show(figures: dict[str, Any]) -> None:
    for name, value in figures.items():
        if isinstance(value, dict):
            print(name)
            for key, detail in value.items():
                print(f"    {key:28} {detail}")
        else:
            print(f"{name:32} {value}", file=sys.stdout)


if __name__ == "__main__":
    main()
