"""`.venv/bin/python -m tests.benchmarks.growth [--issues 1000000 --events 20000000 --small 10000]`.

Fills two databases of an embedded PostgreSQL of its own by COPY, asks both the same in turn, prints the ratio of the
medians. Not durable (`fsync` off): what a disk takes to sync is the same at any size. Reports; asserts nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from tests import services

ROUNDS = 100


@dataclass
class Figures:
    """Milliseconds of one question, in the small and in the large database: as a whole, and in PostgreSQL."""

    whole: tuple[list[float], list[float]] = field(default_factory=lambda: ([], []))
    database: tuple[list[float], list[float]] = field(default_factory=lambda: ([], []))


class Asker:
    """The process that asks one database."""

    def __init__(self, url: str) -> None:
        environment = os.environ | {"DATABASE_URL": url, "SAHUR_LOG_LEVEL": "ERROR"}
        environment |= dict.fromkeys(("SAHUR_THROTTLE_USER", "SAHUR_THROTTLE_SIMILAR"), "1000000/min")
        command = [sys.executable, "-m", "tests.benchmarks.growth.asker"]
        self._process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.names: list[str] = self._read()

    def ask(self, name: str) -> list[float]:
        """Milliseconds as a whole and in PostgreSQL."""
        self._say(name)
        found: list[float] = self._read()
        return found

    def explain(self, name: str) -> list[str]:
        self._say(f"explain {name}")
        found: list[str] = self._read()
        return found

    def compaction(self) -> dict[str, int]:
        self._say("compaction")
        found: dict[str, int] = self._read()
        return found

    def close(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(30)

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def _read(self):  # type: ignore[no-untyped-def]
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the asking process has ended")
        return json.loads(line)


def measure(small: str, large: str, rounds: int = ROUNDS, explain: str = "") -> dict[str, Figures]:
    """Ask the databases at both URLs in turn; `explain` prints the plans of the questions that contain it."""
    askers = [Asker(small), Asker(large)]
    figures: dict[str, Figures] = {}
    try:
        for name in askers[0].names:
            figures[name] = Figures()
            for turn in range(rounds):
                # Neither is always the first to be asked.
                for which in (0, 1) if turn % 2 else (1, 0):
                    whole, database = askers[which].ask(name)
                    figures[name].whole[which].append(whole)
                    figures[name].database[which].append(database)
            show_line(name, figures[name])
            if explain and explain in name:
                for asker in askers:
                    print("\n".join(asker.explain(name)))
        print("compaction of a run of 50 tool calls:", askers[1].compaction())
    finally:
        for asker in askers:
            asker.close()
    return figures


def fill_database(name: str, issues: int, events: int) -> str:
    """Create, migrate and fill it, in a process of its own; its URL."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    url = urlunsplit(parts._replace(path=f"/{name}"))
    began = time.monotonic()
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(f"create database {name}")
    command = [sys.executable, "-m", "tests.benchmarks.growth.prepare", str(issues), str(events)]
    subprocess.run(command, env=os.environ | {"DATABASE_URL": url, "SAHUR_LOG_LEVEL": "ERROR"}, check=True)
    with psycopg.connect(url) as connection:
        counts = [connection.execute(f"select count(*) from issues_{table}").fetchone() for table in ("issue", "run", "event")]
        size = connection.execute("select pg_size_pretty(pg_database_size(current_database()))").fetchone()
    told = ", ".join(f"{count[0]:,} {noun}" for count, noun in zip(counts, ("issues", "runs", "events"), strict=True) if count)
    print(f"{name}: {told}, {size and size[0]}, filled in {time.monotonic() - began:.0f} s", flush=True)
    return url


HEADING = f"{'':32}{'small ms':>10}{'large ms':>10}{'ratio':>7}{'p95 large':>11}{'PG small':>10}{'PG large':>10}{'ratio':>7}"


def show_line(name: str, figures: Figures) -> None:
    small, large = map(statistics.median, figures.whole)
    in_small, in_large = map(statistics.median, figures.database)
    p95 = sorted(figures.whole[1])[int(len(figures.whole[1]) * 0.95)]
    ratio = f"{in_large / in_small:7.2f}" if in_small else ""
    print(
        f"{name:32}{small:10.2f}{large:10.2f}{large / small:7.2f}{p95:11.2f}{in_small:10.2f}{in_large:10.2f}{ratio}", flush=True
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.growth", description=__doc__)
    parser.add_argument("--issues", type=int, default=1_000_000)
    parser.add_argument("--events", type=int, default=20_000_000)
    parser.add_argument("--small", type=int, default=10_000, help="issues of the small database; its events in proportion")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often each database is asked each question")
    parser.add_argument("--explain", default="", help="print the plans of the questions whose name contains this")
    parser.add_argument("--json", type=Path, help="also write the raw figures here")
    options = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f}; questions are asked in turn, {options.rounds} times each", flush=True)
    services.start()
    small = fill_database("small", options.small, options.events * options.small // options.issues)
    large = fill_database("large", options.issues, options.events)
    print(HEADING, flush=True)
    figures = measure(small, large, options.rounds, options.explain)
    print(f"load {os.getloadavg()[0]:.1f} at the end")
    if options.json:
        raw = {name: {"whole": each.whole, "database": each.database} for name, each in figures.items()}
        options.json.write_text(json.dumps(raw))


if __name__ == "__main__":
    main()
