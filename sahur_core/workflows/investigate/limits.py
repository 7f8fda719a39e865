"""What happens at a limit: before each model call and each tool call the loop asks here whether it may go on.

While people are asked, the calls that the model wanted stay pending: a yes makes them, whatever else people say puts them
off, so that the model can answer it. A call that a person approved is made whatever the budget says.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from langchain_core.messages import ToolMessage

from sahur_core.config import Budget
from sahur_core.context.history import to_row
from sahur_core.context.results import cut_text
from sahur_core.events import BudgetReached, NoticeRaised
from sahur_core.issues import (
    BudgetMeasure,
    BudgetRung,
    BudgetScope,
    Hypothesis,
    HypothesisStatus,
    InputKind,
    InputRequest,
    Stage,
    ToolResultStatus,
)
from sahur_core.tools.decisions import allowed_for
from sahur_core.tools.policy import arguments_hash
from sahur_core.workflows.investigate import budget, prompts
from sahur_core.workflows.investigate.context import InvestigationContext
from sahur_core.workflows.investigate.conversation import pending_call, reply, say
from sahur_core.workflows.investigate.ids import input_request_id
from sahur_core.workflows.investigate.local_tools import LOCAL_TOOLS, call_local, expiry
from sahur_core.workflows.investigate.state import State, Update
from sahur_core.workflows.investigate.titles import title_of

_KEPT = frozenset({"record_evidence", "state_hypothesis"})
"""Local calls that are made even when nothing else is: they keep what was found."""
MAX_NAMED = 3
MAX_CHECK_CHARS = 300


def before_model_call(ctx: InvestigationContext, state: State, requests: Sequence[InputRequest]) -> Update | None:
    """What is to be done instead of asking the model; None if it may be asked."""
    reached = reached_rung(ctx, requests)
    if reached and reached.rung == budget.STOP:
        return stop(ctx, state, reached)
    for request in budget.budget_requests(requests):
        if budget.is_refused(request):
            return conclude(ctx, state, budget.rung_of(request))
    asked = is_asked(requests)
    if reached and reached.measure is BudgetMeasure.TOOL_CALLS:
        # Asking the model costs no tool call, and what it then wants to call is what people have to decide on.
        reached = None
    if reached and not asked:
        if not _limits(ctx, reached.scope).asks:
            return conclude(ctx, state, reached)
        ask_people(ctx, state, reached, requests)
        requests = ctx.store.input_requests()
        if not is_asked(requests):
            # Closed by somebody in this very moment: the next look at the requests tells what holds.
            return {"next": "think"}
        asked = True
    if asked and not has_news(ctx, state, requests):
        return {"next": "wait_for_input"}
    if not state["pending"]:
        return None
    return {**close_pending(ctx, state, prompts.PUT_OFF), "next": "think"} if asked else {"next": "call_tool"}


def before_tool_call(ctx: InvestigationContext, state: State) -> Update | None:
    """What is to be done instead of making the pending calls; None if they may be made."""
    if all(pending_call(ctx, state, call_id)[0] in LOCAL_TOOLS for call_id in state["pending"]):
        return None
    requests = ctx.store.input_requests()
    reached = reached_rung(ctx, requests)
    if reached is None:
        return None
    if reached.rung == budget.STOP:
        return stop(ctx, state, reached)
    if is_asked(requests):
        # Somebody has said something meanwhile, and these are the calls that its answer needs.
        return None
    if not _limits(ctx, reached.scope).asks:
        return conclude(ctx, state, reached)
    ask_people(ctx, state, reached, requests)
    return {"next": "think"}


def stopping_rung(ctx: InvestigationContext) -> BudgetRung | None:
    """The limit because of which no model may be asked any more; None: there is room."""
    reached = reached_rung(ctx, ctx.store.input_requests())
    return reached if reached and reached.rung == budget.STOP else None


def are_calls_spent(ctx: InvestigationContext) -> bool:
    """Whether no tool may be called any more, not even by the run itself. Else those few go on: no model is paid for them."""
    stopped = stopping_rung(ctx)
    return stopped is not None and stopped.measure is BudgetMeasure.TOOL_CALLS


def reached_rung(ctx: InvestigationContext, requests: Sequence[InputRequest]) -> BudgetRung | None:
    """The highest rung that the run, or its team's day, has reached and nobody has allowed to pass."""
    run, day = ctx.config.budget, ctx.config.day_budget
    found: list[BudgetRung] = []
    if _has_limits(run):
        spent = ctx.store.spent(BudgetScope.RUN)
        if run.cost_usd is not None and spent.unpriced_calls:
            _tell_unpriced(ctx)
        if reached := budget.reached(run, spent, BudgetScope.RUN, budget.raised_by(requests)):
            found.append(reached)
    if _has_limits(day):
        of_day = budget.reached(day, ctx.store.spent(BudgetScope.TEAM), BudgetScope.TEAM, {})
        # A yes lets this run go on to the second rung; only an admin moves the limits of a day.
        is_allowed = any(budget.is_granted(request) for request in budget.budget_requests(requests, BudgetScope.TEAM))
        if of_day and (of_day.rung == budget.STOP or not is_allowed):
            found.append(of_day)
    return max(found, key=lambda each: each.rung, default=None)


def is_asked(requests: Sequence[InputRequest]) -> bool:
    """Whether people are being asked about the budget right now."""
    return any(not request.answered_by for request in budget.budget_requests(requests))


def has_news(ctx: InvestigationContext, state: State, requests: Sequence[InputRequest]) -> bool:
    """Whether people have said something that the model is to hear although the budget is being asked about."""
    if any(request.answered_by and request.id not in state["told_inputs"] for request in requests):
        return True
    # Handed out once more to the model call that follows: it has the same number.
    return bool(ctx.store.take_in_messages(state["position"] + 1))


