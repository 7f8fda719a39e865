"""Makes all attempts and says how many had success: `python -m tests.injection`. Ends with 1 if one had, or none was made."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest


class Count:
    """What pytest reports, as numbers of attempts."""

    def __init__(self) -> None:
        self.made: set[str] = set()
        self.runs = 0
        self.successes: list[str] = []
        self.other_failures: list[str] = []

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.when == "call" and "breaches" in (found := dict(report.user_properties)):
            self.runs += 1
            self.made.add(report.nodeid.partition("[")[2])
            if found["breaches"]:
                self.successes.append(report.nodeid)
        elif report.failed:
            self.other_failures.append(report.nodeid)


def main() -> int:
    count = Count()
    code = pytest.main([str(Path(__file__).parent), "-m", "full or not full", *sys.argv[1:]], plugins=[count])
    for each in count.other_failures:
        sys.stdout.write(f"not made: {each}\n")
    sys.stdout.write(f"{len(count.made)} attempts in {count.runs} runs, {len(count.successes)} successes\n")
    return 0 if code == 0 and count.made and not count.successes else 1


if __name__ == "__main__":
    raise SystemExit(main())
