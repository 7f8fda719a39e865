"""One home holds one system, for its owner only."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from sahur.embedded.home import Home, Status
from sahur_core.errors import EmbeddedError


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path / "home of mine")
    made.create()
    yield made
    made.clear()


def test_folders_are_for_their_owner_only(home: Home) -> None:
    for folder in (home.directory, home.log_dir, home.run_dir, home.socket_dir):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_socket_path_fits_into_the_kernels_limit(tmp_path: Path) -> None:
    deep = Home(tmp_path / ("x" * 200) / ("y" * 200))
    assert len(os.fsencode(deep.socket_dir / ".s.PGSQL.5432.lock")) < 104


def test_two_homes_have_different_sockets(tmp_path: Path) -> None:
    assert Home(tmp_path / "a").socket_dir != Home(tmp_path / "b").socket_dir


def test_a_second_system_is_told_where_the_first_one_is(home: Home) -> None:
    with home.lock():
        home.write_status(Status(42, "ready", "http://127.0.0.1:8001"))
        assert home.is_locked()
        with pytest.raises(EmbeddedError, match=r"already running here at http://127\.0\.0\.1:8001 \(process 42\)"):
            home.lock()
    assert not home.is_locked()


def test_somebody_elses_socket_folder_is_refused(home: Home, tmp_path: Path) -> None:
    home.socket_dir.rmdir()
    home.socket_dir.symlink_to(tmp_path)
    try:
        with pytest.raises(EmbeddedError, match="belongs to somebody else"):
            home.create()
    finally:
        home.socket_dir.unlink()


def test_a_folder_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EmbeddedError, match="SAHUR_EMBEDDED_DIR"):
        Home(tmp_path / "file" / "home").create()
