"""A workspace is installed in the browser, loses its token in the middle of a run, and goes on when it is installed again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.slack_stage import CHANNEL, Stage, open_stage, until, words_of
from tests.e2e.system import SignedInClient
from tests.fakes.slack import TOKEN

pytestmark = [pytest.mark.full, pytest.mark.timeout(900), pytest.mark.xdist_group("slack-workspaces")]
HOME, ELSEWHERE = "T0FAKE", "T0OTHER"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with open_stage(tmp_path_factory.mktemp("workspaces"), over_oauth=True) as stage:
        # Nobody has installed it yet.
        del stage.slack.tokens[TOKEN]
        yield stage


def install(stage: Stage, client: SignedInClient, workspace: str) -> None:
    """As an admin does it: SAHUR sends them to Slack, they agree, and Slack sends them back."""
    asked = client.get("/slack/install", params={"team": "SAH"}, follow_redirects=False)
    agreed = client.get(f"{asked.headers['Location']}&team={workspace}", follow_redirects=False)
    assert agreed.status_code == 302, agreed.text
    done = client.get(agreed.headers["Location"], follow_redirects=False)
    assert (done.status_code, done.headers.get("Location")) == (302, "/settings/slack/"), done.text
    states = {each["workspace"]: each["state"] for each in client.get("/api/slack/").json()["workspaces"]}
    assert states[workspace] == "connected"


def test_a_revoked_workspace_loses_nothing_and_goes_on_when_it_is_installed_again(stage: Stage) -> None:
    with stage.system.client("ada") as admin:
        install(stage, admin, HOME)
        stage.system.kill("worker")
        said = stage.slack.acting.mentions(CHANNEL, stage.report).wait()
        stage.wait_for_post(said.ts, "card")
        for each in stage.slack.acting.uninstalls():
            assert each.wait().is_acknowledged
        stage.system.start("worker")
        stage.wait_for_status(said.ts, "succeeded")
        assert stage.posts(said.ts, "answer") == []
        install(stage, admin, HOME)
    stage.wait_for_post(said.ts, "answer")
    stage.wait_for_effects()
    assert [len(stage.posts(said.ts, kind)) for kind in ("card", "answer")] == [1, 1]
    assert "Done" in words_of(stage.posts(said.ts, "card")[0])


def test_a_token_that_slack_revokes_without_a_word_is_waited_for(stage: Stage) -> None:
    with stage.system.client("ada") as admin:
        install(stage, admin, HOME)
        said = stage.slack.acting.mentions(CHANNEL, stage.report).wait()
        stage.slack.revoke(HOME)
        stage.wait_for_status(said.ts, "succeeded")
        install(stage, admin, HOME)
    stage.wait_for_post(said.ts, "answer")
    stage.wait_for_effects()
    assert [len(stage.posts(said.ts, kind)) for kind in ("card", "answer")] == [1, 1]


def test_tokens_that_rotate_are_refreshed_before_they_end(stage: Stage) -> None:
    stage.slack.rotates, stage.slack.token_seconds = True, 60
    try:
        with stage.system.client("ada") as admin:
            install(stage, admin, HOME)
        before = stage.slack.calls_of("oauth.v2.access")
        said = stage.slack.acting.mentions(CHANNEL, stage.report).wait()
        stage.wait_for_post(said.ts, "answer")
        until(lambda: len(stage.slack.calls_of("oauth.v2.access")) > len(before), "the token to be refreshed", stage.told)
        stage.wait_for_effects()
        assert [len(stage.posts(said.ts, kind)) for kind in ("card", "answer")] == [1, 1]
    finally:
        stage.slack.rotates = False


def test_each_workspace_is_answered_with_its_own_token(stage: Stage) -> None:
    stage.slack.add_workspace(ELSEWHERE, "Other")
    stage.slack.add_person("U0NINA", "Nina Nwosu", workspace=ELSEWHERE)
    bot = stage.slack.workspaces[ELSEWHERE].bot_user_id
    stage.slack.add_channel("C0THERE", "there", workspace=ELSEWHERE, members={bot, "U0NINA"})
    with stage.system.client("ada") as admin:
        install(stage, admin, HOME)
        install(stage, admin, ELSEWHERE)
    here = stage.slack.acting.mentions(CHANNEL, stage.report).wait()
    there = stage.slack.acting.mentions("C0THERE", "Another thing beeps", user="U0NINA").wait()
    stage.wait_for_post(here.ts, "answer")
    until(lambda: stage.slack.posts("C0THERE", there.ts, ELSEWHERE), "a post there", stage.told)
    stage.wait_for_status(there.ts, "succeeded")
    stage.wait_for_effects()
    posted = stage.slack.posts("C0THERE", there.ts, ELSEWHERE)
    assert {each["bot_id"] for each in posted} == {stage.slack.workspaces[ELSEWHERE].bot_id}
    assert [len(stage.posts(here.ts, kind)) for kind in ("card", "answer")] == [1, 1]
