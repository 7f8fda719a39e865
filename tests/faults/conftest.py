"""A system whose processes the tests kill, with short leases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.system import System, make_system


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    running = make_system(tmp_path_factory.mktemp("faults"))
    running.start()
    try:
        running.wait_until_ready()
        yield running
    finally:
        running.stop()
