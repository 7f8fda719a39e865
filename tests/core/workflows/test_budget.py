"""The arithmetic of limits: which rung, of which limit, and how it is said."""

from __future__ import annotations

import pytest

from sahur_core.config import Budget
from sahur_core.issues import BudgetMeasure, BudgetRung, BudgetScope, Decision, InputKind, InputRequest, Spent
from sahur_core.tools.arguments import ArgumentChecker
from sahur_core.workflows.investigate import budget

RUN, TEAM = BudgetScope.RUN, BudgetScope.TEAM
COST, TOKENS, CALLS, SECONDS = BudgetMeasure.COST_USD, BudgetMeasure.TOKENS, BudgetMeasure.TOOL_CALLS, BudgetMeasure.SECONDS


@pytest.mark.parametrize(
    ("limits", "spent", "expected"),
    [
        ({}, Spent(tokens=10**9, cost_usd=1e6), None),
        ({"tokens": 100}, Spent(tokens=79), None),
        ({"tokens": 100}, Spent(tokens=80), (1, TOKENS)),
        ({"tokens": 100}, Spent(tokens=99), (1, TOKENS)),
        ({"tokens": 100}, Spent(tokens=100), (2, TOKENS)),
        ({"tokens": 100}, Spent(tokens=10_000), (2, TOKENS)),
        ({"cost_usd": 0.3}, Spent(cost_usd=0.24), (1, COST)),
        ({"cost_usd": 0.3}, Spent(cost_usd=0.2399), None),
        ({"tool_calls": 10}, Spent(tool_calls=8), (1, CALLS)),
        ({"seconds": 60.0}, Spent(seconds=60.5), (2, SECONDS)),
        ({"tokens": 100, "cost_usd": 1.0}, Spent(tokens=80, cost_usd=0.95), (1, COST)),
        ({"tokens": 100, "cost_usd": 1.0}, Spent(tokens=100, cost_usd=0.99), (2, TOKENS)),
        ({"cost_usd": 0.0}, Spent(), (2, COST)),
        ({"tokens": 100, "ask_at": 1.0}, Spent(tokens=99), None),
        ({"tokens": 100, "ask_at": 1.0}, Spent(tokens=100), (2, TOKENS)),
        ({"cost_usd": 1.0}, Spent(unpriced_calls=50), None),
    ],
)
def test_the_rung_that_is_reached(limits, spent, expected):
    found = budget.reached(Budget(**limits), spent, RUN, {})
    assert (found and (found.rung, found.measure)) == expected


def test_a_yes_moves_both_rungs_of_its_limit_and_of_no_other():
    limits, raised = Budget(cost_usd=0.3, tokens=100), {COST: 0.15}
    assert budget.reached(limits, Spent(cost_usd=0.38), RUN, raised) is None
    assert budget.reached(limits, Spent(cost_usd=0.39), RUN, raised).rung == 1
    assert budget.reached(limits, Spent(cost_usd=0.45), RUN, raised).limit == pytest.approx(0.45)
    assert budget.reached(limits, Spent(tokens=100), RUN, raised).rung == 2


def asked(decision=None, answered_by="", raise_by=0.15, scope="run", **more):
    arguments = {"scope": scope, "measure": "cost_usd", "spent": 0.24, "limit": 0.3, "raise_by": raise_by}
    return InputRequest(
        id="x", kind=InputKind.BUDGET, prompt="?", arguments=arguments, decision=decision, answered_by=answered_by, **more
    )


def test_only_granted_requests_of_the_run_move_its_limits():
    requests = [
        asked(Decision.APPROVE, "Ada"),
        asked(Decision.EDIT, "Ada", raise_by=1.0),
        asked(Decision.REJECT, "Ada"),
        asked(None, "nobody in time"),
        asked(Decision.APPROVE, "Ada", scope="team"),
        asked(),
        InputRequest(id="q", kind=InputKind.QUESTION, prompt="?", decision=Decision.RESPOND),
    ]
    assert budget.raised_by(requests) == {COST: pytest.approx(1.15)}


@pytest.mark.parametrize(
    ("request_", "refused"),
    [
        (asked(Decision.REJECT, "Ada"), True),
        (asked(None, "nobody in time"), True),
        (asked(), False),
        (asked(Decision.APPROVE, "Ada"), False),
        (asked(None, "the run", superseded_reason="The run has ended."), False),
    ],
)
def test_a_no_and_no_answer_in_time_are_the_same(request_, refused):
    assert budget.is_refused(request_) is refused


@pytest.mark.parametrize(
    ("rung", "told"),
    [
        (BudgetRung(rung=1, scope=RUN, measure=COST, spent=0.24, limit=0.3), "0.24 of 0.30 USD spent"),
        (BudgetRung(rung=1, scope=RUN, measure=COST, spent=0.00123, limit=0.0015), "0.0012 of 0.0015 USD spent"),
        (BudgetRung(rung=2, scope=RUN, measure=TOKENS, spent=1234567, limit=1_000_000), "1,234,567 of 1,000,000 tokens used"),
        (BudgetRung(rung=1, scope=RUN, measure=CALLS, spent=8, limit=10), "8 of 10 tool calls made"),
        (BudgetRung(rung=1, scope=RUN, measure=SECONDS, spent=90, limit=120), "1.5 of 2 minutes worked"),
        (BudgetRung(rung=1, scope=TEAM, measure=COST, spent=80, limit=100), "80.00 of 100.00 USD spent by the team today"),
    ],
)
def test_how_a_rung_is_said(rung, told):
    assert budget.describe(rung) == told


def test_the_next_step_is_estimated_from_the_steps_so_far():
    spent = Spent(cost_usd=0.24, model_calls=3, tokens=3000, seconds=60)
    assert budget.estimate(COST, spent, 2) == pytest.approx(0.08)
    assert budget.with_unit(COST, 0.08) == "0.08 USD"
    assert budget.with_unit(CALLS, budget.estimate(CALLS, spent, 0)) == "1 tool call"
    assert budget.estimate(COST, Spent(), 1) == 0.0


@pytest.mark.parametrize("measure", BudgetMeasure)
@pytest.mark.parametrize("limit", [0.3, 1.0, 7.0, 300.0, 3_000_000.0])
def test_what_is_asked_for_fits_its_own_schema_and_nothing_else_does(measure, limit):
    rung = BudgetRung(rung=1, scope=RUN, measure=measure, spent=limit * 0.8, limit=limit)
    arguments = budget.arguments_of(rung, Budget(**{measure.value: limit if measure in (COST, SECONDS) else max(1, int(limit))}))
    schema, checker = budget.schema_of(arguments, rung), ArgumentChecker()
    assert checker.problem(schema, arguments) == ""
    assert checker.problem(schema, {**arguments, "limit": 10.0**12})
    assert checker.problem(schema, {**arguments, "raise_by": limit * 100 + 100})
    assert checker.problem(schema, {**arguments, "raise_by": 0})
