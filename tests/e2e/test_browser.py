"""What people do in a real Chromium: the stories of `frontend/e2e`, against the whole system and a model that takes its time.

`make test` plays the main job on a desktop and a pass on a phone; `make test-all` plays every story. With SAHUR_SCREENSHOTS
(a folder) `make pictures` takes the pictures of the documentation.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.stage import FRONTEND, Stage, open_stage


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    pages = Path(os.environ.get("SAHUR_FRONTEND_DIR") or FRONTEND / "out")
    if not (pages / "index.html").exists():
        pytest.fail("the pages are not built: run `make build`")
    with open_stage(tmp_path_factory.mktemp("browser"), "booking", "stock") as stage:
        yield stage


@pytest.mark.timeout(400)
def test_the_main_job_on_a_desktop_and_on_a_phone(stage: Stage) -> None:
    stage.play("--grep-invert", "@full|@pictures|@afterwards", seconds=300)


@pytest.mark.full
@pytest.mark.timeout(1300)
def test_every_other_story(stage: Stage) -> None:
    stage.play("--grep", "@full", seconds=1200)


@pytest.mark.full
@pytest.mark.timeout(700)
@pytest.mark.skipif(not os.environ.get("SAHUR_SCREENSHOTS"), reason="SAHUR_SCREENSHOTS names no folder for the pictures")
def test_pictures_of_the_documentation(tmp_path: Path) -> None:
    with open_stage(tmp_path, "booking", "meter", "stock", "courier", "digest") as stage:
        stage.fill()
        stage.play("--grep", "@pictures", seconds=600)
        stage.rename_sources()
        stage.play("--grep", "@afterwards", seconds=300)
