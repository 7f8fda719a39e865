"""Who speaks in Slack, with all processes: names come by themselves, and the command leads to the page that links."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.slack_stage import CHANNEL, Stage, open_stage, until

pytestmark = [pytest.mark.full, pytest.mark.timeout(600), pytest.mark.xdist_group("slack-people")]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with open_stage(tmp_path_factory.mktemp("people")) as stage:
        yield stage


def test_a_report_gets_the_name_of_its_reporter_within_seconds(stage: Stage) -> None:
    said = stage.slack.acting.mentions(CHANNEL, stage.report).wait()
    named = [("Rita Responder via Slack", "Rita Responder via Slack")]

    def names() -> bool:
        rows = stage.system.query("select reporter_name, asked_by from issues_issue i join issues_run r on r.issue_id = i.id")
        return [tuple(row) for row in rows] == named

    until(names, "names in place of ids", stage.told)
    stage.wait_for_post(said.ts, "card")
    assert len(stage.slack.calls_of("users.info")) == 1


def test_a_channel_gets_its_name_within_seconds_of_its_first_report(stage: Stage) -> None:
    stage.slack.acting.mentions(CHANNEL, stage.report).wait()
    asked = "select name, is_private, is_member from issues_slackchannel where channel_id = %s"
    until(lambda: stage.system.query(asked, CHANNEL) == [("general", False, True)], "the channel's name", stage.told)


def test_the_command_is_answered_with_a_link_to_the_page(stage: Stage) -> None:
    stage.slack.acting.commands("/sahur", "link", channel=CHANNEL).wait()
    told = until(lambda: stage.slack.calls_of("response_url"), "an answer to the person alone", stage.told)
    assert "/slack-link/?ticket=" in str(told[-1]["text"])
