"""Answers in a schema, by a forced call of a tool: the one way that every vendor's models share."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, TypeVar

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import BaseModel, ValidationError

from sahur_core.context.history import plain_text

Schema = TypeVar("Schema", bound=BaseModel)


def as_tool(schema: type[BaseModel]) -> dict[str, Any]:
    """The schema as a function in OpenAI's form, named as the class."""
    return convert_to_openai_tool(schema)


def read_answer(message: AIMessage, schema: type[Schema]) -> tuple[Schema | None, str]:
    """The answer in a message, or None and what is wrong with it in words that the model can act on."""
    for call in message.tool_calls:
        if call["name"] == schema.__name__:
            return _validate(call["args"], schema)
    # Small models behind compatible servers often write the object instead of calling the function.
    written = _object_in(plain_text(message))
    if written is not None:
        return _validate(written, schema)
    return None, f"It must be a call of the function {schema.__name__}."


def correction(message: AIMessage, problem: str) -> Sequence[BaseMessage]:
    """The wrong answer and why it was wrong, to be sent along with the next try; without its vendor's own blocks."""
    text = f"That answer cannot be used. {problem}"
    said = AIMessage(plain_text(message), tool_calls=message.tool_calls)
    if message.tool_calls:
        return [said, *(ToolMessage(text, tool_call_id=call["id"]) for call in message.tool_calls)]
    return [said, HumanMessage(text)]


def _validate(value: dict[str, Any], schema: type[Schema]) -> tuple[Schema | None, str]:
    try:
        return schema.model_validate(value), ""
    except ValidationError as error:
        details = [f"{'.'.join(map(str, detail['loc'])) or 'answer'}: {detail['msg']}" for detail in error.errors()[:8]]
        return None, "; ".join(details)


def _object_in(text: str) -> dict[str, Any] | None:
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start:
        return None
    try:
        value = json.loads(text[start : end + 1])
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
