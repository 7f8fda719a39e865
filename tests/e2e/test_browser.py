"""What people do in a real Chromium: the stories of `frontend/e2e`, against the whole system and a model that takes its time.

`make test` plays the main job on a desktop and a pass on a phone; `make test-all` plays every story. With SAHUR_SCREENSHOTS
(a folder) `make pictures` takes the pictures of the documentation.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.slack_stage import CHANNEL, OTHER_CHANNEL, RUNSLACK, connected_to, make_slack, until
from tests.e2e.stage import FRONTEND, Stage, open_stage
from tests.fakes.slack import Slack, running


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
    bugs = ("booking", "meter", "stock", "courier", "digest")
    with running() as (address, slack), open_stage(tmp_path, *bugs, **connected_to(address)) as stage:
        make_slack(slack)
        stage.fill()
        stage.play("--grep", "@pictures", seconds=600)
        report_in_slack(stage, slack)
        stage.rename_sources()
        stage.play("--grep", "@afterwards", seconds=300)


def report_in_slack(stage: Stage, slack: Slack) -> None:
    """So that the settings have channels and people to show."""
    stage.system.commands["runslack"] = RUNSLACK
    stage.system.start("runslack")
    slack.deliveries.address = f"{stage.system.url}/slack/events"
    for channel, bug in zip((CHANNEL, OTHER_CHANNEL), list(stage.bugs.values())[1:], strict=False):
        slack.acting.mentions(channel, f"{bug.title}\nrepo: {bug.name}\n{bug.body}", user="U0OMAR").wait()
    named = "select count(*) from issues_slackchannel where name <> ''"
    until(lambda: stage.system.query(named) == [(2,)], "the names of both channels", lambda: stage.system.query(named))
