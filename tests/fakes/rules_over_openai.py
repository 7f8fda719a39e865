"""A model server whose model works by the offline rules: something real to watch, over OpenAI's protocol."""

from __future__ import annotations

from typing import Any

from langchain_core.messages import convert_to_messages

from sahur_core.llm.offline.model import OfflineModel
from tests.fakes.llm_server import Say


def answer_by_rules(body: dict[str, Any], delay: float = 0.0) -> Say:
    """What the rules answer to a request, after some seconds."""
    demanded = body.get("tool_choice")
    choice = demanded["function"]["name"] if isinstance(demanded, dict) else None
    answer = OfflineModel().invoke(convert_to_messages(body["messages"]), tools=body.get("tools") or [], tool_choice=choice)
    return Say(str(answer.text), [(call["name"], call["args"]) for call in answer.tool_calls], delay=delay)
