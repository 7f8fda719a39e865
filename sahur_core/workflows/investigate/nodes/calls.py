"""The nodes that make tool calls and that wait for people: one call per superstep."""

from __future__ import annotations

from typing import Any

from langchain_core.messages import HumanMessage, ToolMessage
from langgraph.runtime import Runtime
from langgraph.types import interrupt

from sahur_core.context.compaction import KEPT_MESSAGES
from sahur_core.context.framing import as_name, frame_untrusted
from sahur_core.context.history import to_row
from sahur_core.errors import InputError, ToolDenied
from sahur_core.issues import InputKind, InputRequest, Stage, ToolCall, ToolResultStatus
from sahur_core.protocols import ToolSpec
from sahur_core.tools.decisions import allowed_for, answerable_by
from sahur_core.tools.policy import Permission, arguments_hash
from sahur_core.tools.registry import risk_of
from sahur_core.tools.risk import Risk
from sahur_core.tools.storable import check_storable
from sahur_core.tools.wire import READ_RECEIPT
from sahur_core.workflows.investigate.addresses import why_not_sent
from sahur_core.workflows.investigate.context import InvestigationContext
from sahur_core.workflows.investigate.conversation import pending_call, reply, result_message
from sahur_core.workflows.investigate.ids import input_request_id
from sahur_core.workflows.investigate.limits import before_tool_call
from sahur_core.workflows.investigate.local_tools import LOCAL_TOOLS, call_local, expiry, hours
from sahur_core.workflows.investigate.nodes.think import approved_call
from sahur_core.workflows.investigate.state import State, Update
from sahur_core.workflows.investigate.steps import call, list_tools, step, summary_of
from sahur_core.workflows.investigate.titles import title_of

CONCLUSIVE = (ToolResultStatus.OK, ToolResultStatus.NO_DATA)
"""Asked the same again, the tool would say the same."""
MAX_SAME_FAILURES = 2
RECENT_CALLS = KEPT_MESSAGES // 2
"""The results of so many calls are still in the conversation as they were."""


def call_tool(state: State, runtime: Runtime[InvestigationContext]) -> Update:
    """Make the first pending call. Local calls, which touch only this run, are made on the way to the next one."""
    ctx = runtime.context
    if held := before_tool_call(ctx, state):
        return held
    pending = list(state["pending"])
    replies: list[ToolMessage] = []
    found: list[str] = []
    position = state["position"]
    siblings: list[str] = []
    refused = state.get("refused", 0)
    hypotheses: dict[str, dict[str, Any]] = {}
    while pending:
        tool_call_id = pending.pop(0)
        name, arguments, siblings = pending_call(ctx, state, tool_call_id)
        if name not in LOCAL_TOOLS:
            position += 1
            if refusal := why_not_sent(ctx, state, name, arguments):
                answered, is_new = reply(tool_call_id, refusal, ToolResultStatus.DENIED), False
            else:
                answered, is_new = call_remote(ctx, position, tool_call_id, name, arguments)
            replies.append(answered)
            refused = 0 if is_new else refused + 1
            break
        local = call_local(ctx, tool_call_id, name, arguments)
        refused = 0 if local.is_done else refused + 1
        hypotheses |= local.hypotheses
        replies.append(reply(tool_call_id, local.text))
        found += local.found
    # The calls beside a `finish` are still made, so that no call stays without its answer.
    following = "call_tool" if pending else Stage.ANALYZE.value if "finish" in siblings else "think"
    return {
        "transcript": ctx.store.add_transcript([to_row(message) for message in replies]),
        "pending": pending,
        "found_tools": found,
        "refused": refused,
        "hypotheses": hypotheses,
        "position": position,
        "next": following,
    }


def call_remote(
    ctx: InvestigationContext, position: int, tool_call_id: str, name: str, arguments: dict[str, Any]
) -> tuple[ToolMessage, bool]:
    """Call a tool of the gateway, unless the call is pointless or needs a person first; whether it brought something new."""
    tools = list_tools(ctx)
    try:
        spec = tools.get(name)
        check_storable(arguments, "arguments")
    except ToolDenied as error:
        return reply(tool_call_id, f"Not called. {error}", ToolResultStatus.DENIED), False
    except InputError as error:
        return reply(tool_call_id, f"Not called. {error}", ToolResultStatus.ERROR), False
    arguments = with_defaults(ctx, spec, arguments)
    if tools.permission(name) is Permission.ASK:
        return ask_approval(ctx, tool_call_id, spec, arguments), True
    if known := known_result(ctx, tool_call_id, name, arguments):
        return reply(
            tool_call_id, f"Not called: this is the call {known.id} again, its result is above. {_other_way(known)}"
        ), False
    with step(ctx, position, title_of(name, arguments)) as current:
        made = call(ctx, current, tool_call_id, name, arguments)
        current.summary = summary_of(made)
    if made.status is ToolResultStatus.AWAITING_APPROVAL:
        # The gateway knows better than the listing that this call needs a person.
        return ask_approval(ctx, tool_call_id, spec, arguments), True
    return result_message(made), made.status in CONCLUSIVE