def ask_people(ctx: InvestigationContext, state: State, reached: BudgetRung, requests: Sequence[InputRequest]) -> None:
    """Ask whether to go on, with what it would be for and what that probably costs. One question of a limit at a time."""
    _tell(ctx, reached, "People are asked whether to go on.")
    spent, limits = ctx.store.spent(BudgetScope.RUN), _limits(ctx, reached.scope)
    arguments: dict[str, Any] = dict(budget.arguments_of(reached, limits))
    calls = _pending_titles(ctx, state)
    about = budget.with_unit(reached.measure, budget.estimate(reached.measure, spent, len(calls)))
    allows = f" A yes allows {budget.with_unit(reached.measure, arguments['raise_by'])} more." if "raise_by" in arguments else ""
    prompt = f"{budget.describe(reached)}. Best next check: {_next_check(state, calls)} (about {about}). Go on?{allows}"
    can_edit = reached.scope is BudgetScope.RUN
    # The first message of the conversation is of this run alone; a line that forks off has a name of its own.
    closed = [each for each in budget.budget_requests(requests, reached.scope) if each.answered_by]
    key = f"budget {state['transcript'][0]} {reached.scope.value} {reached.measure.value} {len(closed)}"
    ctx.store.open_input_request(
        InputRequest(
            id=input_request_id(ctx.line, key),
            kind=InputKind.BUDGET,
            prompt=prompt[:1].upper() + prompt[1:],
            arguments=arguments,
            arguments_hash=arguments_hash(arguments),
            arguments_schema=dict(budget.schema_of(arguments, reached)) if can_edit else {},
            default=budget.DEFAULT,
            expires_at=expiry(ctx, InputKind.BUDGET),
            allowed_decisions=allowed_for(InputKind.BUDGET, can_edit=can_edit),
        )
    )


def stop(ctx: InvestigationContext, state: State, reached: BudgetRung) -> Update:
    """The second rung: no model is asked again, the answer is made from what is recorded."""
    _tell(ctx, reached, "The run stops with what it knows.")
    closed = close_pending(ctx, state, f"Not called: {budget.describe(reached)}.")
    return {**closed, "budget": reached.model_dump(mode="json"), "next": Stage.ANALYZE.value}


def conclude(ctx: InvestigationContext, state: State, reached: BudgetRung) -> Update:
    """The first rung, and nobody wants to spend more: the model is asked for its answer at once."""
    _tell(ctx, reached, "The run concludes now with what it has.")
    closed = close_pending(ctx, state, f"Not called: {budget.describe(reached)}.")
    closed["transcript"] = [*closed["transcript"], *say(ctx, [prompts.out_of_budget(budget.describe(reached))])]
    return {**closed, "budget": reached.model_dump(mode="json"), "next": Stage.ANALYZE.value}


def close_pending(ctx: InvestigationContext, state: State, why: str) -> Update:
    """Answer the calls that are not made, and make those that only keep what was found."""
    replies: list[ToolMessage] = []
    hypotheses: dict[str, dict[str, Any]] = {}
    for call_id in state["pending"]:
        name, arguments, _ = pending_call(ctx, state, call_id)
        if name in _KEPT:
            local = call_local(ctx, call_id, name, arguments)
            hypotheses |= local.hypotheses
            replies.append(reply(call_id, local.text))
        else:
            replies.append(reply(call_id, why, ToolResultStatus.DENIED))
    told = ctx.store.add_transcript([to_row(message) for message in replies]) if replies else []
    return {"transcript": told, "pending": [], "hypotheses": hypotheses}


def _limits(ctx: InvestigationContext, scope: BudgetScope) -> Budget:
    return ctx.config.day_budget if scope is BudgetScope.TEAM else ctx.config.budget


def _has_limits(limits: Budget) -> bool:
    return any(getattr(limits, measure.value) is not None for measure in BudgetMeasure)


def _pending_titles(ctx: InvestigationContext, state: State) -> list[str]:
    wanted = [pending_call(ctx, state, call_id) for call_id in state["pending"]]
    return [title_of(name, arguments) for name, arguments, _ in wanted if name not in LOCAL_TOOLS]


def _next_check(state: State, calls: list[str]) -> str:
    """What the run would do next: the calls that the model wants, else its latest hypothesis."""
    if calls:
        more = f" and {len(calls) - MAX_NAMED} more" if len(calls) > MAX_NAMED else ""
        return cut_text("; ".join(calls[:MAX_NAMED]), MAX_CHECK_CHARS) + more
    held = [Hypothesis.model_validate(each) for each in state.get("hypotheses", {}).values()]
    standing = [each.statement for each in held if each.status is not HypothesisStatus.RULED_OUT]
    return cut_text(f"whether this holds: {standing[-1]}", MAX_CHECK_CHARS) if standing else "what the model asks for next"


def _tell(ctx: InvestigationContext, reached: BudgetRung, consequence: str) -> None:
    key = f"budget:{reached.scope.value}:{reached.measure.value}:{reached.limit!r}:{consequence}"
    ctx.events.emit(BudgetReached(budget=reached, consequence=consequence), key=key)


def _tell_unpriced(ctx: InvestigationContext) -> None:
    ctx.events.emit(
        NoticeRaised(
            level="warning",
            message="The price of a model that this run uses is not known, so its limit of money does not count those calls.",
            next_step="An admin can enter the price; the limit of tokens holds all the same.",
        ),
        key="budget:unpriced",
    )
