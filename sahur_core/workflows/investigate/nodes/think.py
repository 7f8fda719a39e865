"""The node that asks the model what to do next: one model call per superstep."""

from __future__ import annotations

from langgraph.runtime import Runtime

from sahur_core.context.history import plain_text, to_row
from sahur_core.errors import CallInterrupted, ModelError
from sahur_core.issues import Decision, InputKind, InputRequest, Stage
from sahur_core.workflows.investigate import ledger_answer, prompts
from sahur_core.workflows.investigate.context import InvestigationContext
from sahur_core.workflows.investigate.conversation import conversation, plain_copy, say
from sahur_core.workflows.investigate.limits import before_model_call
from sahur_core.workflows.investigate.offering import function_specs, tell_unavailable
from sahur_core.workflows.investigate.state import MAX_REFUSED, State, Update, has_budget
from sahur_core.workflows.investigate.steps import after_interruption, ask, list_tools, new_call_id, spent, step

MAX_IDLE_TURNS = 2
"""Messages in a row without a call, before the investigation ends with what there is."""
MAX_CALLS = 16
"""Calls of one message that are made; more at once is a model that has lost its way."""
SUMMARY_CHARS = 300
STEER_AFTER_REFUSED = 3
"""Calls in a row that brought nothing new, before the model is told that it goes in circles."""


def think(state: State, runtime: Runtime[InvestigationContext]) -> Update:
    """Tell the model what is new and ask it what to do."""
    ctx = runtime.context
    requests = ctx.store.input_requests()
    if approved_call(state, requests) and not state["pending"]:
        return {"next": "call_approved_tool"}
    if held := before_model_call(ctx, state, requests):
        return held
    if state.get("refused", 0) >= MAX_REFUSED:
        return {"next": Stage.ANALYZE.value, "transcript": say(ctx, [prompts.STUCK])}
    if not has_budget(state, ctx.config):
        return {"next": Stage.ANALYZE.value, "transcript": say(ctx, [prompts.OUT_OF_STEPS])}
    position = state["position"] + 1
    decided = [request for request in requests if is_decided(request) and request.id not in state["told_inputs"]]
    tools = list_tools(ctx)
    news, unavailable = tell_unavailable(ctx, state["told_unavailable"])
    news += [prompts.input_outcome(request) for request in decided]
    said_by_people = [prompts.person_says(message) for message in ctx.store.take_in_messages(position)]
    news += said_by_people
    if said_by_people and (still_open := [each for each in requests if withdrawable(each)]):
        news.append(prompts.open_requests(still_open))
    if state.get("refused", 0) >= STEER_AFTER_REFUSED:
        news.append(prompts.going_in_circles(state.get("refused", 0)))
    heard = say(ctx, news)
    now: State = {**state, "transcript": [*state["transcript"], *heard]}
    functions = function_specs(tools, state["found_tools"], ctx.config.max_tools)
    update: Update = {
        "told_unavailable": unavailable,
        "told_inputs": [*state["told_inputs"], *(request.id for request in decided)],
    }
    try:
        with step(ctx, position, "Deciding what to look at next" if position > 2 else "Thinking") as current:
            completion = ask(ctx, current, "deep", conversation(ctx, now, prompts.INVESTIGATE), functions)
            calls = min(len(completion.message.tool_calls), MAX_CALLS)
            message = plain_copy(completion.message, [new_call_id() for _ in range(calls)])
            current.summary = plain_text(message)[:SUMMARY_CHARS] or ", ".join(call["name"] for call in message.tool_calls)
    except CallInterrupted:
        # What was heard so far is kept by a checkpoint; the message that interrupted is taken in at the next step.
        return {**update, **after_interruption(state), "transcript": heard, "next": "think"}
    except ModelError as error:
        # With something recorded, the run ends with the best answer that it can give.
        if not ledger_answer.can_replace(ctx):
            raise
        ledger_answer.tell_lost(ctx, error)
        return {**update, "position": position, "transcript": heard, "next": Stage.ANALYZE.value}
    said = ctx.store.add_transcript([to_row(message)])
    update |= {"position": position, "model_calls": state["model_calls"] + 1, **spent(state, completion)}
    if message.tool_calls:
        pending = [str(call["id"]) for call in message.tool_calls]
        return {**update, "transcript": heard + said, "pending": pending, "idle_turns": 0, "next": "call_tool"}
    return {**update, **after_silence(ctx, state, heard + said)}


def after_silence(ctx: InvestigationContext, state: State, said: list[str]) -> Update:
    """The model called nothing: wait for a person if one was asked, else push it on, and in the end conclude."""
    open_requests = [request for request in ctx.store.input_requests() if not is_decided(request)]
    if open_requests:
        return {"transcript": said, "idle_turns": 0, "next": "wait_for_input"}
    if state["idle_turns"] + 1 >= MAX_IDLE_TURNS:
        return {"transcript": said, "idle_turns": 0, "next": Stage.ANALYZE.value}
    nudge = say(ctx, [prompts.NOTHING_CALLED])
    return {"transcript": said + nudge, "idle_turns": state["idle_turns"] + 1, "next": "think"}


def withdrawable(request: InputRequest) -> bool:
    """Whether the model may take it back: the budget is not its own question."""
    return not is_decided(request) and request.kind is not InputKind.BUDGET


def is_decided(request: InputRequest) -> bool:
    """Answered, or closed because nobody did in time. Only the row says so: a clock of ours would miss a last answer."""
    return bool(request.answered_by)


def approved_call(state: State, requests: list[InputRequest]) -> InputRequest | None:
    """The first approval that has been given and not been acted on."""
    for request in requests:
        is_given = request.kind is InputKind.APPROVAL and request.decision in (Decision.APPROVE, Decision.EDIT)
        if is_given and request.id not in state["told_inputs"]:
            return request
    return None