def known_result(ctx: InvestigationContext, tool_call_id: str, name: str, arguments: dict[str, Any]) -> ToolCall | None:
    """An earlier call of exactly this read that was answered; one that failed may be tried once more, but not for ever.

    What was left out of a long conversation is read again by its receipt, so of those reads only the newest count.
    """
    calls = [made for made in ctx.store.tool_calls() if made.id != tool_call_id]
    if name == READ_RECEIPT:
        calls = calls[-RECENT_CALLS:]
    same = [made for made in calls if made.tool == name and made.arguments == arguments]
    answered = [made for made in same if made.status in CONCLUSIVE]
    if answered:
        return answered[0]
    return same[0] if len(same) >= MAX_SAME_FAILURES else None


def _other_way(known: ToolCall) -> str:
    if not known.receipt_id or known.tool == READ_RECEIPT:
        return "Ask for something else."
    return f"Ask for something else; if it was left out to save room, use {READ_RECEIPT}, receipt {known.receipt_id}."


def with_defaults(ctx: InvestigationContext, spec: ToolSpec, arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments with the run's repository and commit filled in where the tool takes and the model omits them."""
    repository = ctx.store.report().repository
    if repository is None:
        return arguments
    repository = ctx.store.prepare_repository() or repository
    properties, required = spec.input_schema.get("properties", {}), spec.input_schema.get("required", [])
    filled = {key: value for key, value in arguments.items() if value is not None}
    for name, value in (("repository", repository.id), ("commit", repository.commit)):
        if name in properties and name not in required and not filled.get(name) and value:
            filled[name] = value
    return filled


def ask_approval(ctx: InvestigationContext, tool_call_id: str, spec: ToolSpec, arguments: dict[str, Any]) -> ToolMessage:
    """Ask people whether a call that changes something may be made. The approval binds exactly these arguments."""
    risk = risk_of(spec)
    request = InputRequest(
        id=input_request_id(ctx.line, tool_call_id),
        kind=InputKind.APPROVAL,
        prompt=f"May the run call {spec.name}?{' It may destroy something.' if risk is Risk.DESTROY else ''}",
        tool=spec.name,
        arguments=arguments,
        arguments_hash=arguments_hash(arguments),
        arguments_schema=spec.input_schema,
        default="The call is not made.",
        expires_at=expiry(ctx, InputKind.APPROVAL),
        allowed_decisions=allowed_for(InputKind.APPROVAL),
        answerable_by=answerable_by(risk),
    )
    known = ctx.store.input_requests()
    for other in known:
        is_same = (other.tool, other.arguments_hash) == (request.tool, request.arguments_hash)
        if other.id != request.id and not other.answered_by and is_same:
            return reply(tool_call_id, f"Not asked again: exactly this call waits for its approval already ({other.id[:8]}).")
    if request.id not in {other.id for other in known}:
        ctx.store.open_input_request(request)
    text = (
        f"status: awaiting_approval\nA person must approve this call; the id of the request is {request.id[:8]}. You will be "
        f"told; go on with other work meanwhile. After {hours(ctx, InputKind.APPROVAL):g} hours it counts as not approved."
    )
    return reply(tool_call_id, text, ToolResultStatus.AWAITING_APPROVAL)


def call_approved_tool(state: State, runtime: Runtime[InvestigationContext]) -> Update:
    """Make a call that a person approved, with the arguments that the person saw."""
    ctx = runtime.context
    request = approved_call(state, ctx.store.input_requests())
    if request is None:
        return {"next": "think"}
    position = state["position"] + 1
    with step(ctx, position, title_of(request.tool, request.arguments)) as current:
        made = call(ctx, current, f"call_{request.id}", request.tool, request.arguments)
        current.summary = f"{made.status.value}, approved by {request.answered_by}"
    who = as_name(request.answered_by)
    text = f"{who} approved the call of {request.tool}. tool_call_id: {made.id}\nstatus: {made.status.value}\n"
    message = HumanMessage(text + frame_untrusted(made.text, made.tool))
    return {
        "transcript": ctx.store.add_transcript([to_row(message)]),
        "told_inputs": [*state["told_inputs"], request.id],
        "position": position,
        "next": "think",
    }


def wait_for_input(state: State) -> Update:
    """The only interrupt. Nothing may stand before it: LangGraph runs the node again from its start on resume."""
    interrupt({"told": state["told_inputs"]})
    return {"next": "think"}
