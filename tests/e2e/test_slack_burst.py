"""Two hundred mentions at once: none is lost and each is answered, whatever else is away.

How long Slack waits is measured by `python -m tests.benchmarks.slack_burst`; here Slack's own rule holds: what is not
acknowledged in three seconds is delivered again, three times at most.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sahur.embedded.services.valkey import Valkey
from tests.benchmarks.slack_burst import away, burst, open_burst_stage, wait_for_answers
from tests.e2e.slack_stage import Stage

pytestmark = [pytest.mark.full, pytest.mark.timeout(2400), pytest.mark.xdist_group("slack-burst")]
MENTIONS, FEWER = 200, 30


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stage, Valkey]]:
    folder: Path = tmp_path_factory.mktemp("burst")
    with open_burst_stage(folder) as (stage, valkey):
        yield stage, valkey


@pytest.mark.parametrize("part", ["valkey", "gateway", "slack"])
def test_mentions_are_acknowledged_and_answered_though_a_part_is_away(world: tuple[Stage, Valkey], part: str) -> None:
    stage, valkey = world
    with away(stage, part, valkey):
        found = burst(stage, FEWER)
    assert all(each.is_acknowledged for each in found.deliveries), found.told()
    wait_for_answers(stage, found)
    assert all(len(stage.issues(said.ts)) == len(stage.runs(said.ts)) == 1 for said in found.said)


def test_two_hundred_mentions_at_once_are_all_answered(world: tuple[Stage, Valkey]) -> None:
    stage, _ = world
    found = burst(stage, MENTIONS)
    assert all(each.is_acknowledged for each in found.deliveries), found.told()
    wait_for_answers(stage, found)
    assert all(len(stage.issues(said.ts)) == len(stage.runs(said.ts)) == 1 for said in found.said)
