"""Whose account a person of Slack is, and who may say so. Like `actions`: each checks the role and leaves an audit entry.

No e-mail is stored with a person of Slack, or shown to anybody.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from sahur.accounts import audit
from sahur.accounts.actor import Actor
from sahur.accounts.models import User
from sahur.issues import models
from sahur.issues.services import slack_people, slack_workspaces

LINKED = "slack_user.linked"
UNLINKED = "slack_user.unlinked"


@dataclass(frozen=True)
class Profile:
    """What Slack says of somebody. `email` is empty unless it is a full member's own, as far as Slack knows."""

    name: str = ""
    email: str = ""


def met(workspace_id: str, user_id: str, profile: Profile) -> models.SlackUser:
    """Slack has said who this is. Their e-mail links them to the one account that has it; never where a person has chosen."""
    with transaction.atomic():
        person = slack_people.locked(workspace_id, user_id)
        account = _account_of(profile.email) if person.linked_by in ("", slack_people.BY_EMAIL) else None
        if account == person.account:
            account = None
        slack_people.note_profile(person, profile.name, account)
        if account is not None:
            _record("Slack", LINKED, person, {"account": account.get_username(), "by": slack_people.BY_EMAIL})
    return person


def _account_of(email: str) -> User | None:
    """The only active account with this address; none where two have it."""
    if not (settings.SLACK_LINK_BY_EMAIL and email):
        return None
    found = list(User.objects.filter(email__iexact=email, is_active=True)[:2])
    return found[0] if len(found) == 1 else None


def _record(actor: Actor | str, action: str, person: models.SlackUser, detail: dict[str, str]) -> None:
    team = slack_workspaces.team_of(person.workspace_id)
    target = f"{person.workspace_id}/{person.user_id}"
    audit.record(actor, action, target, team_id=team.pk if team else None, detail={"name": person.name, **detail})
