"""Admins see how Slack is connected and what it did not take, without its credentials and without other teams' issues."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from sahur.accounts.models import User
from sahur.issues import models
from sahur.issues.services import reports, slack_workspaces
from sahur.issues.services.slack_threads import Place
from sahur.issues.services.slack_workspaces import Installation, Tokens
from sahur_core.issues import Source
from tests.web.api.conftest import TestClient

pytestmark = pytest.mark.django_db

TOKEN = "xoxb-only-for-tests"


@pytest.fixture
def connected(settings):
    settings.SLACK_BOT_TOKEN, settings.SLACK_SIGNING_SECRET, settings.SLACK_APP_TOKEN = TOKEN, "secret-for-tests", ""
    settings.SLACK_TEAM_KEY = "SAH"
    return settings


def effect(team, state: str, error: str = "") -> models.Effect:
    place = Place("T1", "C1", f"{models.Issue.objects.count()}.1")
    new = reports.NewIssue(title="Down", body="x", source=Source.SLACK, reporter_name="R", place=place)
    issue = reports.open_issue(team, new)
    done = timezone.now() if state in ("done", "failed") else None
    return models.Effect.objects.create(
        key=f"card:{issue.key}", kind="slack.card", issue=issue, state=state, last_error=error, finished_at=done
    )


def test_what_is_set_is_told_and_no_credential(connected, admin, team):
    answer = TestClient().sign_in(admin).get("/api/slack/")
    told = answer.json()
    assert (told["mode"], told["has_bot_token"], told["has_app_token"]) == ("http", True, False)
    assert (told["team_key"], told["team_name"]) == ("SAH", team.name)
    assert told["events_url"].endswith("/slack/events")
    assert TOKEN not in answer.content.decode()
    assert "secret-for-tests" not in answer.content.decode()
    connected.SLACK_APP_TOKEN = "xapp-only-for-tests"
    told = TestClient().sign_in(admin).get("/api/slack/").json()
    assert (answer.json()["socket_connections"], told["mode"], told["socket_connections"]) == (None, "socket", 0)


def test_deliveries_and_their_failures_are_those_of_ones_own_teams(connected, admin, team, other_team):
    effect(team, "done")
    failed = effect(team, "failed", "Slack refused: channel_not_found.")
    again = effect(team, "pending", "Slack is busy.")
    effect(other_team, "failed", "Not yours.")
    told = TestClient().sign_in(admin).get("/api/slack/").json()
    failures = [(each["issue"], each["is_final"]) for each in told["failures"]]
    assert failures == [(again.issue.key, False), (failed.issue.key, True)]
    assert (told["delivered"], told["waiting"]) == (1, 1)
    assert [(each["workspace"], each["channel"], each["issues"]) for each in told["channels"]] == [("T1", "C1", 3)]
    staff = TestClient().sign_in(User.objects.create_superuser("sam")).get("/api/slack/").json()
    assert len(staff["failures"]) == 3


def test_a_team_that_does_not_exist_is_seen(connected, admin, client):
    connected.SLACK_TEAM_KEY = "NOPE"
    assert TestClient().sign_in(admin).get("/api/slack/").json()["team_name"] == ""
    assert client.get("/api/slack/").status_code == 403


def installed(team, workspace: str, **more) -> models.SlackWorkspace:
    row = slack_workspaces.install(team, Installation(workspace, workspace, Tokens(TOKEN), scopes="chat:write"), "Adam")
    models.SlackWorkspace.objects.filter(pk=row.pk).update(**more)
    return row


def test_installed_workspaces_of_ones_teams_are_told_with_what_they_lack(connected, admin, team, other_team):
    connected.SLACK_CLIENT_ID, connected.SLACK_CLIENT_SECRET = "1.2", "client-secret-for-tests"
    past = timezone.now() - timedelta(minutes=1)
    installed(team, "T1")
    installed(team, "T2", revoked_at=past, revoked_reason="token_revoked")
    installed(team, "T3", token_expires_at=past)
    installed(other_team, "T9")
    answer = TestClient().sign_in(admin).get("/api/slack/")
    told = answer.json()
    assert [(each["workspace"], each["state"]) for each in told["workspaces"]] == [
        ("T1", "connected"),
        ("T2", "revoked"),
        ("T3", "expired"),
    ]
    assert "chat:write" not in told["workspaces"][0]["missing_scopes"]
    assert "reactions:read" in told["workspaces"][0]["missing_scopes"]
    assert [each["key"] for each in told["teams_to_install"]] == ["SAH"]
    assert "client-secret-for-tests" not in answer.content.decode()
    assert TOKEN not in answer.content.decode()


def test_staff_may_install_for_every_team_and_see_every_workspace(connected, team, other_team):
    connected.SLACK_CLIENT_ID, connected.SLACK_CLIENT_SECRET = "1.2", "client-secret-for-tests"
    installed(other_team, "T9")
    told = TestClient().sign_in(User.objects.create_superuser("sam")).get("/api/slack/").json()
    assert [each["key"] for each in told["teams_to_install"]] == ["OTH", "SAH"]
    assert [each["workspace"] for each in told["workspaces"]] == ["T9"]


def test_the_check_is_the_commands(connected, admin):
    connected.SLACK_API_URL, connected.SLACK_TEAM_KEY = "http://127.0.0.1:9/api/", "NOPE"
    told = TestClient().sign_in(admin).get("/api/slack/check/").json()["findings"]
    assert {"part": "Team", "level": "missing"}.items() <= next(each for each in told if each["part"] == "Team").items()
    assert all(each["next_step"] for each in told if each["level"] == "missing")
