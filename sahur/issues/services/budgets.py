"""A team's own limits of what its runs may spend."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from sahur.issues import models
from sahur_core.errors import InputError

CHANGED = "team_budget.changed"
"""How the audit log calls it."""


@transaction.atomic
def set_budget(team_id: int, values: dict[str, Any]) -> models.TeamBudget:
    """Replace the team's own limits; None is as in the settings, 0 is no limit. Raises `InputError`.

    They hold from the next stage of each run on.
    """
    row = models.TeamBudget(team_id=team_id, **values)
    try:
        row.clean_fields(exclude=["team"])
    except ValidationError as error:
        field, problems = next(iter(error.message_dict.items()))
        raise InputError(f"{field}: {problems[0]}", next_step="Mend it and send all of them again.", field=field) from error
    row.save()
    return row
