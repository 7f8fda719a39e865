"""One running system for all stories of a test worker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.system import System, make_system


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    folder: Path = tmp_path_factory.mktemp("system")
    running = make_system(folder)
    running.start()
    try:
        running.wait_until_ready()
        yield running
    finally:
        running.stop()
