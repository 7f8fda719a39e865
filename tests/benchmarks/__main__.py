"""Start a system of its own, measure it, print a table: `.venv/bin/python -m tests.benchmarks [--rounds N]`."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests import services
from tests.benchmarks import latency, memory, storage
from tests.e2e.system import make_system


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=20, help="how often each latency is measured")
    parser.add_argument("--json", type=Path, help="also write the raw figures here")
    options = parser.parse_args()
    services.start()
    figures: dict[str, object] = {"load_before": os.getloadavg(), "rounds": options.rounds}
    with tempfile.TemporaryDirectory(prefix="sahur-benchmark-") as folder:
        started = time.monotonic()
        system = make_system(Path(folder))
        system.start()
        try:
            system.wait_until_ready()
            figures["start_seconds"] = round(time.monotonic() - started, 1)
            figures["memory_mb"] = memory.measure(system)
            figures |= latency.measure(system, options.rounds)
        finally:
            system.stop()
        figures |= storage.measure(Path(folder))
    figures["load_after"] = os.getloadavg()
    show(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))


def show(figures: dict[str, object]) -> None:
    for name, value in figures.items():
        if isinstance(value, list) and value and isinstance(value[0], float):
            ordered = sorted(value)
            p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
            value = f"p50 {statistics.median(ordered):.0f} ms, p95 {p95:.0f} ms, n {len(ordered)}"
        print(f"{name:32} {value}", file=sys.stdout)


if __name__ == "__main__":
    main()
