"""Steps as people see them: each model or tool call told as events, from its start to its outcome."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from langchain_core.messages import BaseMessage
from pydantic import BaseModel

from sahur_core.context.results import cut_text, render_result
from sahur_core.errors import CallInterrupted, GatewayUnavailable, ToolDenied, ToolError
from sahur_core.events import (
    ModelCallFinished,
    ModelCallInterrupted,
    NoticeRaised,
    StepFinished,
    StepStarted,
    TextStreamed,
    ToolCallFinished,
    ToolCallStarted,
)
from sahur_core.issues import ToolCall, ToolResultStatus, Usage
from sahur_core.llm.client import Completion, ModelRole, add_usage
from sahur_core.protocols import ToolOutcome
from sahur_core.safety.guard import ModelWords
from sahur_core.tools.registry import ToolRegistry, needs_repository
from sahur_core.tools.wire import READ_RECEIPT
from sahur_core.workflows.investigate.context import InvestigationContext
from sahur_core.workflows.investigate.conversation import shortener
from sahur_core.workflows.investigate.state import State, Update

T = TypeVar("T")
Schema = TypeVar("Schema", bound=BaseModel)

COALESCE_SECONDS = 0.08
"""Text of a model is told in pieces of this length at the least."""
EXCERPT_CHARS = 600
GIVEN_UP = Usage(model_calls=1)
"""A call given up in the middle, of unknown cost: vendors tell it with the end of the answer, which does not come any more."""


@dataclass
class Step:
    """A step in progress. `summary` is told when it ends."""

    id: str
    summary: str = ""


@contextmanager
def step(ctx: InvestigationContext, position: int, title: str) -> Iterator[Step]:
    """Tell that a step begins and, unless it fails, that it ended. A repeated node tells the same step again.

    One whose model call gave way to a person's message has ended: the message is taken in at a step of its own.
    """
    current = Step(id=f"step-{position}")
    ctx.events.emit(StepStarted(step_id=current.id, position=position, title=title))
    try:
        yield current
    except CallInterrupted as interruption:
        ctx.events.emit(StepFinished(step_id=current.id, summary=f"Given up: {interruption.message}"))
        raise
    ctx.events.emit(StepFinished(step_id=current.id, summary=current.summary))


def ask(
    ctx: InvestigationContext, current: Step, role: ModelRole, messages: Sequence[BaseMessage], tools: Sequence[dict[str, Any]]
) -> Completion:
    """One model call with tools to choose from. Raises `CallInterrupted` when a person wants a message used now."""
    words = ctx.guard.words(messages)
    stream = _TextStream(ctx, current.id, words)
    told = ctx.guard.for_model(messages)
    asked = ctx.models.complete(
        role,
        told,
        tools=ctx.guard.redacted(list(tools))[0],
        on_text=stream.take,
        on_retry=stream.broken_off,
        on_replaced=_standing_notice(ctx),
        on_lost=_lost_call(ctx, current, role),
        shorten=shortener(ctx),
    )
    completion = _answer_of(ctx, current, stream, asked)
    _tell_model_call(ctx, current, role, completion)
    clean = replace(completion, message=words.message(completion.message))
    _tell_taken_out(ctx, current, words)
    return clean


def ask_for(
    ctx: InvestigationContext,
    current: Step,
    role: ModelRole,
    messages: Sequence[BaseMessage],
    schema: type[Schema],
    *,
    interruptible: bool = True,
) -> tuple[Schema, Completion]:
    """One model call whose answer has the form of `schema`.

    Raises `CallInterrupted` when a person wants a message used now, unless the run could not go on with it.
    """
    words = ctx.guard.words(messages)
    stream = _TextStream(ctx, current.id, words)
    told = ctx.guard.for_model(messages)
    asked = ctx.models.structured(
        role,
        told,
        schema,
        on_text=stream.take,
        on_retry=stream.broken_off,
        on_replaced=_standing_notice(ctx),
        on_lost=_lost_call(ctx, current, role),
        shorten=shortener(ctx),
    )
    answer, completion = _answer_of(ctx, current, stream, asked, interruptible=interruptible)
    _tell_model_call(ctx, current, role, completion)
    clean = words.form(answer)
    _tell_taken_out(ctx, current, words)
    return clean, replace(completion, message=ctx.guard.words(messages).message(completion.message))


def _answer_of(
    ctx: InvestigationContext, current: Step, stream: _TextStream, asked: Coroutine[Any, Any, T], *, interruptible: bool = True
) -> T:
    try:
        answer = ctx.waiter.wait_for(asked, interruptible=interruptible)
    except CallInterrupted as interruption:
        stream.give_up()
        ctx.events.emit(ModelCallInterrupted(step_id=current.id, asked_by=interruption.asked_by, usage=GIVEN_UP))
        raise
    stream.flush()
    return answer


def new_call_id() -> str:
    """An id for a tool call: unique everywhere, short enough for a model to copy."""
    return f"call_{uuid.uuid4().hex[:16]}"


def call(
    ctx: InvestigationContext,
    current: Step,
    tool_call_id: str,
    tool: str,
    arguments: dict[str, Any],
    *,
    max_chars: int | None = None,
    seconds: float | None = None,
) -> ToolCall:
    """One tool call over the gateway, told and stored. What the tool reports as wrong is a result like any other.

    `max_chars` and `seconds` bound what is shown of the result and how long it is waited for, beside the usual bounds.
    """
    ctx.events.emit(ToolCallStarted(step_id=current.id, tool_call_id=tool_call_id, tool=tool, arguments=arguments))
    outcome = _outcome(ctx, tool, arguments, tool_call_id, seconds)
    limit = min(ctx.config.max_tool_result_chars, max_chars or ctx.config.max_tool_result_chars)
    made = ToolCall(
        id=tool_call_id,
        step_id=current.id,
        tool=tool,
        arguments=arguments,
        status=outcome.status,
        text=render_result(outcome.text, outcome.structured, limit, whole=_whole(tool, outcome)),
        receipt_id=outcome.receipt_id,
        duration_ms=outcome.duration_ms,
    )
    ctx.store.add_tool_call(made)
    ctx.events.emit(
        ToolCallFinished(
            step_id=current.id,
            tool_call_id=tool_call_id,
            tool=tool,
            status=outcome.status,
            excerpt=cut_text(outcome.text or made.text, EXCERPT_CHARS),
            receipt_id=outcome.receipt_id,
            duration_ms=outcome.duration_ms,
        )
    )
    return made


def _whole(tool: str, outcome: ToolOutcome) -> str:
    """Where the model can read what it is not shown of a result; a page of one has offsets of its own."""
    is_kept = outcome.receipt_id and tool.partition("__")[0] != READ_RECEIPT.partition("__")[0]
    return f"read on with {READ_RECEIPT}, receipt {outcome.receipt_id}" if is_kept else ""


def summary_of(made: ToolCall) -> str:
    """What a step that made one call says of it: nothing where the result speaks for itself."""
    if made.status is ToolResultStatus.ERROR:
        return " ".join(made.text.split())[:160]
    return {ToolResultStatus.NO_DATA: "Nothing was found.", ToolResultStatus.DENIED: "Refused."}.get(made.status, "")


def _outcome(
    ctx: InvestigationContext, tool: str, arguments: dict[str, Any], tool_call_id: str, seconds: float | None
) -> ToolOutcome:
    """What the gateway answered; a call that it refuses is a result that the model can learn from."""

    async def bounded() -> ToolOutcome:
        try:
            async with asyncio.timeout(seconds):
                return await ctx.toolbox.call(tool, arguments, tool_call_id=tool_call_id)
        except TimeoutError:
            return ToolOutcome(status=ToolResultStatus.ERROR, text=f"It did not answer within {seconds:g} s.")

    try:
        return ctx.guard.result(through_gateway(ctx, bounded))
    except GatewayUnavailable:
        raise
    except ToolDenied as error:
        return ToolOutcome(status=ToolResultStatus.DENIED, text=str(error))
    except ToolError as error:
        return ToolOutcome(status=ToolResultStatus.ERROR, text=str(error))


def list_tools(ctx: InvestigationContext) -> ToolRegistry:
    """The tools that this run may use; the gateway is asked once per attempt."""
    if ctx.tools is None:
        listed = through_gateway(ctx, lambda: ctx.toolbox.list_tools())
        ctx.unavailable = ctx.toolbox.unavailable()
        # Without a repository there is no code to be read: each call would only be refused.
        has_code = ctx.store.report().repository is not None
        ctx.tools = ToolRegistry(spec for spec in listed if has_code or not needs_repository(spec))
    return ctx.tools


def through_gateway(ctx: InvestigationContext, request: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Ask the gateway, and again while it is down. Raises `GatewayUnavailable` when the tries are used up."""
    tries = max(1, ctx.config.gateway_tries)
    for attempt in range(1, tries + 1):
        try:
            return ctx.waiter.wait_for(request())
        except GatewayUnavailable as error:
            if attempt == tries:
                raise GatewayUnavailable(
                    f"The tool gateway did not answer in {tries} tries: {error.message}",
                    next_step=error.next_step or "Check that the gateway process (mcp) runs, then start the run again.",
                ) from error
            wait = ctx.config.gateway_wait_seconds * attempt
            ctx.events.emit(
                NoticeRaised(
                    level="warning",
                    message=f"The tool gateway does not answer: {error.message}",
                    next_step=f"Trying again in {wait:g} s ({attempt} of {tries - 1}).",
                )
            )
            ctx.waiter.wait_for(asyncio.sleep(wait))
    raise AssertionError("the loop returns or raises")


