"""What a failed test tells besides: the last lines that the processes it ran on have logged."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.e2e.system import System

LINES = 15
LINE_CHARS = 400


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        values = getattr(item, "funcargs", {}).values()
        folders = {found.folder for value in values if isinstance(found := getattr(value, "system", value), System)}
        report.sections += [(f"the end of {log}", tail(log)) for folder in folders for log in sorted(folder.glob("*.log"))]
    return report


def tail(log: Path) -> str:
    """The last lines, each cut to a bearable length."""
    lines = [line[:LINE_CHARS] for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return "\n".join(lines[-LINES:])
