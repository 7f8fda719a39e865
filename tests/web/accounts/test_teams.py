"""Teams and their people: who may change what, and what stays true whoever changes it."""

import threading

import pytest
from django.db import connection

from sahur.accounts import services, teams
from sahur.accounts.actor import Actor, actor_for
from sahur.accounts.models import AuditEntry, MemberRole, Membership, Team, User
from sahur_core.errors import Conflict, InputError, NotFound, NotPermitted
from tests.web.conftest import make_user

pytestmark = pytest.mark.django_db

VIEWER, RESPONDER, ADMIN = MemberRole


@pytest.fixture
def adam(team: Team) -> User:
    return make_user("adam", team, ADMIN)


@pytest.fixture
def admin(adam: User) -> Actor:
    return actor_for(adam)


@pytest.fixture
def staff(team: Team) -> Actor:
    user = User.objects.create_superuser("sam", password="correct horse battery")
    return actor_for(user)


def role_of(user: User, team: Team) -> str | None:
    return Membership.objects.filter(user=user, team=team).values_list("role", flat=True).first()


def test_whole_life_of_a_member_leaves_its_audit_entries(admin, team):
    nina, _ = services.create_user("nina")
    added, is_new = teams.add_member(admin, team.pk, " nina ", VIEWER)
    assert (added.role, is_new) == (VIEWER, True)
    teams.change_role(admin, team.pk, nina.pk, RESPONDER, was=VIEWER)
    teams.remove_member(admin, team.pk, nina.pk)
    assert role_of(nina, team) is None
    told = AuditEntry.objects.filter(target="nina", team=team).order_by("at").values_list("action", "actor", "user__username")
    assert list(told) == [("membership.set", "adam", "adam")] * 2 + [("membership.removed", "adam", "adam")]


def test_adding_twice_changes_nothing_and_never_the_role(admin, team, responder):
    assert teams.add_member(admin, team.pk, "rita", RESPONDER)[1] is False
    with pytest.raises(Conflict):
        teams.add_member(admin, team.pk, "rita", ADMIN)
    assert role_of(responder, team) == RESPONDER


@pytest.mark.parametrize("name", ["nobody", "RITA2", "%", "", "rit", "shut-out"])
def test_only_a_whole_name_of_somebody_who_may_sign_in_is_found(admin, team, responder, name):
    User.objects.create_user("shut-out", is_active=False)
    with pytest.raises(NotFound):
        teams.add_member(admin, team.pk, name, VIEWER)


@pytest.mark.parametrize(
    "change",
    [
        lambda admin, team, adam: teams.change_role(admin, team.pk, adam.pk, VIEWER, was=ADMIN),
        lambda admin, team, adam: teams.remove_member(admin, team.pk, adam.pk),
    ],
)
def test_last_admin_stays(admin, adam, team, change):
    switched_off = make_user("ida", team, ADMIN)
    User.objects.filter(pk=switched_off.pk).update(is_active=False)
    with pytest.raises(Conflict, match="only admin"):
        change(admin, team, adam)
    assert role_of(adam, team) == ADMIN


def test_role_that_moved_on_is_not_overwritten(admin, team, responder):
    teams.change_role(admin, team.pk, responder.pk, VIEWER, was=RESPONDER)
    with pytest.raises(Conflict):
        teams.change_role(admin, team.pk, responder.pk, ADMIN, was=RESPONDER)
    assert role_of(responder, team) == VIEWER


def test_who_was_demoted_meanwhile_changes_nothing(admin, adam, team, responder):
    Membership.objects.filter(user=adam).update(role=RESPONDER)
    with pytest.raises(NotPermitted):
        teams.change_role(admin, team.pk, responder.pk, ADMIN, was=RESPONDER)
    Membership.objects.filter(user=adam).delete()
    with pytest.raises(NotFound):
        teams.rename_team(admin, team.pk, "Mine", was="SAHUR")


