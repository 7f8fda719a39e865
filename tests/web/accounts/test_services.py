"""Passwords are used once, keys are stored hashed, tickets open one socket."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from sahur import settings as configured
from sahur.accounts import services
from sahur.accounts.models import ApiToken, AuditEntry, MemberRole, Membership, SocketTicket, Team, User
from sahur.accounts.secrets import digest
from sahur.accounts.selectors import find_api_token
from sahur_core.errors import Conflict, InputError, NotFound, NotPermitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana():
    return User.objects.create_user("ana", password="long enough to pass", first_name="Ana")


@pytest.fixture
def team():
    return Team.objects.create(key="SAH", name="Sahur")


def test_new_user_gets_a_one_time_password():
    user, password = services.create_user("ana", name="Ana")
    assert user.check_password(password)
    assert user.must_change_password
    assert not user.is_superuser
    assert AuditEntry.objects.get().action == "user.created"


def test_passwords_are_kept_with_argon2():
    assert configured.PASSWORD_HASHERS[0].endswith("Argon2PasswordHasher")


@pytest.mark.parametrize(("name", "error"), [("", InputError), ("a b", InputError), ("a\x00b", InputError), ("taken", Conflict)])
def test_unusable_user_names_are_refused(name, error):
    User.objects.create_user("taken")
    with pytest.raises(error):
        services.create_user(name)


def test_password_change_ends_the_one_time_password():
    user, password = services.create_user("ana")
    services.change_password(user, password, "correct horse battery")
    user.refresh_from_db()
    assert user.check_password("correct horse battery")
    assert not user.must_change_password


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("wrong", "correct horse battery", "old_password"),
        ("long enough to pass", "long enough to pass", "new_password"),
        ("long enough to pass", "short", "new_password"),
    ],
)
def test_bad_password_change_names_the_field(ana, old, new, field):
    with pytest.raises(InputError) as caught:
        services.change_password(ana, old, new)
    assert caught.value.field == field
    ana.refresh_from_db()
    assert ana.check_password("long enough to pass")


def test_reset_password_is_one_time_again(ana):
    password = services.reset_password(ana, by="admin")
    ana.refresh_from_db()
    assert ana.check_password(password)
    assert ana.must_change_password


def test_only_the_hash_of_a_key_is_stored(ana):
    token, key = services.create_api_token(ana, "ci", by="ana")
    assert key.startswith(f"sahur_{token.prefix}_")
    stored = str(ApiToken.objects.values().get())
    assert key not in stored
    assert key.rsplit("_", 1)[1] not in stored
    assert token.digest == digest(key)


def test_key_is_found_until_revoked(ana):
    token, key = services.create_api_token(ana, "ci", by="ana")
    assert find_api_token(key) == token
    services.revoke_api_token(token.pk, owner=ana, by="ana")
    assert find_api_token(key) is None
    with pytest.raises(NotFound):
        services.revoke_api_token(token.pk, owner=ana, by="ana")


def test_expired_key_and_key_of_a_shut_out_user_are_not_found(ana):
    _, key = services.create_api_token(ana, "ci", expires_at=timezone.now() + timedelta(hours=1), by="ana")
    assert find_api_token(key) is not None
    assert find_api_token(key, now=timezone.now() + timedelta(hours=2)) is None
    User.objects.update(is_active=False)
    assert find_api_token(key) is None


@pytest.mark.parametrize("key", ["", "sahur_", "sahur_00000000_" + "0" * 48, "x" * 5000, "sahur_\x00"])
def test_unknown_keys_are_not_found(key):
    assert find_api_token(key) is None


def test_nobody_revokes_the_token_of_another(ana):
    token, key = services.create_api_token(ana, "ci", by="ana")
    with pytest.raises(NotFound):
        services.revoke_api_token(token.pk, owner=User.objects.create_user("bo"), by="bo")
    assert find_api_token(key)


def test_token_needs_a_name_and_a_future(ana):
    with pytest.raises(InputError):
        services.create_api_token(ana, "  ", by="ana")
    with pytest.raises(InputError):
        services.create_api_token(ana, "ci", expires_at=timezone.now() - timedelta(days=1), by="ana")


def test_tokens_are_limited(ana, monkeypatch):
    monkeypatch.setattr(services, "MAX_TOKENS_PER_USER", 1)
    services.create_api_token(ana, "one", by="ana")
    with pytest.raises(Conflict):
        services.create_api_token(ana, "two", by="ana")


def test_use_of_a_token_is_noted_once_a_minute(ana):
    token, _ = services.create_api_token(ana, "ci", by="ana")
    services.note_token_use(token)
    token.refresh_from_db()
    first = token.last_used_at
    assert first is not None
    services.note_token_use(token)
    token.refresh_from_db()
    assert token.last_used_at == first


def test_ticket_works_once(ana, team):
    Membership.objects.create(user=ana, team=team, role=MemberRole.ADMIN)
    ticket, _ = services.issue_socket_ticket(ana)
    holder = services.take_socket_ticket(ticket)
    assert holder is not None
    assert holder.user == ana
    assert holder.actor().roles == {team.pk: MemberRole.ADMIN}
    assert services.take_socket_ticket(ticket) is None


def test_ticket_keeps_the_cap_of_the_token_that_asked(ana, team):
    Membership.objects.create(user=ana, team=team, role=MemberRole.ADMIN)
    holder = services.take_socket_ticket(services.issue_socket_ticket(ana, at_most=MemberRole.VIEWER)[0])
    assert holder is not None
    assert holder.actor().roles == {team.pk: MemberRole.VIEWER}


def test_old_tickets_and_tickets_of_the_shut_out_are_refused(ana):
    ticket, _ = services.issue_socket_ticket(ana)
    SocketTicket.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert services.take_socket_ticket(ticket) is None
    ticket, _ = services.issue_socket_ticket(ana)
    User.objects.update(is_active=False)
    assert services.take_socket_ticket(ticket) is None
    ana.refresh_from_db()
    with pytest.raises(NotPermitted):
        services.issue_socket_ticket(ana)


@pytest.mark.django_db(transaction=True)
def test_of_many_that_take_a_ticket_one_gets_in(ana):
    ticket, _ = services.issue_socket_ticket(ana)
    taken, start = [], threading.Barrier(5)

    def take():
        start.wait()
        taken.append(services.take_socket_ticket(ticket))
        connection.close()

    threads = [threading.Thread(target=take) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([holder for holder in taken if holder]) == 1


def test_membership_is_set_and_changed(ana, team):
    services.set_membership(ana, team, MemberRole.VIEWER, by="admin")
    services.set_membership(ana, team, MemberRole.ADMIN, by="admin")
    assert Membership.objects.get().role == MemberRole.ADMIN
    assert list(AuditEntry.objects.values_list("action", flat=True)) == ["membership.set", "membership.set"]
