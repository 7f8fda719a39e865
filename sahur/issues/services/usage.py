"""What a run has spent on models, summed from its events."""

from __future__ import annotations

from uuid import UUID

from sahur.issues import models
from sahur_core.events import ModelCallFinished
from sahur_core.issues import Usage


def of_run(run_id: UUID) -> dict[str, object]:
    """The run's usage as JSON; `cost_usd` is None if the price of any of its calls is unknown."""
    rows = (
        models.Event.objects.filter(run_id=run_id, kind="model_call.finished").order_by("seq").values_list("payload", flat=True)
    )
    calls = [ModelCallFinished.model_validate(row).usage for row in rows]
    costs = [call.cost_usd for call in calls]
    total = Usage(
        model=calls[-1].model if calls else "",
        model_calls=len(calls),
        input_tokens=sum(call.input_tokens for call in calls),
        output_tokens=sum(call.output_tokens for call in calls),
        cost_usd=None if any(cost is None for cost in costs) else sum(cost or 0.0 for cost in costs),
    )
    return total.model_dump(mode="json")
