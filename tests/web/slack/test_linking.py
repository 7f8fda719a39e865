"""People link themselves: from Slack to the page, where who is signed in says that it is they; and who takes links away."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import signing
from django.test import Client
from django.utils import timezone

from sahur.accounts.actor import actor_for
from sahur.accounts.models import AuditEntry, MemberRole, Membership, User
from sahur.batch import effects, slack_people
from sahur.batch.slack_people import Profile
from sahur.issues import models
from sahur_core.errors import NotFound, NotPermitted
from tests.waiting import wait_for
from tests.web.conftest import make_user
from tests.web.slack.acting import connect

pytestmark = pytest.mark.django_db(transaction=True)


def command(slack, word: str) -> str:
    """What the person alone is told."""
    before = len(slack.calls_of("response_url"))
    assert connect(slack).acting.commands("/sahur", word).is_acknowledged
    return str(wait_for(lambda: slack.calls_of("response_url")[before:])[-1]["text"])


def ticket_in(told: str) -> str:
    return parse_qs(urlsplit(told.partition("<")[2].partition("|")[0]).query)["ticket"][0]


def ticket(user_id: str = "U0RITA") -> str:
    return slack_people.link_ticket("T0FAKE", user_id, handle="rita", domain="fake")


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def send(user: User, text: str, path: str = "/api/slack/links/"):
    return as_(user).post(path, {"ticket": text}, content_type="application/json")


def linked() -> list[tuple[str, str]]:
    rows = models.SlackUser.objects.exclude(account=None).values_list("user_id", "account__username")
    return list(rows)


def test_the_command_hands_out_a_link_and_the_page_says_whom_it_links(slack, team, responder):
    told = command(slack, "link")
    assert "do not pass it on" in told
    shown = send(responder, ticket_in(told), "/api/slack/links/preview/").json()
    assert shown == {
        "workspace": "T0FAKE",
        "workspace_name": "fake",
        "user": "U0RITA",
        "name": "rita",
        "standing": "free",
        "role": "responder",
    }
    assert linked() == []
    assert slack.acting.opened_view() is None


def test_who_confirms_is_linked_and_it_can_be_looked_up(slack, team, responder):
    answer = send(responder, ticket_in(command(slack, "link")))
    assert (answer.status_code, linked()) == (200, [("U0RITA", "rita")])
    entry = AuditEntry.objects.get(action="slack_user.linked")
    assert (entry.user, entry.target, entry.team) == (responder, "T0FAKE/U0RITA", team)
    mine = as_(responder).get("/api/slack/links/").json()["results"]
    assert [(each["user"], each["account"]) for each in mine] == [("U0RITA", "rita")]


@pytest.mark.parametrize(
    ("held", "guests", "told"),
    [
        (MemberRole.VIEWER, "responder", "responder"),
        (MemberRole.VIEWER, "", "viewer"),
        (MemberRole.ADMIN, "viewer", "admin"),
        (None, "viewer", "viewer"),
        (None, "", ""),
    ],
)
def test_the_page_says_before_what_one_may_then(team, other_team, settings, held, guests, told):
    settings.SLACK_GUEST_ROLE = guests
    user = make_user("vera", team if held else other_team, held or MemberRole.ADMIN)
    assert send(user, ticket(), "/api/slack/links/preview/").json()["role"] == told


def test_a_ticket_works_once_also_after_the_link_is_gone(team, responder):
    first = ticket()
    assert send(responder, first).status_code == 200
    assert send(responder, first).status_code == 200, "the same person again changes nothing"
    assert AuditEntry.objects.filter(action="slack_user.linked").count() == 1
    slack_people.unlink_self("T0FAKE", "U0RITA")
    refused = send(responder, first)
    assert (refused.status_code, refused.json()["field"]) == (400, "ticket")
    assert linked() == []


def test_a_ticket_is_ours_and_ten_minutes_old_at_most(team, responder, monkeypatch):
    assert send(responder, "made-up").status_code == 400
    assert send(responder, signing.dumps({"user_id": "U0RITA"}, salt="another purpose")).status_code == 400
    old = ticket()
    monkeypatch.setattr(slack_people, "TICKET_SECONDS", -1)
    assert send(responder, old).status_code == 400
    assert linked() == []


def test_who_is_linked_to_another_account_is_refused_in_words(team, responder):
    other = make_user("otto", team, MemberRole.ADMIN)
    handed_out = ticket()
    assert send(other, handed_out).status_code == 200
    refused = send(responder, handed_out)
    assert (refused.status_code, refused.json()["detail"]) == (409, "rita in Slack is linked to another account.")
    assert send(responder, ticket(), "/api/slack/links/preview/").json()["standing"] == "taken"
    assert linked() == [("U0RITA", "otto")]


def test_no_other_site_and_no_token_can_confirm(team, responder):
    client = Client(enforce_csrf_checks=True)
    client.force_login(responder, backend="django.contrib.auth.backends.ModelBackend")
    refused = client.post("/api/slack/links/", {"ticket": ticket()}, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf_failed")
    assert linked() == []


def test_what_a_person_chose_no_address_changes(team, responder):
    User.objects.update(email="rita@example.com")
    send(responder, ticket())
    slack_people.unlink(actor_for(responder), models.SlackUser.objects.get().id)
    slack_people.met("T0FAKE", "U0RITA", Profile("Rita", "rita@example.com"))
    assert linked() == []


def test_who_is_linked_is_told_so_and_handed_no_link(slack, team, responder):
    User.objects.filter(pk=responder.pk).update(first_name="Rita", last_name="<Responder>")
    send(responder, ticket())
    told = command(slack, "link")
    assert "linked to the account rita (Rita &lt;Responder&gt;)" in told
    assert "/sahur unlink" in told
    assert "ticket" not in told


def direct_messages(slack) -> list[str]:
    return [post["text"] for post in slack.calls_of("chat.postMessage")]


def test_who_was_linked_is_told_it_in_slack_once(slack, team, responder):
    handed_out = ticket()
    for _ in range(2):
        assert send(responder, handed_out).status_code == 200
    effect = models.Effect.objects.get(kind="slack.linked")
    effects.deliver(effect.id)
    # Its worker was lost before it could note that.
    models.Effect.objects.filter(id=effect.id).update(state="started", due_at="2000-01-01T00:00:00Z")
    effects.deliver(effect.id)
    [told] = direct_messages(slack)
    assert "linked to the account rita" in told
    assert slack.calls_of("conversations.open")[0]["users"] == "U0RITA"


def test_nothing_is_told_of_a_link_that_is_gone(slack, team, responder):
    send(responder, ticket())
    slack_people.unlink_self("T0FAKE", "U0RITA")
    effects.deliver(models.Effect.objects.get(kind="slack.linked").id)
    assert direct_messages(slack) == []


def test_unlinking_in_slack(slack, team, responder):
    assert command(slack, "unlink") == "You were not linked to an account of SAHUR."
    send(responder, ticket())
    assert command(slack, "unlink") == "You are no longer linked to an account of SAHUR."
    assert linked() == []
    assert AuditEntry.objects.get(action="slack_user.unlinked").detail["by"] == "themselves, in Slack"


def test_admins_see_and_unlink_only_the_people_of_their_own_teams_workspaces(team, other_team, responder):
    models.SlackWorkspace.objects.create(workspace_id="T0OTHER", name="Other", team=other_team, installed_by="x")
    for workspace in ("T0FAKE", "T0OTHER"):
        models.SlackUser.objects.create(workspace_id=workspace, user_id="U0RITA", account=responder, linked_by="email")
    adam, olga = make_user("adam", team, MemberRole.ADMIN), make_user("olga", other_team, MemberRole.ADMIN)
    for admin, own in ((adam, "T0FAKE"), (olga, "T0OTHER")):
        told = as_(admin).get("/api/slack/people/").json()
        assert [each["workspace"] for each in told["results"]] == [own]
        assert "email" not in told["results"][0]
    foreign = models.SlackUser.objects.get(workspace_id="T0OTHER")
    with pytest.raises(NotFound):
        slack_people.unlink(actor_for(adam), foreign.id)
    slack_people.unlink(actor_for(olga), foreign.id)
    assert linked() == [("U0RITA", "rita")]


def test_others_unlink_nobody_but_themselves(team, responder):
    vera = make_user("vera", team, MemberRole.RESPONDER)
    send(responder, ticket())
    person = models.SlackUser.objects.get()
    with pytest.raises(NotPermitted):
        slack_people.unlink(actor_for(vera), person.id)
    Membership.objects.filter(user=responder).delete()
    assert as_(responder).delete(f"/api/slack/people/{person.id}/link/").status_code == 204
    assert linked() == []


def test_people_are_found_by_name_and_come_in_pages(team):
    adam = make_user("adam", team, MemberRole.ADMIN)
    for number in range(3):
        slack_people.met("T0FAKE", f"U{number}", Profile(f"Rita {number}"))
    first = as_(adam).get("/api/slack/people/?limit=2&q=rita").json()
    assert [each["name"] for each in first["results"]] == ["Rita 2", "Rita 1"]
    rest = as_(adam).get(f"/api/slack/people/?limit=2&q=rita&cursor={first['next']}").json()
    assert ([each["name"] for each in rest["results"]], rest["next"]) == (["Rita 0"], None)
    assert timezone.now() - models.SlackUser.objects.latest("asked_at").asked_at < timedelta(minutes=1)
