"""What the runs of a team may spend: the settings' limits, and what an admin of the team has set in their place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from sahur.issues import models
from sahur_core.config import Budget
from sahur_core.errors import InputError
from sahur_core.issues import BudgetMeasure, BudgetScope

LIMITS = tuple(f"{scope}_{measure.value}" for scope in ("run", "day") for measure in BudgetMeasure)
"""Names of the limits as a team's row and the API have them: `run_cost_usd`."""


@dataclass(frozen=True)
class Limits:
    """Of one run, and of all runs of the team on one day (UTC) together."""

    run: Budget
    day: Budget

    def of(self, scope: BudgetScope) -> Budget:
        return self.day if scope is BudgetScope.TEAM else self.run


def limits_of(team_id: int) -> Limits:
    """What holds for the team's runs now."""
    own = budget_of(team_id)
    return Limits(run=_budget(own, "run"), day=_budget(own, "day"))


def budget_of(team_id: int) -> models.TeamBudget:
    """The team's own row; an unsaved one, all from the settings, if it has none."""
    return models.TeamBudget.objects.filter(team_id=team_id).first() or models.TeamBudget(team_id=team_id)


@transaction.atomic
def set_budget(team_id: int, values: Mapping[str, float | bool | None]) -> models.TeamBudget:
    """Replace the team's own limits; None is as in the settings, 0 is no limit. Raises `InputError`.

    It holds from the next stage of a run on.
    """
    row = models.TeamBudget(team_id=team_id, **values)
    try:
        row.clean_fields(exclude=["team"])
    except ValidationError as error:
        field, problems = next(iter(error.message_dict.items()))
        raise InputError(
            f"{field}: {problems[0]}", next_step="Mend this limit and send all of them again.", field=field
        ) from error
    row.save()
    return row


def _budget(own: models.TeamBudget, scope: str) -> Budget:
    limits: dict[str, float | None] = {}
    for measure in BudgetMeasure:
        name = f"{scope}_{measure.value}"
        value = getattr(own, name)
        # Nobody needs a limit of nothing, and a limit that is switched off must be sayable.
        limits[measure.value] = (getattr(settings, f"BUDGET_{name.upper()}") if value is None else value) or None
    return Budget.model_validate({**limits, "ask_at": own.ask_at, "asks": own.asks})
