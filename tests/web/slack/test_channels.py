"""What admins set for channels, and that no admin sees or changes those of another team's workspace."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from sahur.accounts.models import AuditEntry, MemberRole, Membership, User
from sahur.batch import effects, slack_channels
from sahur.issues import models
from sahur.issues.services import reports
from sahur.issues.services.slack_threads import Place
from sahur_core.issues import Source
from tests.fakes.slack import BOT
from tests.web.conftest import make_user
from tests.web.slack.conftest import CHANNEL

pytestmark = pytest.mark.django_db(transaction=True)

HERE = f"/api/slack/channels/T0FAKE/{CHANNEL}/"


class Admin:
    def __init__(self, user: User) -> None:
        self.user = user
        self.client = Client()
        self.client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    def list(self) -> dict[str, Any]:
        return self.client.get("/api/slack/channels/").json()

    def put(self, path: str = HERE, **body: Any) -> Any:
        return self.client.put(path, body, content_type="application/json")

    def add(self, channel: str, workspace: str = "T0FAKE") -> Any:
        return self.client.post(
            "/api/slack/channels/", {"workspace": workspace, "channel": channel}, content_type="application/json"
        )


@pytest.fixture
def workspace(team) -> models.SlackWorkspace:
    return models.SlackWorkspace.objects.create(workspace_id="T0FAKE", name="Fake", team=team, installed_by="x")


@pytest.fixture
def adam(team) -> Admin:
    return Admin(make_user("adam", team, MemberRole.ADMIN))


@pytest.fixture
def olga(other_team) -> Admin:
    return Admin(make_user("olga", other_team, MemberRole.ADMIN))


def the_channel() -> models.SlackChannel:
    return models.SlackChannel.objects.select_related("team", "repository").get()


def ask_slack() -> None:
    for effect in models.Effect.objects.filter(kind="slack.channel", state="pending"):
        models.Effect.objects.filter(id=effect.id).update(due_at=timezone.now() - timedelta(seconds=1))
        effects.deliver(effect.id)


@pytest.mark.parametrize(
    "named",
    [
        CHANNEL,
        f"https://fake.slack.com/archives/{CHANNEL}",
        f"https://fake.slack.com/archives/{CHANNEL}/p1700000000000000?thread_ts=1.2",
        f"https://app.slack.com/client/T0FAKE/{CHANNEL}",
    ],
)
def test_a_channel_is_added_by_id_or_link(adam, workspace, named):
    assert adam.add(named).status_code == 201
    assert (the_channel().workspace_id, the_channel().channel_id) == ("T0FAKE", CHANNEL)
    assert adam.add(named).status_code == 201
    assert AuditEntry.objects.filter(action="slack_channel.added").count() == 1


@pytest.mark.parametrize("named", ["general", "D0DIRECT", "https://evil.example/", f"https://fake.slack.com/files/{CHANNEL}"])
def test_what_names_no_channel_is_refused_at_its_field(adam, workspace, named):
    refused = adam.add(named)
    assert (refused.status_code, refused.json()["field"]) == (400, "channel")


def test_slack_is_asked_what_it_is_and_whether_we_are_in_it(slack, adam, team):
    models.SlackUser.objects.create(workspace_id="T0FAKE", user_id="U0RITA")
    slack.add_channel("C0SECRET", "secret", kind="group")
    slack.add_channel("C0LOUD", "loud", members=set())
    for channel in ("C0SECRET", "C0LOUD", "C0GONE"):
        assert adam.add(channel).status_code == 201
    ask_slack()
    told = {each["channel"]: (each["name"], each["is_private"], each["is_member"]) for each in adam.list()["results"]}
    assert told == {"C0SECRET": ("secret", True, True), "C0LOUD": ("loud", False, False), "C0GONE": ("", None, False)}


def test_slack_is_asked_with_the_first_report_what_the_channel_is(slack, mention, adam, team):
    mention("Checkout fails")
    mention("Search fails")
    assert slack.calls_of("conversations.info") == []
    assert models.Effect.objects.filter(kind="slack.channel").count() == 1
    ask_slack()
    [told] = adam.list()["results"]
    assert (told["name"], told["is_private"], told["is_member"], told["issues"]) == ("general", False, True, 2)


def test_slack_is_asked_again_with_a_report_after_some_hours(slack, mention, team):
    row = models.SlackChannel.objects.create(workspace_id="T0FAKE", channel_id=CHANNEL, name="old", asked_at=timezone.now())
    mention("Checkout fails")
    assert not models.Effect.objects.filter(kind="slack.channel").exists()
    models.SlackChannel.objects.update(asked_at=timezone.now() - timedelta(hours=5))
    mention("Search fails")
    ask_slack()
    row.refresh_from_db()
    assert row.name == "general"


def test_private_channels_of_old_have_a_name_too(slack, adam, team):
    slack.add_channel("G0BOARD", "board", kind="group")
    place = Place("T0FAKE", "G0BOARD", "1.1", "U0RITA")
    reports.open_issue(team, reports.NewIssue("x", "x", Source.SLACK, "Rita", place=place))
    ask_slack()
    assert [(each["name"], each["is_private"]) for each in adam.list()["results"]] == [("board", True)]


def test_reports_go_where_the_admin_says(slack, mention, adam, team, other_team):
    mention("Checkout fails")
    Membership.objects.create(user=adam.user, team=other_team, role=MemberRole.ADMIN)
    models.Repository.objects.create(team=other_team, name="till", source="https://example.org/till.git")
    changed = adam.put(team="OTH", repository="till", takes_alerts=True).json()
    assert (changed["team"], changed["repository"], changed["takes_alerts"], changed["issues"]) == ("OTH", "till", True, 1)
    mention("Another one")
    newest = models.Issue.objects.select_related("repository").latest("created_at")
    assert (newest.team, newest.repository.name) == (other_team, "till")
    entries = AuditEntry.objects.filter(action="slack_channel.changed")
    assert {entry.team_id for entry in entries} == {team.pk, other_team.pk}


def test_a_channel_goes_to_no_team_that_one_is_no_admin_of(adam, workspace, other_team):
    Membership.objects.create(user=adam.user, team=other_team, role=MemberRole.RESPONDER)
    adam.add(CHANNEL)
    assert adam.put(team="OTH").status_code == 403
    assert [each["key"] for each in adam.list()["teams"]] == ["SAH"]
    assert the_channel().team is None


def test_a_repository_must_be_of_the_team_that_gets_the_reports(adam, workspace, team, other_team):
    models.Repository.objects.create(team=other_team, name="till", source="https://example.org/till.git")
    models.Repository.objects.create(team=team, name="shop", source="https://example.org/shop.git")
    adam.add(CHANNEL)
    refused = adam.put(repository="till")
    assert (refused.status_code, refused.json()["field"]) == (400, "repository")
    assert adam.put(repository="shop").json()["repository"] == "shop"


def test_another_teams_workspace_does_not_exist(adam, olga, workspace):
    adam.add(CHANNEL)
    models.SlackUser.objects.create(workspace_id="T0FAKE", user_id="U0RITA", name="Rita")
    assert (olga.list()["results"], olga.list()["workspaces"]) == ([], [])
    assert olga.client.get("/api/slack/people/").json()["results"] == []
    guests = {"role": "viewer", "was": "responder"}
    answers = [
        olga.client.get(HERE),
        olga.put(takes_alerts=True),
        olga.client.delete(HERE),
        olga.add("C0OTHER"),
        olga.put("/api/slack/workspaces/T0FAKE/guest-role/", **guests),
    ]
    assert [each.status_code for each in answers] == [404] * 5
    assert not the_channel().takes_alerts


def test_nothing_is_set_for_a_workspace_that_nobody_has_seen(adam, olga, team, workspace):
    assert adam.add(CHANNEL, workspace="T0UNKNOWN").status_code == 404
    assert adam.add("https://app.slack.com/client/T0UNKNOWN/C0GENERAL").status_code == 404
    assert not models.SlackChannel.objects.exists()


def test_which_other_team_gets_the_reports_is_not_told(adam, workspace, other_team):
    repository = models.Repository.objects.create(team=other_team, name="till", source="https://example.org/till.git")
    models.SlackChannel.objects.create(workspace_id="T0FAKE", channel_id=CHANNEL, team=other_team, repository=repository)
    shown = adam.client.get(HERE).json()
    assert (shown["is_foreign"], shown["team"], shown["repository"]) == (True, "", "")
    assert adam.put(takes_alerts=False).status_code == 200
    assert (the_channel().team, the_channel().repository) == (other_team, repository)


def test_what_another_team_gets_from_a_channel_is_not_made_more_but_the_channel_can_be_taken_back(adam, workspace, other_team):
    models.SlackChannel.objects.create(workspace_id="T0FAKE", channel_id=CHANNEL, team=other_team)
    assert adam.put(takes_alerts=True).status_code == 403
    assert not the_channel().takes_alerts
    assert adam.client.delete(HERE).status_code == 204
    told = AuditEntry.objects.filter(action="slack_channel.removed").values_list("team_id", flat=True)
    assert set(told) == {workspace.team_id, other_team.pk}
    models.SlackChannel.objects.create(workspace_id="T0FAKE", channel_id=CHANNEL, team=other_team)
    assert adam.put(team="", takes_alerts=True).status_code == 200
    assert (the_channel().team, the_channel().takes_alerts) == (None, True)


def test_guests_get_no_more_rights_in_a_team_that_one_is_no_admin_of(adam, workspace, other_team):
    path = "/api/slack/workspaces/T0FAKE/guest-role/"
    models.SlackChannel.objects.create(workspace_id="T0FAKE", channel_id=CHANNEL, team=other_team)
    assert adam.put(path, role="viewer", was="responder").status_code == 204
    refused = adam.put(path, role="responder", was="viewer")
    assert (refused.status_code, "OTH" in refused.json()["detail"]) == (403, False)
    Membership.objects.create(user=adam.user, team=other_team, role=MemberRole.ADMIN)
    assert adam.put(path, role="responder", was="viewer").status_code == 204


def test_two_admins_do_not_overwrite_each_other(adam, workspace, team):
    adam.add(CHANNEL)
    second = Admin(make_user("anna", team, MemberRole.ADMIN))
    seen_at = adam.put(takes_alerts=True).json()["changed_at"]
    assert second.put(takes_alerts=False, seen_at=seen_at).status_code == 200
    refused = adam.put(takes_alerts=True, seen_at=seen_at)
    assert (refused.status_code, refused.json()["detail"]) == (409, "anna has changed this channel meanwhile.")


def test_nor_do_they_where_nothing_was_set_before(adam, workspace, team):
    seen_at = adam.add(CHANNEL).json()["changed_at"]
    second = Admin(make_user("anna", team, MemberRole.ADMIN))
    assert second.put(takes_alerts=True, seen_at=seen_at).status_code == 200
    assert adam.put(takes_alerts=False, seen_at=seen_at).status_code == 409
    assert adam.put(takes_alerts=False).status_code == 200


def test_of_very_many_channels_those_that_are_set_up_or_told_in_are_shown(mention, adam, team, monkeypatch):
    monkeypatch.setattr(slack_channels, "MOST_SHOWN", 2)
    for number in range(3):
        models.SlackChannel.objects.create(workspace_id="T0FAKE", channel_id=f"C0{number}")
    mention("Checkout fails")
    models.SlackChannel.objects.update_or_create(workspace_id="T0FAKE", channel_id=CHANNEL, defaults={"name": "general"})
    adam.put("/api/slack/channels/T0FAKE/C02/", takes_alerts=True)
    shown = {each["channel"]: (each["name"], each["takes_alerts"]) for each in adam.list()["results"]}
    assert (shown["C02"], shown[CHANNEL]) == (("", True), ("general", False))


def test_what_is_set_can_be_taken_away(adam, workspace):
    adam.add(CHANNEL)
    assert adam.client.delete(HERE).status_code == 204
    assert adam.list()["results"] == []
    assert adam.client.get(HERE).status_code == 404


def test_guests_get_a_role_of_the_workspace(adam, workspace):
    path = "/api/slack/workspaces/T0FAKE/guest-role/"
    assert adam.put(path, role="", was="responder").status_code == 204
    assert adam.put(path, role="viewer", was="responder").status_code == 409
    assert adam.put(path, role="admin", was="").status_code == 400
    assert adam.list()["workspaces"][0]["guest_role"] == ""
    entry = AuditEntry.objects.get(action="slack_workspace.guest_role_set")
    assert entry.detail == {"role": "", "was": "responder"}


def test_the_workspace_of_the_settings_has_its_guests_role_there(mention, adam, team):
    mention("Checkout fails")
    shown = adam.list()["workspaces"][0]
    assert (shown["workspace"], shown["guest_role"], shown["has_own_guest_role"]) == (BOT["team_id"], "responder", False)
    assert adam.put("/api/slack/workspaces/T0FAKE/guest-role/", role="viewer", was="responder").status_code == 404


def test_direct_messages_are_no_channels(adam, tell, team):
    event = {"type": "message", "channel_type": "im", "user": "U0RITA", "text": "It broke", "ts": "1.1", "channel": "D0DIRECT"}
    tell(event)
    assert adam.list()["results"] == []
    assert not models.Effect.objects.filter(kind="slack.channel").exists()
