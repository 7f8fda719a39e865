"""The `catalog` server: finds tools among very many, tells how each upstream is, and calls what was found.

A model that is handed hundreds of schemas chooses badly. So a caller who may see many tools is listed few of them
(`sahur_mcp.proxy.shortlist`), and finds the others here. `call_tool` is for clients that can only call what was listed:
the gateway takes it apart before anything is decided, so that no call of it ever arrives here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Generic, Literal, Protocol, TypeVar

import mcp.types as types
from anyio import to_thread
from pydantic import BaseModel, ConfigDict, Field

from sahur_core.errors import InputError, NotFound
from sahur_core.tools.search import ToolSearch, one_line
from sahur_core.tools.wire import CATALOG_CALL
from sahur_mcp.servers.tool_table import OwnTool, ToolTable, answer

MAX_QUERY_CHARS = 500
MAX_FOUND = 25
C = TypeVar("C", contravariant=True)


class Standing(Protocol):
    """How one upstream is, in words that hold no secret."""

    @property
    def name(self) -> str: ...

    @property
    def state(self) -> str: ...

    @property
    def problem(self) -> str: ...

    @property
    def tools(self) -> int: ...

    @property
    def changed(self) -> Sequence[str]: ...


class Shelf(Protocol[C]):
    """What the gateway has to offer."""

    def all_tools(self) -> Sequence[types.Tool]:
        """Every tool by its full name, whoever may see it. The same objects as before, unless a list has changed."""
        ...

    def tools_for(self, caller: C) -> Mapping[str, types.Tool]:
        """What this caller may call, each marked by our judgment whether it only reads."""
        ...

    def standing_for(self, caller: C) -> Sequence[Standing]:
        """The upstreams of which this caller may see anything."""
        ...


class Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SearchTools(Arguments):
    query: str = Field(
        min_length=1,
        max_length=MAX_QUERY_CHARS,
        description="What the tool should do, in a few words such as `logs of a failed job`, or its name",
    )
    upstream: str = Field("", description="Only tools of this server, as list_upstreams names it")
    limit: int = Field(8, ge=1, le=MAX_FOUND)


class ListUpstreams(Arguments):
    pass


class CallTool(Arguments):
    name: str = Field(min_length=1, max_length=200, description="Full name of the tool: upstream__tool")
    arguments: dict[str, Any] = Field(default={}, description="What its input schema asks for")


class FoundTool(Arguments):
    name: str
    effect: Literal["reads", "asks"] = Field(description="`asks`: it may change something, so a person must approve each call")
    description: str
    input_schema: dict[str, Any]


class FoundTools(Arguments):
    tools: list[FoundTool]
    more: int = Field(description="How many further tools have a word of the query")


class UpstreamEntry(Arguments):
    name: str
    state: str = Field(description="ready, connecting, down, misconfigured or disabled")
    tools: int = Field(description="How many you may call")
    problem: str = Field(description="Why it is unavailable; empty if it is ready")
    changed: list[str] = Field(description="Tools that describe themselves otherwise than when the gateway first saw them")


class Upstreams(Arguments):
    upstreams: list[UpstreamEntry]


_READS = types.ToolAnnotations(read_only_hint=True)
# A client must not take `call_tool` for harmless: that depends on what is called.
_DEPENDS = types.ToolAnnotations(read_only_hint=False)
_TOOLS: tuple[OwnTool[Arguments], ...] = (
    OwnTool(
        "search_tools",
        "Find tools by what they do. Not every tool that you may call is listed: search here before you say that there is none.",
        SearchTools,
        FoundTools,
        _READS,
    ),
    OwnTool(
        "list_upstreams",
        "The servers behind this gateway: which are there, how many tools each has, and why one is unavailable.",
        ListUpstreams,
        Upstreams,
        _READS,
    ),
    OwnTool(
        "call_tool",
        "Call a tool that search_tools found, if you cannot call it by its own name. It is treated in every way as that call.",
        CallTool,
        annotations=_DEPENDS,
    ),
)


class CatalogServer(Generic[C]):
    """Searches what the shelf holds. The index is kept until a list changes."""

    name = "catalog"

    def __init__(self, shelf: Shelf[C]) -> None:
        self._shelf = shelf
        self._table = ToolTable(self.name, _TOOLS)
        self._indexed: Sequence[types.Tool] = ()
        self._index = ToolSearch(())

    def tools(self) -> list[types.Tool]:
        return self._table.listed()

    async def call(self, tool: str, arguments: dict[str, Any], caller: C) -> types.CallToolResult:
        """Raises `InputError` for wrong arguments, `NotFound` for an upstream or a tool that does not exist."""
        parsed = self._table.parse(tool, arguments)
        if isinstance(parsed, SearchTools):
            found = await self._search(parsed, caller)
            return answer(_render_found(found), structured=found, is_empty=not found.tools)
        if isinstance(parsed, ListUpstreams):
            listed = self._list(caller)
            return answer(_render_upstreams(listed), structured=listed, is_empty=False)
        raise InputError(f"{CATALOG_CALL} is taken apart before it gets here.", next_step="Call the tool by its own name.")

    def cache_key(self, _tool: str, _arguments: dict[str, Any], /) -> str:
        """Upstreams come and go."""
        return ""

    async def _search(self, wanted: SearchTools, caller: C) -> FoundTools:
        visible = self._shelf.tools_for(caller)
        if wanted.upstream:
            known = [standing.name for standing in self._shelf.standing_for(caller)]
            if wanted.upstream not in known:
                raise NotFound(f"There is no upstream {wanted.upstream[:100]!r}.", next_step=f"Use one of: {', '.join(known)}.")
        index = await self._current_index()
        prefix = f"{wanted.upstream}__" if wanted.upstream else ""
        names = [
            name for name in index.find(wanted.query) if name in visible and name.startswith(prefix) and name != CATALOG_CALL
        ]
        chosen = [visible[name] for name in names[: wanted.limit]]
        return FoundTools(
            tools=[
                FoundTool(
                    name=tool.name,
                    effect="reads" if tool.annotations and tool.annotations.read_only_hint else "asks",
                    description=one_line(tool.description),
                    input_schema=tool.input_schema,
                )
                for tool in chosen
            ],
            more=len(names) - len(chosen),
        )

    def _list(self, caller: C) -> Upstreams:
        return Upstreams(
            upstreams=[
                UpstreamEntry(
                    name=each.name, state=each.state, tools=each.tools, problem=each.problem, changed=list(each.changed)
                )
                for each in self._shelf.standing_for(caller)
            ]
        )

    async def _current_index(self) -> ToolSearch:
        tools = self._shelf.all_tools()
        if len(tools) != len(self._indexed) or any(a is not b for a, b in zip(tools, self._indexed, strict=True)):
            index = await to_thread.run_sync(ToolSearch, tools)
            self._index, self._indexed = index, tools
            return index
        return self._index


def _render_found(found: FoundTools) -> str:
    if not found.tools:
        return "No tool has a word of the query. Use other words, or see list_upstreams for what is unavailable."
    parts = [
        f"{tool.name} ({tool.effect}): {tool.description}\n  input schema: {json.dumps(tool.input_schema, ensure_ascii=False)}"
        for tool in found.tools
    ]
    more = [f"{found.more} more have a word of the query; be more exact, or set limit."] if found.more else []
    return "\n".join(["What tools say of themselves was written by the authors of their servers.", *parts, *more])


def _render_upstreams(listed: Upstreams) -> str:
    lines = []
    for each in listed.upstreams:
        why = f": {each.problem}" if each.problem else ""
        changed = f" (changed since the start: {', '.join(each.changed)})" if each.changed else ""
        lines.append(f"{each.name}: {each.state}, {each.tools} tools{why}{changed}")
    return "\n".join(lines)
