"""What an admin may ask about a team. Like `actions`: each checks the role, leaves an audit entry, may be asked twice."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from sahur.accounts import audit
from sahur.accounts.actor import Actor
from sahur.accounts.models import MemberRole, Team
from sahur.issues import models, spending
from sahur.issues.services import budgets


def get_budget(actor: Actor, team_id: int) -> models.TeamBudget:
    """What the team has set itself. Raises `NotFound` for another team."""
    actor.require(team_id, MemberRole.VIEWER)
    return spending.budget_of(team_id)


def set_budget(actor: Actor, team_id: int, values: dict[str, Any]) -> models.TeamBudget:
    """Replace the team's own limits: None as in the settings, 0 no limit. Raises `InputError`."""
    actor.require(team_id, MemberRole.ADMIN)
    with transaction.atomic():
        changed = budgets.set_budget(team_id, values)
        audit.record(actor, "team_budget.changed", Team.objects.get(pk=team_id).key, team_id=team_id, detail=values)
    return changed
