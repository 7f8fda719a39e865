"""One system for all of these tests; each finds every process alive, whatever the one before has killed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.people.setting import Setting, running_setting


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setting]:
    with running_setting(tmp_path_factory.mktemp("people")) as setting:
        yield setting


@pytest.fixture
def setting(running: Setting) -> Setting:
    running.restore()
    return running
