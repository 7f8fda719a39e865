"""Where the engine's time goes: statements and transactions a run by process, and where its pool children spend it.

Statements are counted in PostgreSQL's own log, so that those of LangGraph's saver and of every thread are among them. Both
the log and the profiler slow the run down: only the counts and the proportions mean something.
"""

from __future__ import annotations

import pstats
import re
from collections import Counter
from pathlib import Path

import psycopg

from tests.benchmarks.engine.comparison import use_benchmark_worker
from tests.benchmarks.engine.end_to_end import EndToEnd
from tests.benchmarks.engine.measuring import Series, closed_loop
from tests.e2e.system import System

LINE = re.compile(r"^@(?P<who>\w*)\|(?P<pid>\d+)\|LOG:\s+(?:statement|execute [^:]*): ?(?P<sql>.*)$")
RUNS = 40


def prepare(system: System) -> None:
    """Before the start: each process tells PostgreSQL its name, the worker is profiled."""
    use_benchmark_worker(system)
    system.env["SAHUR_BENCHMARK_PROFILE"] = str(system.folder)
    for name, command in system.commands.items():
        command[:0] = ["env", f"PGAPPNAME={name}"]


def measure(system: System, log: Path) -> dict[str, object]:
    """Ends the system's worker: its children write their profiles then."""
    with system.client() as client:
        case = EndToEnd(system, client, 1)
        closed_loop(case, Series(), clients=1, runs=5)
        _log_statements(system, on=True)
        begin = log.stat().st_size
        series = Series()
        closed_loop(case, series, clients=1, runs=RUNS)
        case.close()
        _log_statements(system, on=False)
    with log.open("rb") as lines:
        lines.seek(begin)
        counted = _count(lines.read().decode(errors="replace"))
    system.processes["worker"].terminate()
    system.processes["worker"].wait(60)
    _show_profile(system.folder)
    return {
        "statements a run": {who: round(sum(found.values()) / RUNS, 1) for who, found in counted.items()},
        **{
            f"statements a run of {who}": {sql: round(count / RUNS, 2) for sql, count in found.most_common(45)}
            for who, found in counted.items()
        },
        "profiled run": series.as_figures(),
    }


def _log_statements(system: System, *, on: bool) -> None:
    with psycopg.connect(system.env["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("alter system set log_line_prefix = '@%a|%p|'")
        connection.execute(f"alter system set log_statement = '{'all' if on else 'none'}'")
        connection.execute("select pg_reload_conf()")


def _count(log: str) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for line in re.sub(r"\n(?!@)", " ", log).splitlines():
        match = LINE.match(line)
        if match and match["who"] in ("web", "worker", "effects", "reaper", "indexer"):
            found.setdefault(match["who"], Counter())[_shape(match["sql"])] += 1
    return found


def _shape(sql: str) -> str:
    """The statement without its columns and values."""
    sql = re.sub(r"SELECT .*? FROM", "SELECT … FROM", sql)
    sql = re.sub(r'"s\d+_x\d+"', "…", re.sub(r"'[^']*'", "?", sql))
    sql = re.sub(r"\b\d+\b|\$\d+", "?", sql)
    return re.sub(r"\s+", " ", sql)[:150] or "(empty: is the connection alive?)"


def _show_profile(folder: Path) -> None:
    files = [str(path) for path in folder.glob("child-*.prof")]
    if files:
        stats = pstats.Stats(*files)
        stats.sort_stats("cumulative").print_stats(r"sahur|langgraph|psycopg|kombu|celery|django", 110)
        stats.sort_stats("tottime").print_stats(35)