def spent(state: State, completion: Completion) -> Update:
    """The channels that every model call moves: what it cost and who answered."""
    usage = add_usage(Usage(**state["usage"]), completion.usage)
    return {"usage": usage.model_dump(), "used_llm": state["used_llm"] or completion.used_llm}


def after_interruption(state: State) -> Update:
    """The channels that a call moves which gave way to a person's message. The next one is another step."""
    usage = add_usage(Usage(**state["usage"]), GIVEN_UP)
    return {"usage": usage.model_dump(), "position": state["position"] + 1}


class _TextStream:
    """Coalesces a model's text: one event in `COALESCE_SECONDS` at most."""

    def __init__(self, ctx: InvestigationContext, step_id: str, words: ModelWords) -> None:
        self._ctx = ctx
        self._step_id = step_id
        self._clean = words.stream(self._add)
        self._parts: list[str] = []
        self._told_at = time.monotonic()

    def take(self, text: str) -> None:
        self._clean.take(text)

    def flush(self) -> None:
        """The text is at its end: what was held back is told, too."""
        self._clean.flush()
        self._tell()

    def give_up(self) -> None:
        """The text ends in the middle."""
        self._clean.drop()
        self._tell()

    def broken_off(self, why: str) -> None:
        """The model is asked again, or waited for: people hear why."""
        self.give_up()
        self._ctx.events.emit(NoticeRaised(level="warning", message=why))

    def _add(self, text: str) -> None:
        self._parts.append(text)
        if time.monotonic() - self._told_at >= COALESCE_SECONDS:
            self._tell()

    def _tell(self) -> None:
        if self._parts:
            self._ctx.events.emit(TextStreamed(step_id=self._step_id, text="".join(self._parts)))
            self._parts = []
        self._told_at = time.monotonic()


def _tell_taken_out(ctx: InvestigationContext, current: Step, words: ModelWords) -> None:
    """People hear what was taken out of a model's answer; once, however often the node is repeated."""
    for message in words.notices():
        ctx.events.emit(NoticeRaised(level="warning", message=message), key=f"taken out of {current.id}: {message}")


def _standing_notice(ctx: InvestigationContext) -> Callable[[str], None]:
    """For what stays true for a while: a run tells it once."""
    return lambda message: ctx.events.emit(NoticeRaised(level="info", message=message), key=f"notice {message}"[:200])


def _lost_call(ctx: InvestigationContext, current: Step, role: ModelRole) -> Callable[[Usage], None]:
    """Answers that nobody could use were paid for, too."""
    return lambda usage: ctx.events.emit(ModelCallFinished(step_id=current.id, role=role, duration_ms=0, usage=usage))


def _tell_model_call(ctx: InvestigationContext, current: Step, role: ModelRole, completion: Completion) -> None:
    ctx.events.emit(ModelCallFinished(step_id=current.id, role=role, duration_ms=completion.duration_ms, usage=completion.usage))
