"""`manage.py slack check`: each thing that is missing is told with what to do about it, and no token is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import redis
from django.core.management import CommandError, call_command

from sahur.accounts.actor import actor_for
from sahur.accounts.models import MemberRole
from sahur.batch import presence, slack_app, slack_check
from sahur.batch.presence import Group, Presence
from sahur.batch.slack_check import Finding, Level
from sahur.issues import models
from sahur.issues.services import slack_workspaces
from sahur.issues.services.slack_workspaces import Installation, Tokens
from sahur_core.errors import NotPermitted
from tests.fakes.slack import APP_TOKEN, BOT, CLIENT_ID, CLIENT_SECRET, TOKEN, Slack, Token
from tests.web.conftest import make_user

pytestmark = pytest.mark.django_db

ALL = set(slack_app.SCOPES)


@pytest.fixture
def complete(slack: Slack, team, settings: Any) -> Slack:
    """One workspace by its token, over Socket Mode, with everything that is needed."""
    slack.tokens[TOKEN].scopes = ALL
    settings.SLACK_APP_TOKEN, settings.SLACK_TEAM_KEY = APP_TOKEN, "SAH"
    return slack


@pytest.fixture(autouse=True)
def runslack() -> Iterator[Presence]:
    """A connection over Socket Mode, as its process tells of it."""
    here = Presence("runslack-1", [], 10, group=Group.SLACK)
    here.tell(0)
    yield here
    here.leave()


@pytest.fixture
def installed(slack: Slack, team, settings: Any) -> models.SlackWorkspace:
    settings.SLACK_BOT_TOKEN, settings.SLACK_APP_TOKEN = "", APP_TOKEN
    settings.SLACK_CLIENT_ID, settings.SLACK_CLIENT_SECRET = CLIENT_ID, CLIENT_SECRET
    settings.PUBLIC_URL = "https://sahur.example.com"
    slack.tokens["xoxb-one"] = Token("xoxb-one", BOT["team_id"], ALL)
    return slack_workspaces.install(team, Installation(BOT["team_id"], "Fake", Tokens("xoxb-one")), "Adam")


def missing() -> dict[str, Finding]:
    return {each.part: each for each in slack_check.check() if each.level is Level.MISSING}


def test_nothing_is_missing_where_everything_is_there(complete):
    out = StringIO()
    call_command("slack", "check", stdout=out)
    assert "Nothing is missing." in out.getvalue()
    assert "Connected as @sahur in the workspace Fake." in out.getvalue()


def test_what_is_missing_ends_with_one_and_names_the_next_step(complete, settings):
    settings.SLACK_TEAM_KEY = "NOPE"
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("slack", "check", "--json", stdout=out)
    assert ended.value.code == 1
    told = [each for each in json.loads(out.getvalue()) if each["level"] == "missing"]
    assert [each["part"] for each in told] == ["Team"]
    assert "SAHUR_SLACK_TEAM" in told[0]["next_step"]


@pytest.mark.parametrize(
    ("name", "value", "part", "word"),
    [
        ("SLACK_BOT_TOKEN", "", "Settings", "SLACK_BOT_TOKEN"),
        ("SLACK_BOT_TOKEN", "xoxp-of-a-person", "Token", "xoxb-"),
        ("SLACK_BOT_TOKEN", "xoxb-nobodys", "Token", "SLACK_BOT_TOKEN"),
        ("SLACK_APP_TOKEN", "xoxb-fake", "Socket Mode", "xapp-"),
        ("SLACK_APP_TOKEN", "xapp-nobodys", "Socket Mode", "connections:write"),
        ("SLACK_APP_TOKEN", "", "Events URL", "SAHUR_PUBLIC_URL"),
    ],
)
def test_each_setting_that_does_not_do_is_found(complete, settings, name, value, part, word):
    setattr(settings, name, value)
    found = missing()
    assert word in found[part].next_step
    assert all(token not in str(found) for token in ("xoxb-nobodys", "xapp-nobodys", "xoxp-of-a-person"))


def test_over_socket_mode_somebody_must_be_connected(complete, runslack):
    assert any("`manage.py runslack` is connected, on " in each.said for each in slack_check.check())
    runslack.leave()
    found = missing()["Socket Mode"]
    assert "no `manage.py runslack` is connected" in found.said
    assert "python manage.py runslack" in found.next_step


def test_while_valkey_is_away_nobody_knows_who_is_connected(complete, monkeypatch):
    monkeypatch.setattr(presence, "_client", lambda: redis.Redis.from_url("redis://127.0.0.1:9/0"))
    [found] = [each for each in slack_check.check() if each.part == "Socket Mode"]
    assert (found.level, "is not known" in found.said) == (Level.NOTE, True)


def test_without_any_way_in_both_are_named(complete, settings):
    settings.SLACK_APP_TOKEN = settings.SLACK_SIGNING_SECRET = ""
    assert "SLACK_SIGNING_SECRET" in missing()["Settings"].next_step


def test_a_scope_that_was_not_granted_is_named_with_what_it_is_for(complete):
    complete.tokens[TOKEN].scopes = ALL - {"reactions:read"}
    assert "reactions:read (the reaction :x:" in missing()["Scopes"].said


@pytest.mark.parametrize(
    ("app_token", "url", "command"),
    [
        (APP_TOKEN, "http://127.0.0.1:8000", "manifest --socket`"),
        ("", "https://sahur.example.com", "manifest --url https://sahur.example.com`"),
        ("", "http://127.0.0.1:8000", "manifest --url https://your-host`"),
    ],
)
def test_the_manifest_to_paste_is_that_of_the_app_as_it_is_set_up(complete, settings, app_token, url, command):
    settings.SLACK_APP_TOKEN, settings.PUBLIC_URL = app_token, url
    complete.tokens[TOKEN].scopes = ALL - {"reactions:read"}
    assert command in missing()["Scopes"].next_step


def test_the_manifest_of_an_app_whose_tokens_rotate_goes_on_to_rotate_them(installed, slack):
    rotating = "xoxe.xoxb-one"
    slack.tokens[rotating] = Token(rotating, BOT["team_id"], set())
    assert slack_workspaces.replace_tokens(installed, Tokens(rotating, "xoxe-1-refresh", 43_200))
    assert "--socket --rotation`" in missing()["Scopes"].next_step


@pytest.mark.parametrize(
    ("address", "why"),
    [("https://10.0.0.8", "private"), ("http://sahur.example.com", "not https"), ("https://localhost:8000", "private")],
)
def test_an_address_that_slack_cannot_reach_is_told_without_asking(complete, settings, address, why):
    settings.SLACK_APP_TOKEN, settings.PUBLIC_URL = "", address
    assert why in missing()["Events URL"].said


def test_an_alert_channel_without_sahur_in_it(complete):
    complete.add_channel("C0ALERTS", "alerts", members={"U0RITA"})
    models.SlackChannel.objects.create(workspace_id=BOT["team_id"], channel_id="C0ALERTS", name="alerts", takes_alerts=True)
    models.SlackChannel.objects.create(workspace_id=BOT["team_id"], channel_id="C0GENERAL", name="general", takes_alerts=True)
    assert "/invite" in missing()["Alert channel"].next_step
    assert any(each.said == "SAHUR hears #general." for each in slack_check.check())


def test_installed_workspaces_are_looked_at_one_by_one(installed, slack, other_team):
    assert missing() == {}
    slack.revoke()
    assert "token_revoked" in missing()["Token"].said
    installed.refresh_from_db()
    assert installed.revoked_reason == "token_revoked"
    assert "Install the app again" in missing()["Token"].next_step


def test_a_workspace_alone_and_one_that_nobody_installed(installed):
    assert {each.workspace for each in slack_check.check(BOT["team_id"])} == {BOT["team_id"]}
    with pytest.raises(CommandError, match="never installed in T0NOWHERE"):
        call_command("slack", "check", "--workspace", "T0NOWHERE")


def test_tokens_that_were_not_exchanged_in_time(installed):
    models.SlackWorkspace.objects.update(token_expires_at="2026-01-01T00:00Z")
    assert "The token has ended." in missing()["Rotation"].said


def test_an_app_that_is_in_no_workspace_yet(installed, settings):
    models.SlackWorkspace.objects.all().delete()
    settings.PUBLIC_URL = "http://sahur.example.com"
    assert {"OAuth", "Workspaces"} <= missing().keys()


def test_slack_that_does_not_answer_is_told_as_that(complete, settings):
    settings.SLACK_API_URL = "http://127.0.0.1:9/api/"
    assert "does not answer" in missing()["Token"].said


def test_admins_see_the_workspaces_of_their_teams(installed, team, other_team, stranger, responder):
    adam = actor_for(make_user("adam", team, MemberRole.ADMIN))
    assert any(each.workspace for each in slack_check.check_for(adam))
    assert not any(each.workspace for each in slack_check.check_for(actor_for(stranger)))
    with pytest.raises(NotPermitted):
        slack_check.check_for(actor_for(responder))


def test_the_channels_of_the_bot_tokens_workspace_are_told_to_its_team(complete, team, stranger):
    models.SlackChannel.objects.create(workspace_id=BOT["team_id"], channel_id="C0GENERAL", name="general", takes_alerts=True)
    adam = actor_for(make_user("adam", team, MemberRole.ADMIN))
    assert "#general" in str(slack_check.check_for(adam))
    assert "#general" not in str(slack_check.check_for(actor_for(stranger)))


@pytest.mark.django_db(transaction=True)
def test_the_events_url_is_asked_for_slacks_challenge(complete, settings, live_server, monkeypatch):
    settings.SLACK_APP_TOKEN, settings.PUBLIC_URL = "", live_server.url
    monkeypatch.setattr(slack_check, "_never_reached", lambda url: "")
    assert "Events URL" not in missing()
    settings.PUBLIC_URL = f"{live_server.url}/elsewhere"
    assert "Events URL" in missing()
