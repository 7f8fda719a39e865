"""Signing in and out, one-time passwords, lock-out and CSRF."""

import pytest

from sahur.accounts import services
from sahur.accounts.models import User
from tests.web.api.conftest import TestClient

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
LOGIN = "/api/auth/login/"


@pytest.fixture
def browser():
    """A client whose requests are checked for CSRF, as a browser's are."""
    return TestClient(enforce_csrf_checks=True)


def sign_in(browser, username, password):
    token = browser.get("/api/auth/me/").json()["csrf_token"]
    return browser.send("post", LOGIN, {"username": username, "password": password}, X_CSRFToken=token)


def test_nobody_is_signed_in_at_first(anonymous):
    me = anonymous.get("/api/auth/me/").json()
    assert (me["user"], me["teams"]) == (None, [])
    assert me["csrf_token"]


def test_sign_in_tells_who_and_renews_session_and_token(browser, responder, team):
    before = browser.get("/api/auth/me/").json()["csrf_token"]
    browser.cookies["sahur_session"] = "planted-by-somebody-else"
    answer = browser.send("post", LOGIN, {"username": "rita", "password": PASSWORD}, X_CSRFToken=before)
    assert answer.status_code == 200
    assert answer.json()["user"] == {"username": "rita", "name": "rita", "must_change_password": False, "is_staff": False}
    assert answer.json()["teams"] == [{"id": team.pk, "key": "SAH", "name": "SAHUR", "role": "responder"}]
    assert answer.cookies["sahur_session"].value != "planted-by-somebody-else"
    assert answer.cookies["sahur_session"]["httponly"]
    assert answer.cookies["sahur_csrf"].value != before


def test_sign_in_without_csrf_token_is_refused(browser, responder):
    answer = browser.send("post", LOGIN, {"username": "rita", "password": PASSWORD})
    assert answer.status_code == 403
    assert answer.json()["code"] == "csrf_failed"
    assert answer["Content-Type"] == "application/problem+json"


def test_signed_in_post_without_csrf_token_is_refused(browser, responder):
    sign_in(browser, "rita", PASSWORD)
    answer = browser.send("post", "/api/issues/", {"title": "Broken", "body": "It is."})
    assert answer.status_code == 403
    assert answer.json()["code"] == "csrf_failed"


@pytest.mark.parametrize(("name", "password"), [("rita", "wrong"), ("nobody", PASSWORD), ("rita", "x" * 1000)])
def test_wrong_password_and_unknown_name_sound_the_same(browser, responder, name, password):
    answer = sign_in(browser, name, password)
    assert answer.status_code == 400
    assert answer.json()["code"] == "wrong_credentials"
    assert answer.json()["detail"] == "The user name or the password is not right."


def test_shut_out_user_cannot_sign_in(browser, responder):
    User.objects.update(is_active=False)
    assert sign_in(browser, "rita", PASSWORD).json()["code"] == "wrong_credentials"


def test_many_wrong_passwords_lock_the_name_out(browser, responder, settings):
    settings.AXES_FAILURE_LIMIT = 3
    for _ in range(3):
        sign_in(browser, "rita", "wrong")
    answer = sign_in(browser, "rita", PASSWORD)
    assert answer.status_code == 429
    assert answer.json()["code"] == "locked_out"
    assert answer.json()["next_step"]
    assert answer["Retry-After"]


def test_sign_in_is_throttled_over_all_names(anonymous):
    answers = [anonymous.send("post", LOGIN, {"username": f"u{n}", "password": "x"}) for n in range(21)]
    assert answers[-1].status_code == 429
    assert answers[-1].json()["code"] == "throttled"
    assert int(answers[-1]["Retry-After"]) > 0


def test_forwarded_addresses_of_strangers_do_not_evade_the_throttle(anonymous):
    for n in range(21):
        body = {"username": f"u{n}", "password": "x"}
        answer = anonymous.send("post", LOGIN, body, X_Forwarded_For=f"10.0.0.{n}")
    assert answer.status_code == 429


def test_sign_in_form_of_admin_is_throttled_too(anonymous):
    statuses = [anonymous.post("/admin/login/", {"username": f"u{n}", "password": "x"}).status_code for n in range(21)]
    assert statuses[-1] == 429


def test_sign_out_ends_the_session_and_may_be_repeated(client):
    for _ in range(2):
        answer = client.send("post", "/api/auth/logout/", {})
        assert answer.status_code == 200
        assert answer.json()["user"] is None
    assert client.get("/api/issues/").status_code == 401


def test_one_time_password_opens_nothing_but_its_own_change(browser):
    services.create_user("nora")
    password = services.reset_password(User.objects.get(), by="admin")
    me = sign_in(browser, "nora", password).json()
    assert me["user"]["must_change_password"] is True
    for path in ("/api/issues/", "/api/tokens/", "/api/repositories/"):
        assert browser.get(path).json()["code"] == "password_change_required"
    ticket = browser.send("post", "/api/socket-tickets/", {}, X_CSRFToken=me["csrf_token"])
    assert (ticket.status_code, ticket.json()["code"]) == (403, "password_change_required")
    change = {"old_password": password, "new_password": "a password of my own"}
    answer = browser.send("post", "/api/auth/password/", change, X_CSRFToken=me["csrf_token"])
    assert answer.status_code == 200
    assert answer.json()["user"]["must_change_password"] is False
    assert browser.get("/api/issues/").status_code == 200


def test_one_time_password_does_not_open_admin():
    user, _ = services.create_user("root", is_admin=True)
    client = TestClient().sign_in(user)
    assert client.get("/admin/").headers["Location"] == "/login/"
    assert client.get("/flower/").headers["Location"] == "/login/"
    assert client.post("/admin/accounts/team/add/", {}).status_code == 403


def test_password_change_ends_other_sessions(client, responder):
    other = TestClient().sign_in(responder)
    client.send("post", "/api/auth/password/", {"old_password": PASSWORD, "new_password": "another long one"})
    assert client.get("/api/issues/").status_code == 200
    assert other.get("/api/issues/").status_code == 401


def test_weak_new_password_names_its_field(client):
    answer = client.send("post", "/api/auth/password/", {"old_password": PASSWORD, "new_password": "12345"})
    assert (answer.status_code, answer.json()["field"]) == (400, "new_password")


def test_password_is_not_changed_with_an_api_token(anonymous, responder):
    _, key = services.create_api_token(responder, "ci", by="rita")
    body = {"old_password": PASSWORD, "new_password": "another long one"}
    answer = anonymous.send("post", "/api/auth/password/", body, Authorization=f"Bearer {key}")
    assert answer.status_code == 401
