"""A conversation within its budget.

The budget counts characters (about four make a token), because every vendor counts tokens in its own way. The oldest
tool results are shortened first. Never shortened: system and person messages, the newest exchange, and any result that
evidence was recorded from; a citation must stay readable until the end.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from langchain_core.messages import AIMessage, BaseMessage, ToolMessage

from sahur_core.context.history import plain_text

KEPT_MESSAGES = 6
"""The newest messages stay whole: the model is in the middle of judging them."""
SHORTENED = "[This result was left out to save room. Call the tool again if you need it.]"


def size_of(message: BaseMessage) -> int:
    """Characters that a message costs: its text and the arguments of its tool calls."""
    calls = message.tool_calls if isinstance(message, AIMessage) else []
    return len(plain_text(message)) + sum(len(json.dumps(call["args"])) + len(call["name"]) for call in calls)


def compact(messages: Sequence[BaseMessage], limit: int, cited_tool_calls: Collection[str]) -> list[BaseMessage]:
    """The messages in at most `limit` characters, as far as shortening uncited tool results reaches."""
    kept = list(messages)
    excess = sum(size_of(message) for message in kept) - limit
    for position, message in enumerate(kept[:-KEPT_MESSAGES] if len(kept) > KEPT_MESSAGES else []):
        if excess <= 0:
            break
        if isinstance(message, ToolMessage) and message.tool_call_id not in cited_tool_calls:
            saved = size_of(message) - len(SHORTENED)
            if saved > 0:
                kept[position] = message.model_copy(update={"content": SHORTENED})
                excess -= saved
    return kept
