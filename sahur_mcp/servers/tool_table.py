"""What our own servers have in common: a table of tools, the check of arguments, and the form of an answer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Generic, TypeVar

import mcp.types as types
from pydantic import BaseModel, ValidationError
from pydantic.json_schema import JsonSchemaMode

from sahur_core.errors import InputError, NotFound
from sahur_core.issues import ToolResultStatus
from sahur_core.tools.wire import META_STATUS

A = TypeVar("A", bound=BaseModel)
READS = types.ToolAnnotations(read_only_hint=True, idempotent_hint=True)


@dataclass(frozen=True)
class OwnTool(Generic[A]):
    """One tool of a server: `name` is without the server's prefix; without a `result` its answers are text alone."""

    name: str
    description: str
    arguments: type[A]
    result: type[BaseModel] | None = None
    annotations: types.ToolAnnotations = field(default_factory=lambda: READS)

    @property
    def only_reads(self) -> bool:
        return self.annotations.read_only_hint is True


class ToolTable(Generic[A]):
    """The tools of one server, by name."""

    def __init__(self, server: str, tools: Sequence[OwnTool[A]]) -> None:
        self._server = server
        self._by_name = {tool.name: tool for tool in tools}

    def listed(self) -> list[types.Tool]:
        """As `tools/list` tells of them: the schemas are those of the models."""
        return [
            types.Tool(
                name=tool.name,
                description=tool.description,
                input_schema=_schema(tool.arguments, "validation"),
                output_schema=_schema(tool.result, "serialization") if tool.result else None,
                annotations=tool.annotations,
            )
            for tool in self._by_name.values()
        ]

    def parse(self, tool: str, arguments: dict[str, Any]) -> A:
        """The checked arguments. Raises `NotFound` for an unknown tool, `InputError` for what its schema does not allow."""
        known = self._by_name.get(tool)
        if known is None:
            raise NotFound(f"The server {self._server} has no tool {tool!r}.")
        try:
            return known.arguments.model_validate(arguments)
        except ValidationError as error:
            raise InputError(f"Wrong arguments: {error.errors(include_url=False, include_input=False)}.") from error


def _schema(model: type[BaseModel], mode: JsonSchemaMode) -> dict[str, Any]:
    """The caller's own copy."""
    schema: dict[str, Any] = json.loads(_schema_text(model, mode))
    return schema


@cache
def _schema_text(model: type[BaseModel], mode: JsonSchemaMode) -> str:
    """Made once: it takes longer than most calls of a tool, and each run asks for all of them."""
    return json.dumps(model.model_json_schema(mode=mode))


def answer(
    text: str,
    *,
    is_empty: bool,
    structured: BaseModel | dict[str, Any] | None = None,
    meta: Mapping[str, str] | None = None,
) -> types.CallToolResult:
    """What a call gives back. `is_empty`: the question was understood and had no answer, which proves nothing but absence."""
    status = ToolResultStatus.NO_DATA if is_empty else ToolResultStatus.OK
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=text)],
        structured_content=structured.model_dump(mode="json") if isinstance(structured, BaseModel) else structured,
        _meta={META_STATUS: status.value, **(meta or {})},
    )
