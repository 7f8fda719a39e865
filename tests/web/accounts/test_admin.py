"""What admin shows once, and what it refuses to change."""

import re
from datetime import UTC, datetime

import pytest
from django.utils import timezone

from sahur.accounts import audit, services
from sahur.accounts.models import ApiToken, AuditEntry, SocketTicket, Team, User
from sahur.accounts.selectors import find_api_token

pytestmark = pytest.mark.django_db
END = datetime(2999, 5, 6, 12, tzinfo=UTC)


@pytest.mark.parametrize("table", ["user", "team", "apitoken", "socketticket", "auditentry"])
def test_every_table_has_a_page(admin_client, table, admin_user):
    services.create_api_token(admin_user, "ci", by="admin")
    services.issue_socket_ticket(admin_user)
    assert admin_client.get(f"/admin/accounts/{table}/").status_code == 200


def test_token_made_in_admin_shows_its_key_once(admin_client, admin_user):
    form = {"user": admin_user.pk, "name": "ci", "role": "viewer", "expires_at_0": "", "expires_at_1": ""}
    page = admin_client.post("/admin/accounts/apitoken/add/", form, follow=True).content.decode()
    key = re.search(r"sahur_[0-9a-f]{8}_[0-9a-f]{48}", page)
    assert key
    assert find_api_token(key[0]) == ApiToken.objects.get()
    assert key[0] not in admin_client.get("/admin/accounts/apitoken/").content.decode()
    assert admin_client.get(f"/admin/accounts/apitoken/{ApiToken.objects.get().pk}/change/").status_code == 200


def test_token_made_in_admin_is_for_the_tools_it_names(admin_client, admin_user):
    form = {"user": admin_user.pk, "name": "ci", "role": "viewer", "expires_at_0": "", "expires_at_1": ""}
    page = admin_client.post("/admin/accounts/apitoken/add/", form | {"tools": "code__*,rm -rf"}).content.decode()
    assert "Item 2 in the array did not validate" in page
    assert not ApiToken.objects.exists()
    admin_client.post("/admin/accounts/apitoken/add/", form | {"tools": "code__*,issues__search"})
    assert ApiToken.objects.get().tools == ["code__*", "issues__search"]


def test_tokens_are_listed_with_how_long_they_are_good(admin_client, admin_user):
    for name, end in {"gone": END, "good": END, "endless": None}.items():
        services.create_api_token(admin_user, name, expires_at=end, by="admin")
    ApiToken.objects.filter(name="gone").update(expires_at=END.replace(year=2020))
    page = admin_client.get("/admin/accounts/apitoken/").content.decode()
    assert re.findall(r'field-validity">([^<]+)<', page) == ["without end", "until 2999-05-06", "expired 2020-05-06"]
    services.revoke_api_token(ApiToken.objects.get(name="good").pk, by="admin")
    page = admin_client.get("/admin/accounts/apitoken/").content.decode()
    assert f"revoked {timezone.localdate()}" in page


def test_a_new_token_is_for_who_is_signed_in_unless_another_is_chosen(admin_client, admin_user):
    page = admin_client.get("/admin/accounts/apitoken/add/").content.decode()
    assert f'<option value="{admin_user.pk}" selected>' in page


def test_token_is_revoked_in_admin(admin_client, admin_user):
    token, key = services.create_api_token(admin_user, "ci", by="admin")
    admin_client.post("/admin/accounts/apitoken/", {"action": "revoke", "_selected_action": [str(token.pk)]})
    assert find_api_token(key) is None


def test_audit_and_tickets_can_only_be_read(admin_client, admin_user):
    entry = audit.record("ana", "issue.reported", "SAH-1")
    services.issue_socket_ticket(admin_user)
    ticket = SocketTicket.objects.get()
    for table, pk in (("auditentry", entry.pk), ("socketticket", ticket.pk)):
        assert admin_client.post(f"/admin/accounts/{table}/add/").status_code == 403
        assert admin_client.post(f"/admin/accounts/{table}/{pk}/change/", {"actor": "x"}).status_code == 403
        assert admin_client.post(f"/admin/accounts/{table}/{pk}/delete/", {"post": "yes"}).status_code == 403


def test_person_added_in_admin_must_change_the_password(admin_client):
    form = {
        "username": "ana",
        "password1": "correct horse battery",
        "password2": "correct horse battery",
        "usable_password": "true",
    }
    assert admin_client.post("/admin/accounts/user/add/", form).status_code == 302
    assert User.objects.get(username="ana").must_change_password


def test_password_set_by_an_admin_must_be_replaced(admin_client):
    ana = User.objects.create_user("ana", password="forgotten by its owner")
    form = {"password1": "correct horse battery", "password2": "correct horse battery", "usable_password": "true"}
    assert admin_client.post(f"/admin/accounts/user/{ana.pk}/password/", form).status_code == 302
    ana.refresh_from_db()
    assert ana.check_password("correct horse battery")
    assert ana.must_change_password


def test_admin_gives_a_one_time_password(admin_client):
    ana = User.objects.create_user("ana", password="forgotten by its owner")
    data = {"action": "give_one_time_password", "_selected_action": [str(ana.pk)]}
    page = admin_client.post("/admin/accounts/user/", data, follow=True).content.decode()
    password = re.search(r"[0-9a-f]{6}(-[0-9a-f]{6}){3}", page)
    assert password
    ana.refresh_from_db()
    assert ana.check_password(password[0])
    assert ana.must_change_password


def test_memberships_of_a_team_are_audited(admin_client, admin_user):
    team = Team.objects.create(key="SAH", name="Sahur")
    form = {
        "key": "SAH",
        "name": "Sahur",
        "memberships-TOTAL_FORMS": "1",
        "memberships-INITIAL_FORMS": "0",
        "memberships-0-user": admin_user.pk,
        "memberships-0-team": team.pk,
        "memberships-0-role": "admin",
    }
    assert admin_client.post(f"/admin/accounts/team/{team.pk}/change/", form).status_code == 302
    assert AuditEntry.objects.filter(action="membership.set", team=team).count() == 1
