"""A conversation within its budget.

The budget counts characters (about four make a token), because every vendor counts tokens in its own way. The oldest
tool results are shortened first. Never shortened: system and person messages, answers to questions, the newest exchange,
and any result that evidence was recorded from; a citation must stay readable until the end.

Vendors keep the beginnings of prompts in a cache. So results are shortened in strides: each time that the conversation
has grown beyond the budget, down to `STRIDE` of it. Where the strides lie depends on the messages before them only, so
that between two strides the beginning of the conversation stays the same, byte for byte.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Collection, Mapping, Sequence

from langchain_core.messages import AIMessage, BaseMessage, ToolMessage

from sahur_core.context.history import plain_text
from sahur_core.issues import ToolCall
from sahur_core.tools.wire import READ_RECEIPT

KEPT_MESSAGES = 6
"""The newest messages stay whole: the model is in the middle of judging them."""
STRIDE = 0.6
LEFT_OUT = "left out to save room"
SMALL = 600
"""Results of no more characters are left as they are: too little is gained."""


def size_of(message: BaseMessage) -> int:
    """Characters that a message costs: its text and the arguments of its tool calls."""
    calls = message.tool_calls if isinstance(message, AIMessage) else []
    return len(plain_text(message)) + sum(len(json.dumps(call["args"])) + len(call["name"]) for call in calls)


def compact(
    messages: Sequence[BaseMessage],
    limit: int,
    cited_tool_calls: Collection[str],
    made: Mapping[str, ToolCall] | None = None,
    *,
    keeps_newest: bool = True,
) -> list[BaseMessage]:
    """The messages in at most `limit` characters, as far as shortening uncited tool results reaches.

    `made` are the calls behind the results, by which a shortened one says what it was and how to read it again. Without
    `keeps_newest` also results are shortened that the model has not seen yet: the last resort where nothing else fits.
    """
    kept = list(messages)
    # Positions of results that may be shortened once they are old enough, oldest first.
    waiting: deque[int] = deque()
    total, seen = 0, 0
    for position, message in enumerate(messages):
        total += size_of(message)
        if isinstance(message, AIMessage):
            seen = position
        if isinstance(message, ToolMessage) and message.tool_call_id not in cited_tool_calls and size_of(message) > SMALL:
            waiting.append(position)
        if total <= limit:
            continue
        old = min(seen, position - KEPT_MESSAGES + 1) if keeps_newest else len(kept)
        while waiting and waiting[0] < old and total > limit * STRIDE:
            oldest = waiting.popleft()
            short = _shortened(kept[oldest], made or {})
            total += size_of(short) - size_of(kept[oldest])
            kept[oldest] = short
    return kept


def _shortened(message: BaseMessage, made: Mapping[str, ToolCall]) -> BaseMessage:
    """What stands in the place of a result: what it was, and how it can be read again."""
    call_id = str(getattr(message, "tool_call_id", ""))
    call = made.get(call_id)
    size = len(plain_text(message))
    if call is None:
        return message.model_copy(update={"content": f"[This answer of {size} characters was {LEFT_OUT}.]"})
    again = f" Read it again with {READ_RECEIPT}, receipt {call.receipt_id}." if call.receipt_id else ""
    told = f"[The result of {call.tool}, {size} characters, was {LEFT_OUT}.{again}]"
    return message.model_copy(update={"content": f"tool_call_id: {call_id}\nstatus: {call.status.value}\n{told}"})
