"""Rows of the transcript as LangChain's messages, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
    message_to_dict,
    messages_from_dict,
)

from sahur_core.issues import Role, TranscriptMessage

_ROLES: dict[type[BaseMessage], Role] = {
    SystemMessage: Role.SYSTEM,
    HumanMessage: Role.USER,
    AIMessage: Role.ASSISTANT,
    ToolMessage: Role.TOOL,
}


def to_row(message: BaseMessage) -> tuple[Role, dict[str, Any]]:
    """A message as it is stored."""
    return _ROLES[type(message)], message_to_dict(message)


def to_messages(rows: Sequence[TranscriptMessage]) -> list[BaseMessage]:
    """The conversation, in the order of the rows."""
    return messages_from_dict([row.body for row in rows])


def plain_text(message: BaseMessage) -> str:
    """The text of a message, whatever blocks the vendor put it in."""
    return str(message.text)
