"""Whose account a person of Slack is, and who may say so. Like `actions`: each checks the role and leaves an audit entry.

No e-mail is stored with a person of Slack, or shown to anybody.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import Q

from sahur.accounts import audit
from sahur.accounts.actor import Actor
from sahur.accounts.models import MemberRole, Membership, User
from sahur.batch import slack_scope
from sahur.issues import models
from sahur.issues.services import slack_people, slack_workspaces
from sahur_core.context.framing import as_name
from sahur_core.errors import Conflict, InputError, NotFound, NotPermitted

SALT = "sahur slack link"
TICKET_SECONDS = 600
LINKED = "slack_user.linked"
UNLINKED = "slack_user.unlinked"


@dataclass(frozen=True)
class Profile:
    """What Slack says of somebody. `email` is empty unless it is a full member's own, as far as Slack knows."""

    name: str = ""
    email: str = ""
    is_outsider: bool = False
    """Slack says that they are no full member: a guest, a bot, of another company, or gone."""


def met(workspace_id: str, user_id: str, profile: Profile) -> models.SlackUser:
    """Slack has said who this is. Their e-mail links them to the one account that has it; never where a person has chosen.

    Who is no full member any more is linked by it no longer.
    """
    with transaction.atomic():
        person = slack_people.locked(workspace_id, user_id)
        if profile.is_outsider and person.linked_by == slack_people.BY_EMAIL:
            _unlink(person, "Slack", slack_people.BY_EMAIL)
        account = _account_of(workspace_id, profile.email) if person.linked_by in ("", slack_people.BY_EMAIL) else None
        if account == person.account:
            account = None
        slack_people.note_profile(person, profile.name, account)
        if account is not None:
            _record("Slack", LINKED, person, {"account": account.get_username(), "by": slack_people.BY_EMAIL})
    return person


@dataclass(frozen=True)
class Asker:
    """Somebody in Slack who wants to be linked, as their signed ticket says. `workspace_name` may be empty."""

    workspace_id: str
    user_id: str
    name: str
    workspace_name: str
    state: str
    """Of the link when they asked: any change of it since has used up the ticket."""


class Standing(StrEnum):
    """What a ticket would do for the account that looks at it."""

    FREE = "free"
    YOURS = "yours"
    TAKEN = "taken"


def link_ticket(workspace_id: str, user_id: str, *, handle: str, domain: str) -> str:
    """What links this person to the account that brings it, once, within ten minutes. Only they may be handed it.

    `handle` and `domain` are how Slack calls person and workspace, where no better name is known.
    """
    person = slack_people.find(workspace_id, user_id)
    workspace = models.SlackWorkspace.objects.filter(workspace_id=workspace_id).first()
    asker = Asker(
        workspace_id,
        user_id,
        (person.name if person else "") or as_name(handle),
        (workspace.name if workspace else "") or as_name(domain),
        _state(person),
    )
    return signing.dumps(asdict(asker), salt=SALT, compress=True)


def look_at(actor: Actor, ticket: str) -> tuple[Asker, Standing]:
    """Whom a ticket would link. Raises `InputError` for one that is too old, used up, or not ours."""
    asker = _opened(ticket)
    person = slack_people.find(asker.workspace_id, asker.user_id)
    if person is not None and person.account is not None:
        return asker, Standing.YOURS if person.account_id == actor.user_id else Standing.TAKEN
    if _state(person) != asker.state:
        raise _stale()
    return asker, Standing.FREE


def role_after(actor: Actor, asker: Asker) -> MemberRole | None:
    """What the asker may do once they are linked to the actor, in the team that the workspace reports to; None: nothing."""
    home = slack_workspaces.team_id_of(asker.workspace_id)
    return slack_people.role_in(asker.workspace_id, home, actor.user_id) if home is not None else None


def link(actor: Actor, ticket: str) -> models.SlackUser:
    """The actor says that the person of the ticket is they. Asked again, nothing changes.

    Raises `InputError` as `look_at`, and `Conflict` where the person is linked to another account.
    """
    asker = _opened(ticket)
    if actor.user_id is None:
        raise NotPermitted("Only somebody with an account can be linked.", next_step="Sign in on the page.")
    with transaction.atomic():
        person = slack_people.locked(asker.workspace_id, asker.user_id)
        if person.account_id == actor.user_id:
            return person
        if person.account is not None:
            raise Conflict(
                f"{asker.name} in Slack is linked to another account.",
                next_step="Take that link away first: in Slack with `/sahur unlink`, or an admin of the team on this page.",
            )
        if _state(person) != asker.state:
            raise _stale()
        account = User.objects.get(pk=actor.user_id)
        slack_people.set_account(person, account, actor.name)
        _record(actor, LINKED, person, {"account": account.get_username(), "by": actor.name})
        slack_people.tell_linked(person)
    return person


