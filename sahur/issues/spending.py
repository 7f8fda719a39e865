"""Reads of what was spent and of what may be: by a run, by a team on a day, and the list of a team's days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from sahur.accounts.actor import Actor
from sahur.accounts.models import MemberRole
from sahur.issues import models
from sahur_core.config import OFFLINE, Budget
from sahur_core.errors import InputError
from sahur_core.issues import BudgetMeasure, Spent, Usage

COUNTED = (
    "model_calls",
    "input_tokens",
    "output_tokens",
    "cached_input_tokens",
    "cost_usd",
    "unpriced_calls",
    "tool_calls",
    "seconds",
)
LIMITS = tuple(f"{scope}_{measure.value}" for scope in ("run", "day") for measure in BudgetMeasure)
"""Names of the limits as a team's row and the API have them: `run_cost_usd`."""
MAX_DAYS = 400


@dataclass(frozen=True)
class Limits:
    """Of one run, and of all runs of a team on one day (UTC) together."""

    run: Budget
    day: Budget


def limits_of(team_id: int) -> Limits:
    """What holds for the team's runs now."""
    return in_force(budget_of(team_id))


def budget_of(team_id: int) -> models.TeamBudget:
    """The team's own row; an unsaved one, all from the settings, if it has none."""
    return models.TeamBudget.objects.filter(team_id=team_id).first() or models.TeamBudget(team_id=team_id)


def in_force(own: models.TeamBudget) -> Limits:
    """A team's own limits, and the settings' where it has none."""
    return Limits(run=_budget(own, "run"), day=_budget(own, "day"))


def _budget(own: models.TeamBudget, scope: str) -> Budget:
    limits: dict[str, float | None] = {}
    for measure in BudgetMeasure:
        name = f"{scope}_{measure.value}"
        value = getattr(own, name)
        # Nobody needs a limit of nothing, and a limit that is switched off must be sayable.
        limits[measure.value] = (getattr(settings, f"BUDGET_{name.upper()}") if value is None else value) or None
    return Budget.model_validate({**limits, "ask_at": own.ask_at, "asks": own.asks})


def unpriced_calls(since: date) -> list[tuple[str, int]]:
    """Models of all teams with calls whose price was not known since that day (UTC), and how many; most first."""
    rows = models.TeamUsage.objects.filter(day__gte=since, unpriced_calls__gt=0).values("model")
    return [(row["model"], row["calls"]) for row in rows.annotate(calls=Sum("unpriced_calls")).order_by("-calls", "model")]


def of_run(run_id: UUID) -> dict[str, object]:
    """The run's usage so far as JSON; `cost_usd` is None if the price of any of its calls is unknown."""
    row = models.RunUsage.objects.filter(run_id=run_id).first() or models.RunUsage()
    total = Usage(
        model=row.model,
        model_calls=row.model_calls,
        input_tokens=row.input_tokens,
        output_tokens=row.output_tokens,
        cached_input_tokens=row.cached_input_tokens,
        cost_usd=None if row.unpriced_calls or not row.model_calls else row.cost_usd,
    )
    known = {"known_cost_usd": row.cost_usd, "unpriced_calls": row.unpriced_calls}
    return {**total.model_dump(mode="json"), **known, "tool_calls": row.tool_calls, "seconds": row.seconds}


def spent_by_run(run_id: UUID) -> Spent:
    return _total(models.RunUsage.objects.filter(run_id=run_id).values(*COUNTED).first())


def spent_by_team(team_id: int, day: date | None = None) -> Spent:
    """All runs of the team on this day, today without one. What is reckoned for the offline model are no tokens of a vendor."""
    rows = models.TeamUsage.objects.filter(team_id=team_id, day=day or datetime.now(UTC).date())
    paid = ~Q(model=OFFLINE)
    sums = {name: Coalesce(Sum(name, filter=paid if "tokens" in name else None), 0) for name in COUNTED if _is_whole(name)}
    sums |= {name: Coalesce(Sum(name), 0.0) for name in COUNTED if not _is_whole(name)}
    return _total(rows.aggregate(**sums))


def _is_whole(name: str) -> bool:
    return name not in ("cost_usd", "seconds")


def _total(row: dict[str, float] | None) -> Spent:
    if row is None:
        return Spent()
    return Spent(
        tokens=int(row["input_tokens"] + row["output_tokens"]),
        cost_usd=row["cost_usd"],
        unpriced_calls=int(row["unpriced_calls"]),
        model_calls=int(row["model_calls"]),
        tool_calls=int(row["tool_calls"]),
        seconds=row["seconds"],
    )


def list_usage(actor: Actor, team_id: int, since: date, until: date) -> list[models.TeamUsage]:
    """Each day (UTC) and model from `since` to `until`, both included, oldest first. Raises `NotFound` and `InputError`."""
    actor.require(team_id, MemberRole.VIEWER)
    if not 0 <= (until - since).days < MAX_DAYS:
        raise InputError(
            f"From {since} to {until} is no span of at most {MAX_DAYS} days.", next_step="Ask for other days.", field="from"
        )
    rows = models.TeamUsage.objects.filter(team_id=team_id, day__gte=since, day__lte=until)
    return list(rows.order_by("day", "model"))


def total_of(rows: Iterable[models.TeamUsage]) -> Spent:
    """The sum of these days. What is reckoned for the offline model are no tokens that anybody pays."""
    total = dict.fromkeys(COUNTED, 0.0)
    for row in rows:
        for name in COUNTED:
            if row.model != OFFLINE or "tokens" not in name:
                total[name] += getattr(row, name)
    return _total(total)