@pytest.mark.parametrize("at_most", [VIEWER, RESPONDER])
def test_token_of_an_admin_does_no_more_than_its_own_role(adam, team, responder, at_most):
    with pytest.raises(NotPermitted):
        teams.change_role(actor_for(adam, at_most=at_most), team.pk, responder.pk, ADMIN, was=RESPONDER)


def test_admin_of_one_team_reaches_nobody_of_another(admin, other_team, stranger):
    for attempt in (
        lambda: teams.add_member(admin, other_team.pk, "adam", ADMIN),
        lambda: teams.change_role(admin, other_team.pk, stranger.pk, VIEWER, was=ADMIN),
        lambda: teams.remove_member(admin, other_team.pk, stranger.pk),
        lambda: teams.rename_team(admin, other_team.pk, "Mine", was="Other"),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert Membership.objects.filter(team=other_team).count() == 1


def test_member_of_another_team_is_not_touched_by_its_id(admin, team, other_team, stranger):
    with pytest.raises(NotFound):
        teams.change_role(admin, team.pk, stranger.pk, VIEWER, was=ADMIN)
    assert role_of(stranger, other_team) == ADMIN


def test_staff_makes_teams_and_people_and_admins_do_not(staff, admin, team):
    made = teams.create_team(staff, "NEW", " New team ")
    assert (made.name, role_of(User.objects.get(username="sam"), made)) == ("New team", ADMIN)
    for attempt in (
        lambda: teams.create_team(admin, "OWN", "Own"),
        lambda: teams.create_person(admin, "nina", name="", email="", team_id=team.pk, role=ADMIN),
    ):
        with pytest.raises(NotPermitted):
            attempt()


def test_staff_without_the_permission_is_told_which_one(team):
    clerk = User.objects.create_user("clerk", is_staff=True)
    with pytest.raises(NotPermitted, match="add_user"):
        teams.create_person(actor_for(clerk), "nina", name="", email="", team_id=None, role=VIEWER)


def test_new_person_has_a_one_time_password_and_no_rights_over_the_installation(staff):
    made = teams.create_team(staff, "NEW", "New")
    actor = actor_for(User.objects.get(username="sam"))
    user, password = teams.create_person(actor, "nina", name="Nina", email="n@example.org", team_id=made.pk, role=ADMIN)
    assert user.check_password(password)
    assert user.must_change_password
    assert (user.is_staff, user.is_superuser, role_of(user, made)) == (False, False, ADMIN)
    assert password not in str(list(AuditEntry.objects.values()))


def test_person_is_not_made_for_a_team_that_the_maker_does_not_administer(staff, team):
    with pytest.raises(NotFound):
        teams.create_person(staff, "nina", name="", email="", team_id=team.pk, role=ADMIN)
    assert not User.objects.filter(username="nina").exists()


@pytest.mark.parametrize("key", ["", "A", "sah", "1AB", "A-B", "A\nB", "ABCDEFGHIJK", "SAH"])
def test_key_of_a_team_is_one_that_issues_can_have(staff, key):
    with pytest.raises((InputError, Conflict)):
        teams.create_team(staff, key, "Team")


def test_two_who_rename_do_not_overwrite_each_other(admin, team):
    assert teams.rename_team(admin, team.pk, "Shop", was="SAHUR").name == "Shop"
    assert teams.rename_team(admin, team.pk, "Shop", was="SAHUR").name == "Shop"
    with pytest.raises(Conflict):
        teams.rename_team(admin, team.pk, "Till", was="SAHUR")


@pytest.mark.django_db(transaction=True)
def test_two_admins_who_demote_each_other_at_once_leave_one(team):
    people = [make_user(name, team, ADMIN) for name in ("adam", "eve")]
    actors = [actor_for(user) for user in people]
    start, refused = threading.Barrier(2), []

    def demote(actor: Actor, other: User) -> None:
        start.wait()
        try:
            teams.change_role(actor, team.pk, other.pk, VIEWER, was=ADMIN)
        except (NotPermitted, Conflict) as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=demote, args=pair) for pair in zip(actors, reversed(people), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert Membership.objects.filter(team=team, role=ADMIN).count() == 1