def unlink(actor: Actor, person_id: UUID) -> None:
    """Take a link away: one's own, or as an admin of the team that the workspace reports to. Without one nothing changes.

    Raises `NotFound` for somebody of another team's workspace and `NotPermitted` for too low a role.
    """
    found = models.SlackUser.objects.filter(pk=person_id).first()
    if found is None:
        raise NotFound("There is no such person of Slack here.")
    with transaction.atomic():
        person = slack_people.locked(found.workspace_id, found.user_id)
        if actor.user_id is None or person.account_id != actor.user_id:
            slack_scope.require_admin(actor, person.workspace_id)
        _unlink(person, actor, actor.name)


def unlink_self(workspace_id: str, user_id: str) -> bool:
    """Somebody takes their own link away in Slack, which has signed that it is they; whether there was one."""
    with transaction.atomic():
        person = slack_people.locked(workspace_id, user_id)
        return _unlink(person, slack_people.guest_name(user_id, person.name), "themselves, in Slack")


def _unlink(person: models.SlackUser, actor: Actor | str, by: str) -> bool:
    if person.account is None:
        return False
    account = person.account.get_username()
    slack_people.set_account(person, None, by)
    _record(actor, UNLINKED, person, {"account": account, "by": by})
    return True


def links_of(actor: Actor) -> list[models.SlackUser]:
    """Who the actor is in Slack, newest link first."""
    if actor.user_id is None:
        return []
    return list(models.SlackUser.objects.filter(account_id=actor.user_id).order_by("-linked_at", "id"))


def people_of(actor: Actor, query: str, before: UUID | None, limit: int) -> list[models.SlackUser]:
    """People of the workspaces that the actor looks after, by part of a name or id; who was seen first comes last.

    Raises `NotPermitted` for who is no admin anywhere.
    """
    people = models.SlackUser.objects.select_related("account").filter(slack_scope.in_scope(actor))
    if query:
        named = Q(name__icontains=query) | Q(user_id__iexact=query) | Q(account__username__icontains=query)
        people = people.filter(named)
    if before is not None:
        people = people.filter(pk__lt=before)
    return list(people.order_by("-pk")[:limit])


def _opened(ticket: str) -> Asker:
    try:
        return Asker(**signing.loads(ticket, salt=SALT, max_age=TICKET_SECONDS))
    except signing.BadSignature:
        raise _stale() from None


def _state(person: models.SlackUser | None) -> str:
    return person.linked_at.isoformat() if person is not None and person.linked_at is not None else ""


def _stale() -> InputError:
    return InputError(
        "This link is older than ten minutes, or was used already.",
        next_step="Type `/sahur link` in Slack again.",
        field="ticket",
    )


def _account_of(workspace_id: str, email: str) -> User | None:
    """The only active account with this address, if it is in a team that gets reports of the workspace; never one of staff.

    Whoever runs a workspace says which addresses its people have: that must open no account of another team.
    """
    # In some locales the database takes other letters for those of ASCII: an `ı` for an `i`.
    if not (settings.SLACK_LINK_BY_EMAIL and email and email.isascii()):
        return None
    found = list(User.objects.filter(email__iexact=email, is_active=True)[:2])
    if len(found) != 1 or found[0].is_staff or found[0].is_superuser:
        return None
    home = slack_workspaces.team_id_of(workspace_id)
    channels = models.SlackChannel.objects.filter(workspace_id=workspace_id).exclude(team=None)
    teams = [*channels.values_list("team_id", flat=True), *([home] if home is not None else [])]
    return found[0] if Membership.objects.filter(user=found[0], team_id__in=teams).exists() else None


def _record(actor: Actor | str, action: str, person: models.SlackUser, detail: dict[str, str]) -> None:
    team = slack_workspaces.team_of(person.workspace_id)
    target = f"{person.workspace_id}/{person.user_id}"
    audit.record(actor, action, target, team_id=team.pk if team else None, detail={"name": person.name, **detail})
