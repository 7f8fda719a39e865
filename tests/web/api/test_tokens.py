"""API tokens and socket tickets are one's own, and never more than their maker."""

import pytest

from sahur.accounts import services
from sahur.accounts.models import ApiToken, MemberRole
from tests.web.api.conftest import TestClient

pytestmark = pytest.mark.django_db

TOKENS = "/api/tokens/"


def test_key_is_shown_once_and_works(client, anonymous):
    made = client.send("post", TOKENS, {"name": "ci", "role": "viewer"})
    assert made.status_code == 201
    key = made.json()["key"]
    assert anonymous.send("get", "/api/issues/", Authorization=f"Bearer {key}").status_code == 200
    assert anonymous.send("get", "/api/auth/me/", Authorization=f"Bearer {key}").json()["user"]["username"] == "rita"
    listed = client.get(TOKENS).json()["results"]
    assert [token["name"] for token in listed] == ["ci"]
    assert key not in str(listed)


def test_token_is_for_all_tools_or_for_those_it_names(client):
    assert client.send("post", TOKENS, {"name": "all"}).json()["tools"] == ["*"]
    assert client.send("post", TOKENS, {"name": "code", "tools": ["code__*", "issues__read"]}).status_code == 201
    assert client.send("post", TOKENS, {"name": "rest only", "tools": []}).json()["tools"] == []
    assert [token["tools"] for token in client.get(TOKENS).json()["results"]] == [[], ["code__*", "issues__read"], ["*"]]


def test_revoked_token_is_refused(client, anonymous):
    made = client.send("post", TOKENS, {"name": "ci"}).json()
    assert client.delete(f"{TOKENS}{made['id']}/").status_code == 204
    answer = anonymous.send("get", "/api/issues/", Authorization=f"Bearer {made['key']}")
    assert (answer.status_code, answer.json()["code"]) == (401, "authentication_failed")
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert client.delete(f"{TOKENS}{made['id']}/").status_code == 404


def test_nobody_sees_or_revokes_the_token_of_another(client, admin):
    token, _ = services.create_api_token(admin, "admin's", by="adam")
    assert client.get(TOKENS).json()["results"] == []
    assert client.delete(f"{TOKENS}{token.pk}/").status_code == 404
    assert ApiToken.objects.get().revoked_at is None


def test_token_makes_no_tokens(anonymous, admin):
    _, key = services.create_api_token(admin, "reader", role=MemberRole.VIEWER, by="adam")
    answer = anonymous.send("post", TOKENS, {"name": "more", "role": "admin"}, Authorization=f"Bearer {key}")
    assert (answer.status_code, answer.json()["code"]) == (403, "session_required")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": " "}, "name"),
        ({"name": "a", "role": "root"}, "role"),
        ({"name": "a", "expires_at": "2001-01-01T00:00:00Z"}, "expires_at"),
        ({"name": "a", "tools": ["code__*", "rm -rf"]}, "tools"),
        ({"name": "a", "tools": ["x"] * 51}, "tools"),
    ],
)
def test_unusable_token_is_refused(client, body, field):
    answer = client.send("post", TOKENS, body)
    assert (answer.status_code, answer.json()["field"]) == (400, field)


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer x", "Bearer sahur_00000000_" + "0" * 48, "bearer \u00e4"])
def test_unknown_keys_are_refused(anonymous, header):
    assert anonymous.send("get", "/api/issues/", Authorization=header).status_code == 401


def test_ticket_carries_the_cap_of_the_token(anonymous, admin, team):
    _, key = services.create_api_token(admin, "reader", role=MemberRole.VIEWER, by="adam")
    made = anonymous.send("post", "/api/socket-tickets/", {}, Authorization=f"Bearer {key}")
    assert made.status_code == 201
    holder = services.take_socket_ticket(made.json()["ticket"])
    assert holder is not None
    assert holder.actor().roles == {team.pk: MemberRole.VIEWER}


def test_ticket_of_a_session_has_the_whole_role(admin, team):
    ticket = TestClient().sign_in(admin).send("post", "/api/socket-tickets/", {}).json()["ticket"]
    holder = services.take_socket_ticket(ticket)
    assert holder is not None
    assert holder.actor().roles == {team.pk: MemberRole.ADMIN}
