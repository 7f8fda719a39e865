"""Limits in two rungs: at the first a run asks people whether to go on, or concludes; at the second it stops.

A yes moves both rungs of that limit up by what the question states. Plain arithmetic; `limits.py` acts on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sahur_core.config import Budget
from sahur_core.issues import (
    BudgetMeasure,
    BudgetRung,
    BudgetScope,
    Decision,
    InputKind,
    InputRequest,
    Spent,
)

ASK, STOP = 1, 2
"""The rungs."""
RAISED_BY = 0.5
"""What a yes allows more, as part of the limit."""
MAX_RAISE = 10.0
"""What an edit may allow more at most, as a multiple of the limit."""
DEFAULT = "The run concludes now with what it has."


def reached(budget: Budget, spent: Spent, scope: BudgetScope, raised: Mapping[BudgetMeasure, float]) -> BudgetRung | None:
    """The highest rung that was reached; of several limits the one that is used up most. None: there is room."""
    found: list[BudgetRung] = []
    for measure in BudgetMeasure:
        limit: float | None = getattr(budget, measure.value)
        if limit is None:
            continue
        more, amount = raised.get(measure, 0.0), spent.of(measure)
        rung = STOP if amount >= limit + more else ASK if amount >= limit * budget.ask_at + more else 0
        if rung:
            found.append(BudgetRung(rung=rung, scope=scope, measure=measure, spent=amount, limit=limit + more))
    return max(found, key=lambda each: (each.rung, each.spent / each.limit if each.limit else 1.0), default=None)


def raised_by(requests: Iterable[InputRequest]) -> dict[BudgetMeasure, float]:
    """How far people have moved each limit of the run. Those of a team's day are moved by its admins only."""
    total: dict[BudgetMeasure, float] = {}
    for request in budget_requests(requests, BudgetScope.RUN):
        if is_granted(request):
            measure = BudgetMeasure(request.arguments["measure"])
            total[measure] = total.get(measure, 0.0) + float(request.arguments["raise_by"])
    return total


def budget_requests(requests: Iterable[InputRequest], scope: BudgetScope | None = None) -> list[InputRequest]:
    asked = [request for request in requests if request.kind is InputKind.BUDGET]
    return [request for request in asked if scope is None or request.arguments["scope"] == scope.value]


def is_granted(request: InputRequest) -> bool:
    return request.decision in (Decision.APPROVE, Decision.EDIT)


def is_refused(request: InputRequest) -> bool:
    """Somebody said no, or nobody said anything in time."""
    return bool(request.answered_by) and not is_granted(request) and not request.superseded_reason


def rung_of(request: InputRequest) -> BudgetRung:
    """What a question about the budget was asked for."""
    told = request.arguments
    return BudgetRung(
        rung=ASK, scope=told["scope"], measure=told["measure"], spent=float(told["spent"]), limit=float(told["limit"])
    )


def arguments_of(reached: BudgetRung, budget: Budget) -> dict[str, object]:
    """What people are asked to decide on; with an edit they may change `raise_by`, which a team's day has not."""
    told: dict[str, object] = {
        "scope": reached.scope.value,
        "measure": reached.measure.value,
        "spent": rounded(reached.measure, reached.spent),
        "limit": rounded(reached.measure, reached.limit),
    }
    if reached.scope is BudgetScope.RUN:
        told["raise_by"] = rounded(reached.measure, (getattr(budget, reached.measure.value) or reached.limit) * RAISED_BY)
    return told


def schema_of(arguments: Mapping[str, object], reached: BudgetRung) -> dict[str, object]:
    """JSON Schema of those arguments: all but `raise_by` is fixed."""
    fixed: dict[str, object] = {name: {"const": value} for name, value in arguments.items() if name != "raise_by"}
    raise_by = {"type": "number", "exclusiveMinimum": 0, "maximum": rounded(reached.measure, reached.limit * MAX_RAISE)}
    return {
        "type": "object",
        "properties": {**fixed, "raise_by": raise_by},
        "required": ["raise_by"],
        "additionalProperties": False,
    }


def estimate(measure: BudgetMeasure, spent: Spent, calls: int) -> float:
    """What the next step probably adds, going by the steps of this run so far."""
    if measure is BudgetMeasure.TOOL_CALLS:
        return float(max(1, calls))
    return spent.of(measure) / max(1, spent.model_calls)


def describe(reached: BudgetRung) -> str:
    """`0.24 of 0.30 USD spent`, in one line without a full stop."""
    spent, limit = amount(reached.measure, reached.spent), amount(reached.measure, reached.limit)
    told = {
        BudgetMeasure.COST_USD: f"{spent} of {limit} USD spent",
        BudgetMeasure.TOKENS: f"{spent} of {limit} tokens used",
        BudgetMeasure.TOOL_CALLS: f"{spent} of {limit} tool calls made",
        BudgetMeasure.SECONDS: f"{spent} of {limit} minutes worked",
    }[reached.measure]
    return f"{told} by the team today" if reached.scope is BudgetScope.TEAM else told


def with_unit(measure: BudgetMeasure, value: float) -> str:
    """`0.08 USD`, `1,200 tokens`, `1 tool call`, `2.5 minutes`."""
    told = amount(measure, value)
    one = told == "1"
    return {
        BudgetMeasure.COST_USD: f"{told} USD",
        BudgetMeasure.TOKENS: f"{told} tokens",
        BudgetMeasure.TOOL_CALLS: f"{told} tool call{'' if one else 's'}",
        BudgetMeasure.SECONDS: f"{told} minute{'' if one else 's'}",
    }[measure]


def amount(measure: BudgetMeasure, value: float) -> str:
    """The number as people read it. Small sums of money keep their first digits; time is told in minutes."""
    if measure is BudgetMeasure.COST_USD:
        return f"{value:.2f}" if value >= 0.1 or value == 0 else f"{float(f'{value:.2g}'):.8f}".rstrip("0")
    if measure is BudgetMeasure.SECONDS:
        return f"{value / 60:,.1f}".removesuffix(".0")
    return f"{value:,.0f}"


def rounded(measure: BudgetMeasure, value: float) -> float:
    """Without the tail of binary fractions, which nobody wants to be asked about."""
    return round(value, 6) if measure is BudgetMeasure.COST_USD else float(max(1, round(value))) if value else 0.0
