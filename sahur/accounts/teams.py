"""Writes to teams, their members and new people, as a person asks for them; all of it is audited.

Each takes the team's row as its lock and looks at the asking person's role anew under it: of two admins who demote each
other at the same moment, the second is no admin any more. So the last admin cannot get lost either.
"""

from __future__ import annotations

from dataclasses import replace

from django.core.exceptions import ValidationError
from django.db import transaction

from sahur.accounts import audit, services
from sahur.accounts.actor import Actor, roles_of
from sahur.accounts.models import MemberRole, Membership, Team, User
from sahur_core.errors import Conflict, InputError, NotFound, NotPermitted

RELOAD = "Reload the page to see how it is now."


@transaction.atomic
def create_team(actor: Actor, key: str, name: str) -> Team:
    """A new team with its maker as its admin.

    Raises `NotPermitted` unless the actor is staff that may add teams, `InputError`, and `Conflict` for a taken key.
    """
    maker = _staff_with(actor, "accounts.add_team", "create teams")
    team = Team(key=key, name=_checked_name(name))
    try:
        team.clean_fields()
    except ValidationError as error:
        raise InputError(
            "A key is 2 to 10 capital letters and digits, a letter first.",
            field="key",
            next_step="It starts the keys of the team's issues: SAH makes SAH-12.",
        ) from error
    if Team.objects.filter(key=key).exists():
        raise Conflict(f"There is a team with the key {key} already.", next_step="Choose another key.")
    team.save()
    audit.record(actor, "team.created", key, team_id=team.pk, detail={"name": team.name})
    services.set_membership(maker, team, MemberRole.ADMIN, by=actor)
    return team


@transaction.atomic
def rename_team(actor: Actor, team_id: int, name: str, *, was: str) -> Team:
    """Change the team's name; its key stays. `was` is the name that the person saw: another one is a `Conflict`."""
    team = _administered(actor, team_id)
    wanted = _checked_name(name)
    if team.name == wanted:
        return team
    if team.name != was:
        raise Conflict(f"Somebody has renamed the team to {team.name}.", next_step=RELOAD)
    team.name = wanted
    team.save(update_fields=["name"])
    audit.record(actor, "team.renamed", team.key, team_id=team.pk, detail={"name": wanted, "was": was})
    return team


@transaction.atomic
def add_member(actor: Actor, team_id: int, username: str, role: MemberRole) -> tuple[Membership, bool]:
    """Bring a person who is known here into the team; whether that is news.

    Raises `NotFound` for an unknown user name and for one that was shut out, `Conflict` for a member with another role.
    """
    team = _administered(actor, team_id)
    user = User.objects.filter(username=User.normalize_username(username.strip()), is_active=True).first()
    if user is None:
        raise NotFound(
            f"There is nobody with the user name {username.strip()} here.",
            next_step="Check the spelling; capital letters count. Staff can create a person.",
        )
    held = Membership.objects.filter(team=team, user=user).first()
    if held is None:
        return services.set_membership(user, team, role, by=actor), True
    if held.role != role:
        raise Conflict(f"{username.strip()} is in the team already, as {held.role}.", next_step="Change the role in the list.")
    return held, False


@transaction.atomic
def change_role(actor: Actor, team_id: int, user_id: int, role: MemberRole, *, was: MemberRole) -> Membership:
    """Give a member another role. `was` is the role that the person saw: another one is a `Conflict`.

    Raises `NotFound` for who is not in the team, and `Conflict` where the team would be left without an admin.
    """
    team = _administered(actor, team_id)
    membership = _member(team, user_id)
    if membership.role == role:
        return membership
    if membership.role != was:
        raise Conflict(f"Somebody has made {membership.user} {membership.role}.", next_step=RELOAD)
    _keep_an_admin(membership)
    membership.role = role
    # Not an update of the query set: open sockets hear of it by the signal of the model.
    membership.save(update_fields=["role"])
    detail = {"role": role.value, "was": was.value}
    audit.record(actor, "membership.set", membership.user.get_username(), team_id=team.pk, detail=detail)
    return membership


@transaction.atomic
def remove_member(actor: Actor, team_id: int, user_id: int) -> None:
    """Take a person out of the team; their sockets end. Raises `NotFound`, and `Conflict` for the last admin."""
    team = _administered(actor, team_id)
    membership = _member(team, user_id)
    _keep_an_admin(membership)
    detail = {"role": membership.role}
    membership.delete()
    audit.record(actor, "membership.removed", membership.user.get_username(), team_id=team.pk, detail=detail)


@transaction.atomic
def create_person(
    actor: Actor, username: str, *, name: str, email: str, team_id: int | None, role: MemberRole
) -> tuple[User, str]:
    """A new person, and the one-time password, which nobody can be told again; with `team_id` in that team at once.

    Never with rights over the whole installation: those are given in Django admin. Raises `NotPermitted` unless the actor
    is staff that may add users, and an admin of the team; `InputError`; `Conflict` for a taken user name.
    """
    _staff_with(actor, "accounts.add_user", "create people")
    team = None if team_id is None else _administered(actor, team_id)
    user, password = services.create_user(username.strip(), name=name.strip(), email=email.strip(), by=actor)
    if team is not None:
        services.set_membership(user, team, role, by=actor)
    return user, password


def may(actor: Actor, permission: str) -> bool:
    """Whether the actor is staff to whom Django admin has given this permission (superusers have them all)."""
    return _with_permission(actor, permission) is not None


def _staff_with(actor: Actor, permission: str, what: str) -> User:
    actor.require_staff()
    user = _with_permission(actor, permission)
    if user is None:
        raise NotPermitted(f"You may not {what}.", next_step=f"A superuser can give you the permission {permission}.")
    return user


def _with_permission(actor: Actor, permission: str) -> User | None:
    if not actor.is_staff or actor.user_id is None:
        return None
    user = User.objects.filter(pk=actor.user_id, is_active=True, is_staff=True).first()
    return user if user is not None and user.has_perm(permission) else None


def _administered(actor: Actor, team_id: int) -> Team:
    """The team, locked until the end of the transaction. Raises as `Actor.require` does, by the role of this moment."""
    actor.require(team_id, MemberRole.ADMIN)
    # Not FOR UPDATE: issues that are being filed refer to the row, and need not wait.
    team = Team.objects.select_for_update(no_key=True).filter(pk=team_id).first()
    roles = roles_of([actor.user_id])[actor.user_id] if actor.user_id is not None else {}
    replace(actor, roles=roles).require(team_id, MemberRole.ADMIN)
    if team is None:
        raise NotFound("This team was just removed.", next_step=RELOAD)
    return team


def _member(team: Team, user_id: int) -> Membership:
    found = Membership.objects.select_related("user").filter(team=team, user_id=user_id).first()
    if found is None:
        raise NotFound("This person is not in the team any more.", next_step=RELOAD)
    return found


def _keep_an_admin(membership: Membership) -> None:
    """Raises `Conflict` if the team has no other admin who can sign in. The team's lock is held."""
    if membership.role != MemberRole.ADMIN:
        return
    others = Membership.objects.filter(team_id=membership.team_id, role=MemberRole.ADMIN, user__is_active=True)
    if not others.exclude(pk=membership.pk).exists():
        raise Conflict(
            f"{membership.user.get_username()} is the only admin of the team.", next_step="Make somebody else an admin first."
        )


def _checked_name(name: str) -> str:
    wanted = name.strip()
    if not wanted or len(wanted) > 100:
        raise InputError("A team needs a name of 1 to 100 characters.", field="name", next_step="Choose another name.")
    return wanted
