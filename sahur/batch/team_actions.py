"""What an admin may ask about a team. Like `actions`: each checks the role, leaves an audit entry, may be asked twice."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from sahur.accounts import audit
from sahur.accounts.actor import Actor
from sahur.accounts.models import MemberRole, Team
from sahur.issues import models, spending
from sahur.issues.services import budgets
from sahur_core.errors import Conflict


def get_budget(actor: Actor, team_id: int) -> models.TeamBudget:
    """What the team has set itself. Raises `NotFound` for another team."""
    actor.require(team_id, MemberRole.VIEWER)
    return spending.budget_of(team_id)


def set_budget(actor: Actor, team_id: int, values: dict[str, Any], *, seen_at: datetime | None = None) -> models.TeamBudget:
    """Replace the team's own limits: None as in the settings, 0 no limit.

    `seen_at` is when the budget that the person saw had last been changed; a later change is a `Conflict`. Raises `InputError`.
    """
    actor.require(team_id, MemberRole.ADMIN)
    with transaction.atomic():
        team = Team.objects.select_for_update(no_key=True).get(pk=team_id)
        last = audit.last_entry(team_id, budgets.CHANGED)
        if seen_at is not None and last is not None and last.at > seen_at:
            raise Conflict(f"{last.actor} has changed the budget meanwhile.", next_step="Reload the page to see how it is now.")
        changed = budgets.set_budget(team_id, values)
        audit.record(actor, budgets.CHANGED, team.key, team_id=team_id, detail=values)
    return changed
