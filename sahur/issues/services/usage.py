"""What runs and teams spend: counted in the transaction that stores the end of the call, so that no crash loses or doubles it.

The day is that of UTC, by the database's clock.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection, transaction

from sahur.issues import events, models
from sahur.issues.spending import COUNTED
from sahur_core.events import ModelCallFinished, ModelCallInterrupted, ToolCallFinished

_COLUMNS = ", ".join(COUNTED)
_PLACES = ", ".join(f"%({name})s" for name in COUNTED)


def _sums(table: str) -> str:
    return ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in COUNTED)


_ADD_TO_DAY = f"""
insert into issues_teamusage (team_id, day, model, {_COLUMNS})
values (%(team)s, (clock_timestamp() at time zone 'utc')::date, %(model)s, {_PLACES})
on conflict (team_id, day, model) do update set {_sums("issues_teamusage")}
"""  # noqa: S608 - the names are those above
_ADD_TO_RUN = f"""
insert into issues_runusage (run_id, model, {_COLUMNS}) values (%(run)s, %(model)s, {_PLACES})
on conflict (run_id) do update set {_sums("issues_runusage")},
    model = case when excluded.model = '' then issues_runusage.model else excluded.model end
"""  # noqa: S608


def append(run: models.Run, batch: Sequence[events.NewEvent], *, attempt: int, seconds: float) -> bool:
    """Store events of an attempt, and count what they say was spent; whether something was counted.

    `seconds` is for how long the attempt has worked since it was counted last. Raises `AttemptFenced`, and counts nothing.
    """
    spent = _spent_by_model(batch)
    if not spent:
        events.append(run.id, batch, attempt=attempt)
        return False
    spent.setdefault("", _nothing())["seconds"] += seconds
    with transaction.atomic():
        # In one order everywhere, and before the lease, which is locked last.
        for model in sorted(spent):
            row: dict[str, str | int | float] = {**spent[model], "team": run.issue.team_id, "run": str(run.id), "model": model}
            with connection.cursor() as cursor:
                cursor.execute(_ADD_TO_RUN, row)
                cursor.execute(_ADD_TO_DAY, row)
        events.append(run.id, batch, attempt=attempt)
    return True


def _nothing() -> dict[str, float]:
    return dict.fromkeys(COUNTED, 0)


def _spent_by_model(batch: Sequence[events.NewEvent]) -> dict[str, dict[str, float]]:
    """By model; tool calls and time belong to none."""
    found: dict[str, dict[str, float]] = {}
    for payload in (event.payload for event in batch):
        if isinstance(payload, ModelCallFinished | ModelCallInterrupted):
            usage, row = payload.usage, found.setdefault(payload.usage.model[:200], _nothing())
            row["model_calls"] += usage.model_calls
            row["input_tokens"] += usage.input_tokens
            row["output_tokens"] += usage.output_tokens
            row["cached_input_tokens"] += usage.cached_input_tokens
            row["cost_usd"] += usage.cost_usd or 0.0
            row["unpriced_calls"] += usage.model_calls if usage.cost_usd is None else 0
        elif isinstance(payload, ToolCallFinished):
            found.setdefault("", _nothing())["tool_calls"] += 1
    return found
