"""Teams, members and new people over REST: what is answered, and who is kept out. The rules: accounts/test_teams.py."""

import pytest
from django.test import Client

from sahur.accounts import services
from sahur.accounts.models import MemberRole, Team, User
from tests.web.api.conftest import TestClient
from tests.web.conftest import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def adam(admin: User) -> TestClient:
    return TestClient().sign_in(admin)


@pytest.fixture
def sam() -> TestClient:
    return TestClient().sign_in(User.objects.create_superuser("sam", password="correct horse battery"))


def members_of(team: Team) -> str:
    return f"/api/teams/{team.pk}/members/"


def test_members_are_listed_admins_first_without_what_only_they_should_know(client, adam, team, viewer):
    listed = client.get(members_of(team)).json()
    assert [(row["username"], row["role"]) for row in listed["results"]] == [
        ("adam", "admin"),
        ("rita", "responder"),
        ("vera", "viewer"),
    ]
    assert set(listed["results"][0]) == {"id", "username", "name", "role", "is_active"}
    assert listed["may_create_people"] is False


def test_admin_adds_changes_and_removes(adam, team, stranger):
    added = adam.send("post", members_of(team), {"username": "olga", "role": "viewer"})
    assert (added.status_code, added.json()["role"]) == (201, "viewer")
    assert adam.send("post", members_of(team), {"username": "olga", "role": "viewer"}).status_code == 200
    one = f"{members_of(team)}{stranger.pk}/"
    assert adam.send("patch", one, {"role": "responder", "was": "viewer"}).json()["role"] == "responder"
    late = adam.send("patch", one, {"role": "admin", "was": "viewer"})
    assert (late.status_code, late.json()["code"]) == (409, "conflict")
    assert adam.delete(one).status_code == 204
    assert adam.delete(one).status_code == 404


@pytest.mark.parametrize("body", [{}, {"username": "rita", "role": "root"}, {"username": "a\x00b"}, {"username": "x" * 151}, []])
def test_unusable_members_are_refused_with_a_reason(adam, team, body):
    answer = adam.send("post", members_of(team), body)
    assert answer.status_code == 400
    assert answer.json()["detail"]


def test_huge_ids_are_just_not_there(adam, team):
    huge = 10**30
    assert adam.get(f"/api/teams/{huge}/members/").status_code == 404
    assert adam.delete(f"{members_of(team)}{huge}/").status_code == 404
    assert adam.send("patch", f"/api/teams/{2**63}/", {"name": "a", "was": "b"}).status_code == 404


@pytest.mark.parametrize("role", list(MemberRole))
def test_api_tokens_read_members_and_change_nothing(anonymous, admin, team, responder, role):
    _, key = services.create_api_token(admin, "agent", role=role, by="adam")
    sent = {"Authorization": f"Bearer {key}"}
    assert anonymous.send("get", members_of(team), **sent).status_code == 200
    for method, path, body in (
        ("post", members_of(team), {"username": "olga"}),
        ("patch", f"{members_of(team)}{responder.pk}/", {"role": "admin", "was": "responder"}),
        ("delete", f"{members_of(team)}{responder.pk}/", None),
        ("patch", f"/api/teams/{team.pk}/", {"name": "Mine", "was": "SAHUR"}),
        ("post", "/api/teams/", {"key": "NEW", "name": "New"}),
        ("post", "/api/people/", {"username": "nina"}),
    ):
        answer = anonymous.send(method, path, body, **sent)
        assert (answer.status_code, answer.json()["code"]) == (403, "session_required"), (method, path)


def test_changes_need_the_csrf_token(admin, team):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    answer = strict.post(members_of(team), {"username": "rita"}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")


def test_who_has_a_one_time_password_reads_nothing_yet(team):
    nina, _ = services.create_user("nina")
    services.set_membership(nina, team, MemberRole.ADMIN, by="x")
    assert TestClient().sign_in(nina).get(members_of(team)).json()["code"] == "password_change_required"


def test_user_names_cannot_be_tried_out_by_the_hundred(adam, team, settings):
    answers = [adam.send("post", members_of(team), {"username": f"guess{n}"}).status_code for n in range(25)]
    assert answers[0] == 404
    assert answers[-1] == 429
    assert adam.get(members_of(team)).status_code == 200


def test_staff_creates_a_person_who_signs_in_with_the_password_shown(sam, team):
    made_team = sam.send("post", "/api/teams/", {"key": "NEW", "name": "New"})
    assert (made_team.status_code, made_team.json()["role"], made_team.json()["members"]) == (201, "admin", 1)
    body = {"username": "nina", "name": "Nina", "team": made_team.json()["id"], "role": "viewer"}
    made = sam.send("post", "/api/people/", body)
    assert (made.status_code, made.json()["team"]) == (201, "NEW")
    assert made["Cache-Control"] == "no-store"
    entering = TestClient().send("post", "/api/auth/login/", {"username": "nina", "password": made.json()["one_time_password"]})
    assert entering.json()["user"]["must_change_password"] is True
    again = sam.send("post", "/api/people/", body)
    assert (again.status_code, again.json()["code"]) == (409, "conflict")


@pytest.mark.parametrize(
    ("body", "field"),
    [({"username": "a b"}, "username"), ({"username": ""}, "username"), ({"username": "n", "email": "x"}, "email")],
)
def test_unusable_people_are_refused_at_their_field(sam, body, field):
    answer = sam.send("post", "/api/people/", body)
    assert (answer.status_code, answer.json()["field"]) == (400, field)


def test_teams_are_ones_own_with_their_role(client, adam, team, other_team, viewer):
    mine = client.get("/api/teams/").json()
    assert [(row["key"], row["role"], row["members"]) for row in mine["results"]] == [("SAH", "responder", 3)]
    assert mine["may_create"] is False
    assert adam.send("patch", f"/api/teams/{team.pk}/", {"name": "Shop", "was": "SAHUR"}).json()["name"] == "Shop"
    assert client.get("/api/auth/me/").json()["teams"][0]["name"] == "Shop"


def test_sockets_of_the_member_hear_of_it(adam, team, responder, django_capture_on_commit_callbacks):
    one = f"{members_of(team)}{responder.pk}/"
    for method, body in (("patch", {"role": "viewer", "was": "responder"}), ("delete", None)):
        with django_capture_on_commit_callbacks() as hints:
            adam.send(method, one, body)
        assert (responder.pk,) in [getattr(hint, "args", ()) for hint in hints], method


def test_staff_of_no_team_sees_no_members(sam, team):
    assert sam.get(members_of(team)).status_code == 404
    make_user("eve", team, MemberRole.ADMIN)
    assert sam.send("post", "/api/people/", {"username": "nina", "team": team.pk}).status_code == 404
