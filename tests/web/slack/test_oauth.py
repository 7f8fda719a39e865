"""Workspaces are installed over OAuth: by admins, with a state of their own session, once; refusals are told on a page."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from django.core import signing
from django.test import Client

from sahur.accounts.models import AuditEntry, MemberRole, Membership, Team, User
from sahur.issues import models
from sahur.issues.services import slack_workspaces
from sahur.slack import oauth
from tests.fakes.slack import CLIENT_ID, CLIENT_SECRET, Slack
from tests.web.conftest import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def slack(slack: Slack, settings: Any) -> Slack:
    settings.SLACK_BOT_TOKEN = ""
    settings.SLACK_CLIENT_ID, settings.SLACK_CLIENT_SECRET = CLIENT_ID, CLIENT_SECRET
    return slack


@pytest.fixture
def admin(team: Team) -> User:
    return make_user("adam", team, MemberRole.ADMIN)


def signed_in(user: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def consent(client: Client, team: str = "SAH") -> str:
    """Begin, and agree in Slack: the path that Slack sends the browser back to."""
    begun = client.get("/slack/install", {"team": team})
    assert begun.status_code == 302, begun.content
    back = httpx2.get(begun["Location"], follow_redirects=False).headers["Location"]
    return back.removeprefix("http://127.0.0.1:8000")


def install(client: Client, team: str = "SAH") -> Any:
    return client.get(consent(client, team))


def test_an_admin_installs_and_the_tokens_are_sealed(slack, admin, team):
    answer = install(signed_in(admin))
    assert (answer.status_code, answer["Location"]) == (302, "/settings/slack/")
    row = models.SlackWorkspace.objects.get()
    assert (row.workspace_id, row.name, row.team, row.bot_user_id) == ("T0FAKE", "Fake", team, "U0SAHUR")
    token = slack_workspaces.token_of("T0FAKE")
    assert token in slack.tokens
    assert token not in row.sealed_tokens
    entry = AuditEntry.objects.get(action="slack_workspace.installed")
    assert (entry.user, entry.target, entry.team) == (admin, "T0FAKE", team)
    assert token not in str(entry.detail)


def test_what_is_asked_for_is_what_the_manifest_names(slack, admin):
    address = signed_in(admin).get("/slack/install", {"team": "SAH"})["Location"]
    asked = parse_qs(urlsplit(address).query)
    assert set(asked["scope"][0].split(",")) == set(oauth.slack_app.SCOPES)
    assert asked["redirect_uri"] == [oauth.redirect_address()]


def test_a_state_is_taken_once(slack, admin):
    client = signed_in(admin)
    back = consent(client)
    assert client.get(back).status_code == 302
    again = client.get(back)
    assert again.status_code == 400
    assert b"done already" in again.content


def test_a_state_of_another_session_is_refused(slack, admin, team):
    back = consent(signed_in(admin))
    other = signed_in(make_user("anna", team, MemberRole.ADMIN)).get(back)
    assert other.status_code == 400
    assert not models.SlackWorkspace.objects.exists()


def test_a_state_ends_and_a_forged_one_is_none(slack, admin, monkeypatch):
    client = signed_in(admin)
    back = consent(client)
    monkeypatch.setattr(oauth, "STATE_SECONDS", -1)
    assert client.get(back).status_code == 400
    forged = signing.dumps({"nonce": "x", "team": "SAH"}, salt=oauth.SALT)
    assert client.get("/slack/oauth_redirect", {"state": forged, "code": "y"}).status_code == 400
    assert not models.SlackWorkspace.objects.exists()


def test_who_was_no_admin_any_more_when_slack_sent_them_back_installs_nothing(slack, admin):
    client = signed_in(admin)
    back = consent(client)
    Membership.objects.filter(user=admin).update(role=MemberRole.VIEWER)
    assert client.get(back).status_code == 403
    assert not models.SlackWorkspace.objects.exists()


def test_a_workspace_moves_only_with_a_word_in_both_teams(slack, admin, stranger, other_team):
    assert install(signed_in(admin)).status_code == 302
    refused = install(signed_in(stranger), "OTH")
    assert refused.status_code == 403
    assert b"another team" in refused.content
    assert models.SlackWorkspace.objects.get().team.key == "SAH"
    staff = User.objects.create_superuser("sam")
    assert install(signed_in(staff), "OTH").status_code == 302
    assert models.SlackWorkspace.objects.get().team == other_team
    assert AuditEntry.objects.get(action="slack_workspace.moved_away").team.key == "SAH"


def test_a_workspace_that_the_bot_token_has_connected_is_not_taken_from_its_team(slack, admin, stranger, issue):
    models.SlackThread.objects.create(issue=issue, workspace_id="T0FAKE", channel_id="C0GENERAL", root_ts="1.1")
    assert install(signed_in(stranger), "OTH").status_code == 403
    assert not models.SlackWorkspace.objects.exists()
    assert install(signed_in(admin)).status_code == 302


def test_a_refusal_in_slack_is_told(slack, admin):
    client = signed_in(admin)
    state = parse_qs(urlsplit(consent(client)).query)["state"][0]
    answer = client.get("/slack/oauth_redirect", {"error": "access_denied", "state": state})
    assert answer.status_code == 400
    assert b"You did not allow SAHUR into the workspace." in answer.content


def test_a_code_that_slack_does_not_know_is_told_with_its_word(slack, admin):
    client = signed_in(admin)
    state = parse_qs(urlsplit(consent(client)).query)["state"][0]
    answer = client.get("/slack/oauth_redirect", {"code": "<b>guessed</b>", "state": state})
    assert answer.status_code == 400
    assert b"invalid_code" in answer.content


def test_an_installation_for_a_whole_organization_is_refused_in_words():
    with pytest.raises(oauth.InputError, match="whole organization"):
        oauth._installation({"is_enterprise_install": True, "team": None, "access_token": "x"})


def test_without_the_apps_credentials_it_says_what_to_set(slack, admin, settings):
    settings.SLACK_CLIENT_SECRET = ""
    answer = signed_in(admin).get("/slack/install", {"team": "SAH"})
    assert answer.status_code == 503
    assert b"SLACK_CLIENT_SECRET" in answer.content


def test_who_is_signed_out_is_sent_to_sign_in_and_a_one_time_password_does_not_do(slack, admin):
    assert Client().get("/slack/install?team=SAH")["Location"] == "/login/?next=/slack/install%3Fteam%3DSAH"
    User.objects.filter(pk=admin.pk).update(must_change_password=True)
    assert signed_in(admin).get("/slack/install?team=SAH")["Location"] == "/login/"
