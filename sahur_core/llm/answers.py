"""What a model answered, once its pieces are together: whole, cut, refused, or of no use."""

from __future__ import annotations

import json

from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, InvalidToolCall, message_chunk_to_message

from sahur_core.context.history import plain_text

_REFUSED = frozenset({"refusal", "content_filter"})
_CUT = frozenset({"length", "max_tokens"})
OUT_OF_CONTEXT = "model_context_window_exceeded"
"""Anthropic's word for an answer that ended because the conversation and it together filled the model's context."""
_TELL_ENDS = frozenset({"openai", "anthropic"})
"""Providers whose protocol says at the end of each answer why it ended; without that it was cut on its way."""


def whole_message(streamed: AIMessageChunk | None) -> AIMessage:
    """The message behind its pieces. LangChain mends broken arguments as far as it can; half of a call is not made."""
    message = message_chunk_to_message(streamed) if streamed is not None else AIMessage("")
    if streamed is None or not isinstance(message, AIMessage):
        return AIMessage("")
    for piece in streamed.tool_call_chunks:
        if not _is_json_object(piece["args"] or "{}"):
            broken = InvalidToolCall(
                type="invalid_tool_call", name=piece["name"], args=piece["args"], id=piece["id"], error="no JSON object"
            )
            message.invalid_tool_calls.append(broken)
    return message


def reason_of_end(answer: AIMessage) -> str:
    """Why the vendor says that the answer ended, in its own word."""
    told = answer.response_metadata
    return str(told.get("stop_reason") or told.get("finish_reason") or "")


def is_broken_off(answer: AIMessage) -> bool:
    return answer.response_metadata.get("model_provider") in _TELL_ENDS and not reason_of_end(answer)


def refusal_of(answer: AIMessage) -> str | None:
    """What the model, or a filter of its vendor, says for its refusal; None if it did not refuse."""
    said = answer.additional_kwargs.get("refusal")
    if said:
        return " ".join(str(said).split())[:200]
    if reason_of_end(answer) not in _REFUSED:
        return None
    details = answer.response_metadata.get("stop_details")
    told = details.get("explanation") or details.get("category") if isinstance(details, dict) else ""
    return " ".join(str(told or "").split())[:200]


def what_is_wrong(answer: AIMessage) -> str:
    """Why a message cannot be used; empty if it can."""
    if reason_of_end(answer) in _CUT:
        return "it was cut off at the limit of its length"
    if answer.invalid_tool_calls:
        names = ", ".join(str(call.get("name") or "?") for call in answer.invalid_tool_calls)
        return f"the arguments of its call of {names} are not valid JSON"
    if not answer.tool_calls and not plain_text(answer).strip():
        return "it is empty"
    if any(not call["name"] for call in answer.tool_calls):
        return "it calls a tool without a name"
    return ""


def complaint(answer: AIMessage, problem: str) -> HumanMessage:
    """What the model is told of an answer that it gave in vain. The answer itself is not sent back: its calls are broken."""
    mend = (
        "Answer again, and much shorter: fewer calls at once, shorter texts."
        if reason_of_end(answer) in _CUT
        else "Answer again."
    )
    return HumanMessage(f"Your last answer could not be used: {problem}. Nothing of it counts. {mend}")


def _is_json_object(text: str) -> bool:
    """Python's reader also takes NaN and Infinity, which nothing can store; its writer can be told not to."""
    try:
        value = json.loads(text)
        json.dumps(value, allow_nan=False)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict)
