"""Installed workspaces: whose events are taken, what becomes of revoked tokens, and how tokens are exchanged in time."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from sahur.accounts.models import AuditEntry, Team
from sahur.batch import effects as delivery
from sahur.batch import reaper
from sahur.issues import models
from sahur.issues.services import slack_workspaces
from sahur.issues.services.slack_workspaces import Installation, Tokens
from sahur.slack.app import NOT_CONNECTED
from sahur.slack.delivery import tokens
from sahur.slack.delivery.posts import alone
from sahur_core.errors import SlackNotConnected
from tests.fakes.slack import BOT, CLIENT_ID, CLIENT_SECRET, Script, Slack, Token, signed
from tests.waiting import wait_for
from tests.web.slack.conftest import CHANNEL, post

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded"
WORKSPACE, FIRST = BOT["team_id"], "xoxb-one"
MENTION = {"type": "app_mention", "user": "U0RITA", "text": "<@U0SAHUR> Down", "ts": "1.1", "channel": CHANNEL}


@pytest.fixture
def slack(slack: Slack, settings: Any) -> Slack:
    settings.SLACK_BOT_TOKEN = ""
    settings.SLACK_CLIENT_ID, settings.SLACK_CLIENT_SECRET = CLIENT_ID, CLIENT_SECRET
    return slack


def installed(team: Team, slack: Slack, *, expires_in: int | None = None, token: str = FIRST) -> models.SlackWorkspace:
    """The workspace as if it had been installed, with tokens that Slack knows."""
    slack.tokens[token] = Token(token, WORKSPACE)
    slack.refresh_tokens["xoxe-one"] = Token("xoxe-one", WORKSPACE, {"chat:write"})
    tokens = Tokens(token, "xoxe-one" if expires_in else "", expires_in)
    return slack_workspaces.install(team, Installation(WORKSPACE, "Fake", tokens, bot_user_id=BOT["user_id"]), "Adam")


def rotate() -> models.Effect:
    """What the reaper plans, and a worker then does."""
    reaper.rotate_slack_tokens()
    effect = models.Effect.objects.filter(kind="slack.rotate").order_by("-created_at").first()
    assert effect is not None
    models.Effect.objects.filter(id=effect.id).update(due_at=timezone.now() - timedelta(seconds=1))
    delivery.deliver(effect.id)
    effect.refresh_from_db()
    return effect


def test_tokens_are_exchanged_before_they_end_once_for_each_end(slack, team):
    installed(team, slack, expires_in=3600)
    assert rotate().state == "done"
    row = models.SlackWorkspace.objects.get()
    assert slack_workspaces.token_of(WORKSPACE) != "xoxb-one"
    assert slack_workspaces.tokens_of(row).refresh_token in slack.refresh_tokens
    assert row.token_expires_at > timezone.now() + timedelta(hours=11)
    reaper.rotate_slack_tokens()
    assert models.Effect.objects.count() == 1


def test_what_ends_later_or_never_is_left_alone(slack, team):
    installed(team, slack, expires_in=43_200)
    reaper.rotate_slack_tokens()
    installed(team, slack)
    reaper.rotate_slack_tokens()
    assert not models.Effect.objects.exists()


def test_an_exchange_that_fails_keeps_the_old_pair_and_is_tried_again(slack, team):
    installed(team, slack, expires_in=3600)
    slack.script("oauth.v2.access", Script(error="internal_error", status=500))
    assert rotate().state == "pending"
    assert slack_workspaces.token_of(WORKSPACE) == "xoxb-one"
    assert rotate().state == "done"
    assert slack_workspaces.token_of(WORKSPACE) != "xoxb-one"


def test_killed_after_slack_answered_the_workspace_lives_as_long_as_its_token(slack, team):
    installed(team, slack, expires_in=3600)
    slack.script("oauth.v2.access", Script(after_work=True))  # Slack has exchanged it; nobody has heard the answer.
    assert rotate().state == "pending"
    lost = rotate()
    assert (lost.state, "Install the app again" in lost.last_error) == ("pending", True)
    assert slack_workspaces.token_of(WORKSPACE) == "xoxb-one"
    ended = timezone.now() - timedelta(minutes=1)
    models.SlackWorkspace.objects.update(token_expires_at=ended)
    assert rotate().state == "failed"
    assert models.SlackWorkspace.objects.get().revoked_reason == "invalid_refresh_token"


def test_killed_after_slack_answered_the_older_pair_is_taken_where_slack_still_takes_it(slack, team):
    installed(team, slack, expires_in=3600)
    kept = slack.refresh_tokens["xoxe-one"]
    slack.script("oauth.v2.access", Script(after_work=True))
    assert rotate().state == "pending"
    slack.refresh_tokens["xoxe-one"] = kept
    assert rotate().state == "done"
    assert slack_workspaces.token_of(WORKSPACE) != "xoxb-one"


def test_a_second_exchange_for_the_same_end_changes_nothing(slack, team):
    installed(team, slack, expires_in=3600)
    first = rotate()
    token = slack_workspaces.token_of(WORKSPACE)
    models.Effect.objects.filter(id=first.id).update(state="pending")
    delivery.deliver(first.id)
    assert slack_workspaces.token_of(WORKSPACE) == token


@pytest.mark.django_db(transaction=True)
def test_what_happens_to_the_workspace_while_slack_exchanges_waits_for_nobody_and_stays(slack, team, monkeypatch):
    installed(team, slack, expires_in=3600)
    ask_slack, is_held = tokens._exchange, []

    def is_removed_meanwhile(refresh_token: str) -> dict[str, Any]:
        removal = threading.Thread(target=in_own_connection, args=(lambda: slack_workspaces.mark_revoked(WORKSPACE, "gone"),))
        removal.start()
        removal.join(timeout=5)
        is_held.append(removal.is_alive())
        return ask_slack(refresh_token)

    monkeypatch.setattr(tokens, "_exchange", is_removed_meanwhile)
    assert (rotate().result, is_held) == ({"rotated": False}, [False])
    row = models.SlackWorkspace.objects.get()
    assert (row.revoked_reason, row.sealed_tokens, row.token_expires_at) == ("gone", "", None)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("code", ["token_revoked", "invalid_refresh_token"])
def test_what_is_installed_while_slack_refuses_the_old_tokens_stays(slack, team, monkeypatch, code):
    installed(team, slack, expires_in=3600)
    slack.script("oauth.v2.access", Script(error=code))
    ask_slack = tokens._exchange

    def is_installed_meanwhile(refresh_token: str) -> dict[str, Any]:
        row = models.SlackWorkspace.objects.get()
        assert slack_workspaces.replace_tokens(row, slack_workspaces.Tokens("xoxb-new"))
        return ask_slack(refresh_token)

    models.SlackWorkspace.objects.update(token_expires_at=timezone.now() - timedelta(minutes=1))
    monkeypatch.setattr(tokens, "_exchange", is_installed_meanwhile)
    rotate()
    assert slack_workspaces.token_of(WORKSPACE) == "xoxb-new"


def in_own_connection(work: Callable[[], object]) -> None:
    try:
        work()
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_who_comes_second_to_an_exchange_waits_for_it(slack, team):
    installed(team, slack, expires_in=3600)
    with alone(slack_workspaces.purpose(WORKSPACE)):
        second = threading.Thread(target=in_own_connection, args=(lambda: seen.append(rotate()),))
        seen: list[models.Effect] = []
        second.start()
        second.join()
    assert [(each.state, each.attempt) for each in seen] == [("pending", 0)]
    assert rotate().state == "done"


def test_an_expired_token_is_exchanged_at_once(slack, team):
    installed(team, slack, expires_in=43_200)
    assert slack_workspaces.note_refused_token(WORKSPACE, "xoxb-one", "token_expired")
    assert models.Effect.objects.get().kind == "slack.rotate"


def test_removal_empties_the_tokens_and_is_in_the_audit(slack, team, tell):
    installed(team, slack)
    assert tell({"type": "app_uninstalled"}).status_code == 200
    row = models.SlackWorkspace.objects.get()
    assert (row.sealed_tokens, row.revoked_reason, bool(row.revoked_at)) == ("", "app_uninstalled", True)
    assert AuditEntry.objects.get().action == "slack_workspace.revoked"
    with pytest.raises(SlackNotConnected):
        slack_workspaces.token_of(WORKSPACE)
    assert tell(MENTION).status_code == 200
    assert not models.Issue.objects.exists()


def test_a_removal_that_is_told_late_does_not_undo_a_newer_installation(slack, team, tell):
    installed(team, slack)
    assert tell({"type": "app_uninstalled"}, event_time=int(time.time()) - 60).status_code == 200
    assert slack_workspaces.token_of(WORKSPACE) == "xoxb-one"


def test_only_revoked_tokens_of_bots_are_ours(slack, team, tell):
    installed(team, slack)
    tell({"type": "tokens_revoked", "tokens": {"oauth": ["U0RITA"]}})
    assert tell({"type": "tokens_revoked", "tokens": None}).status_code == 200
    assert slack_workspaces.token_of(WORKSPACE)
    tell({"type": "tokens_revoked", "tokens": {"bot": ["U0SAHUR"]}})
    assert models.SlackWorkspace.objects.get().revoked_reason == "token_revoked"


def test_the_refusal_of_an_older_token_says_nothing_of_the_one_installed_since(slack, team):
    installed(team, slack)
    installed(team, slack, token="xoxb-two")
    assert slack_workspaces.note_refused_token(WORKSPACE, "xoxb-one", "token_revoked")
    assert slack_workspaces.token_of(WORKSPACE) == "xoxb-two"
    slack_workspaces.note_refused_token(WORKSPACE, "xoxb-two", "account_inactive")
    assert models.SlackWorkspace.objects.get().revoked_reason == "account_inactive"


@pytest.mark.parametrize("event", [MENTION, {"type": "app_uninstalled"}, {"type": "tokens_revoked", "tokens": {"bot": ["U1"]}}])
def test_events_of_a_workspace_that_nobody_connected_are_answered_and_do_nothing(event, slack, team, tell, settings):
    settings.SLACK_BOT_TOKEN = "xoxb-of-another-workspace"  # Not used beside an app that is installed over OAuth.
    assert tell(event, team_id="T0UNKNOWN").status_code == 200
    assert not models.Issue.objects.exists()


def test_a_button_of_a_workspace_that_nobody_connects_any_more_is_answered_in_words(slack, team):
    address = f"{slack.origin}/response/{CHANNEL}/1.1"
    pressed = {"type": "button", "action_id": "stop_run", "value": "x"}
    click = {"type": "block_actions", "team": {"id": WORKSPACE}, "user": {"id": "U0RITA"}, "actions": [pressed]}
    click["response_url"] = address
    body = urlencode({"payload": json.dumps(click)})
    answer = post(body, signed(body), content_type=FORM)
    assert (answer.status_code, answer.content) == (200, b"")
    # After the answer, over the address that came with it: no token is needed there.
    told = wait_for(lambda: slack.calls_of("response_url"))[0]
    assert (told["response_type"], told["replace_original"], told["text"]) == ("ephemeral", False, NOT_CONNECTED)
    slack.calls.clear()
    command = urlencode({"command": "/sahur", "team_id": WORKSPACE, "user_id": "U0RITA", "response_url": address})
    assert b"not connected" in post(command, signed(command), content_type=FORM).content
    assert not slack.calls


def test_a_shortcut_of_a_workspace_that_nobody_connects_any_more_is_answered_in_words(slack, team):
    address = f"{slack.origin}/response/{CHANNEL}/1.1"
    chosen = {"type": "message_action", "callback_id": "investigate", "team": {"id": WORKSPACE}, "user": {"id": "U0RITA"}}
    body = urlencode({"payload": json.dumps({**chosen, "response_url": address})})
    assert post(body, signed(body), content_type=FORM).content == b""
    assert wait_for(lambda: slack.calls_of("response_url"))[0]["text"] == NOT_CONNECTED


def test_what_waited_goes_out_after_the_app_is_installed_again(slack, team, tell):
    installed(team, slack)
    slack_workspaces.mark_revoked(WORKSPACE, "token_revoked")
    thread = models.SlackThread.objects.create(
        issue=models.Issue.objects.create(team=team, number=1, key="SAH-1", title="x", source="slack"),
        workspace_id=WORKSPACE,
        channel_id=CHANNEL,
        root_ts="1.1",
    )
    later = timezone.now() + timedelta(minutes=15)
    effect = models.Effect.objects.create(key="k", kind="slack.card", thread=thread, due_at=later)
    installed(team, slack)
    effect.refresh_from_db()
    assert effect.due_at <= timezone.now()


def test_reports_belong_to_the_team_that_the_workspace_was_installed_for(slack, team, other_team, settings):
    settings.SLACK_TEAM_KEY = "SAH"
    installed(other_team, slack)
    assert slack_workspaces.team_of(WORKSPACE) == other_team
    assert slack_workspaces.team_of("T0UNKNOWN") == team


def test_sealed_tokens_move_to_a_new_key(slack, team, settings, capsys):
    installed(team, slack)
    before = models.SlackWorkspace.objects.get().sealed_tokens
    settings.ENCRYPTION_KEYS = ["a-new-key", *settings.ENCRYPTION_KEYS]
    call_command("reseal_secrets")
    settings.ENCRYPTION_KEYS = ["a-new-key"]
    assert models.SlackWorkspace.objects.get().sealed_tokens != before
    assert slack_workspaces.token_of(WORKSPACE) == "xoxb-one"


def test_guests_may_do_nothing_in_a_team_that_the_workspace_was_taken_from(slack, team, other_team, settings):
    settings.SLACK_GUEST_ROLE = ""
    installed(team, slack)
    assert slack_workspaces.guest_role(WORKSPACE, team.pk) == ""  # As the settings say, until an admin says otherwise.
    models.SlackWorkspace.objects.update(guest_role="responder")
    installed(team, slack, token="xoxb-two")
    assert slack_workspaces.guest_role(WORKSPACE, team.pk) == "responder"
    assert slack_workspaces.guest_role(WORKSPACE, other_team.pk) == ""
    installed(other_team, slack, token="xoxb-three")
    models.SlackWorkspace.objects.update(guest_role="responder")
    assert slack_workspaces.guest_role(WORKSPACE, team.pk) == ""
    models.SlackChannel.objects.create(workspace_id=WORKSPACE, channel_id=CHANNEL, team=team)
    assert slack_workspaces.guest_role(WORKSPACE, team.pk) == "responder"


def test_guests_of_the_bot_tokens_workspace_are_guests_of_its_team_alone(slack, team, other_team, settings):
    settings.SLACK_TEAM_KEY, settings.SLACK_GUEST_ROLE = "SAH", "viewer"
    assert slack_workspaces.guest_role("T0ANY", team.pk) == "viewer"
    assert slack_workspaces.guest_role("T0ANY", other_team.pk) == ""
