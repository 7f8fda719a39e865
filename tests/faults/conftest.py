"""One system for all fault tests of a test worker, with short leases, whole again before each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.system import System
from tests.faults.setting import Setting, run_setting


@pytest.fixture(scope="session")
def _setting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setting]:
    with run_setting(tmp_path_factory.mktemp("f")) as setting:
        yield setting


@pytest.fixture
def setting(_setting: Setting) -> Iterator[Setting]:
    _setting.revive()
    yield _setting
    _setting.failpoints.clear()


@pytest.fixture
def system(setting: Setting) -> System:
    return setting.system
