"""The conversation with the model: built from rows for each call, and written back as rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage

from sahur_core.context.compaction import compact, size_of
from sahur_core.context.framing import frame_untrusted
from sahur_core.context.history import plain_text, to_messages, to_row
from sahur_core.evidence.ledger import Ledger
from sahur_core.issues import ToolCall, ToolResultStatus
from sahur_core.llm.client import Shorten
from sahur_core.workflows.investigate.context import InvestigationContext
from sahur_core.workflows.investigate.state import State

MAX_CALLS_OF_ONE_MESSAGE = 64
"""How far back the message is looked for whose calls are being made."""


def conversation(ctx: InvestigationContext, state: State, system: str, more: Sequence[BaseMessage] = ()) -> list[BaseMessage]:
    """What the model gets: the instruction, the transcript within its budget, and `more`."""
    transcript = to_messages(ctx.store.transcript(state["transcript"]))
    ledger = ledger_of(ctx)
    return compact([SystemMessage(system), *transcript, *more], ctx.config.max_context_chars, ledger.cited_calls(), ledger.calls)


def shortener(ctx: InvestigationContext) -> Shorten:
    """How a conversation is made to fit a model that has less room than the budget, without losing what is cited."""
    ledger = ledger_of(ctx)

    def shorten(messages: Sequence[BaseMessage], limit: int) -> list[BaseMessage]:
        kept = compact(messages, limit, ledger.cited_calls(), ledger.calls)
        if sum(map(size_of, kept)) <= limit:
            return kept
        return compact(messages, limit, ledger.cited_calls(), ledger.calls, keeps_newest=False)

    return shorten


def ledger_of(ctx: InvestigationContext) -> Ledger:
    return Ledger(ctx.store.tool_calls(), ctx.store.evidence())


def say(ctx: InvestigationContext, texts: Iterable[str]) -> list[str]:
    """Store what is said to the model; the ids of the messages."""
    rows = [to_row(HumanMessage(text)) for text in texts]
    return ctx.store.add_transcript(rows) if rows else []


def result_message(made: ToolCall) -> ToolMessage:
    """A tool's result as the model reads it: framed, with the id that evidence must name."""
    return reply(
        made.id, f"tool_call_id: {made.id}\nstatus: {made.status.value}\n{frame_untrusted(made.text, made.tool)}", made.status
    )


def reply(tool_call_id: str, text: str, status: ToolResultStatus = ToolResultStatus.OK) -> ToolMessage:
    """An answer to a call of the model."""
    failed = status in (ToolResultStatus.ERROR, ToolResultStatus.DENIED)
    return ToolMessage(text, tool_call_id=tool_call_id, status="error" if failed else "success")


def plain_copy(message: AIMessage, call_ids: Sequence[str]) -> AIMessage:
    """The model's message without its vendor's blocks, and with ids of ours: some servers number calls anew each time.

    Calls beyond the given ids are left out, as if the model had not asked for them.
    """
    calls = [
        {"name": call["name"], "args": call["args"], "id": call_id, "type": "tool_call"}
        for call, call_id in zip(message.tool_calls, call_ids, strict=False)
    ]
    return AIMessage(plain_text(message), tool_calls=calls)


def pending_call(ctx: InvestigationContext, state: State, tool_call_id: str) -> tuple[str, dict[str, Any], list[str]]:
    """Name and arguments of a call that the model asked for, and the names of all calls of the same message."""
    for row in reversed(ctx.store.transcript(state["transcript"][-MAX_CALLS_OF_ONE_MESSAGE:])):
        for message in to_messages([row]):
            calls = message.tool_calls if isinstance(message, AIMessage) else []
            for wanted in calls:
                if wanted["id"] == tool_call_id:
                    return wanted["name"], dict(wanted["args"]), [call["name"] for call in calls]
    raise AssertionError(f"pending call {tool_call_id} is in no message of the transcript")
