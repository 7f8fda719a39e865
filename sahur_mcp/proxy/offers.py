"""What an upstream offers, listed whole when it connects and again when it says that a list has changed."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import mcp.types as types
from mcp import Client, MCPError
from mcp.types import METHOD_NOT_FOUND

from sahur_mcp.proxy.hygiene import MAX_DESCRIPTION_CHARS, MAX_TITLE_CHARS, Intake, clean_text
from sahur_mcp.proxy.news import NewsKind

logger = logging.getLogger(__name__)

MAX_LISTED = 1000
"""Of each kind; more of it nobody could choose from."""
MAX_URI_CHARS = 2000

T = TypeVar("T")


@dataclass(frozen=True)
class Offer:
    """By the upstream's own names and addresses."""

    tools: Mapping[str, types.Tool] = field(default_factory=dict)
    resources: Mapping[str, types.Resource] = field(default_factory=dict)
    templates: Mapping[str, types.ResourceTemplate] = field(default_factory=dict)
    prompts: Mapping[str, types.Prompt] = field(default_factory=dict)
    has_resources: bool = False
    """Whether resources can be read at all: some servers list none of those they have."""
    can_complete: bool = False


async def list_offer(client: Client, intake: Intake) -> Offer:
    """Everything that the upstream declares. Raises `MCPError` and what the transport raises."""
    declared = client.server_capabilities
    offer = Offer(
        has_resources=declared.resources is not None,
        can_complete=declared.completions is not None,
    )
    # Tools also from servers that forget to declare them: they are what most servers are for.
    for kind, is_declared in (
        (NewsKind.TOOLS, True),
        (NewsKind.RESOURCES, declared.resources is not None),
        (NewsKind.PROMPTS, declared.prompts is not None),
    ):
        if is_declared:
            offer = await relist(client, intake, offer, kind)
    return offer


async def relist(client: Client, intake: Intake, offer: Offer, kind: NewsKind) -> Offer:
    """The offer with one kind listed anew."""
    if kind is NewsKind.TOOLS:
        pages = await _pages(lambda cursor: client.list_tools(cursor=cursor, cache_mode="bypass"), lambda page: page.tools)
        return replace(offer, tools=intake.take(pages))
    if kind is NewsKind.PROMPTS:
        prompts = await _pages(lambda cursor: client.list_prompts(cursor=cursor, cache_mode="bypass"), lambda page: page.prompts)
        return replace(offer, prompts={each.name: _clean(each) for each in prompts})
    resources = await _pages(
        lambda cursor: client.list_resources(cursor=cursor, cache_mode="bypass"), lambda page: page.resources
    )
    templates = await _pages(
        lambda cursor: client.list_resource_templates(cursor=cursor, cache_mode="bypass"), lambda page: page.resource_templates
    )
    return replace(
        offer,
        resources={each.uri: _clean(each) for each in resources if len(each.uri) <= MAX_URI_CHARS},
        templates={each.uri_template: _clean(each) for each in templates if len(each.uri_template) <= MAX_URI_CHARS},
    )


async def _pages(ask: Callable[[str | None], Awaitable[Any]], items: Callable[[Any], list[T]]) -> list[T]:
    """All pages, up to `MAX_LISTED` items; nothing from a server that does not know the method."""
    found: list[T] = []
    cursor: str | None = None
    seen: set[str] = set()
    while len(found) < MAX_LISTED:
        try:
            page = await ask(cursor)
        except MCPError as error:
            if error.code == METHOD_NOT_FOUND:
                return found
            raise
        found += items(page)
        cursor = page.next_cursor
        if not cursor or cursor in seen:
            return found
        seen.add(cursor)
    logger.warning("an upstream lists more than %d of a kind; the rest is left out", MAX_LISTED)
    return found[:MAX_LISTED]


EntryT = TypeVar("EntryT", types.Resource, types.ResourceTemplate, types.Prompt)


def _clean(entry: EntryT) -> EntryT:
    """A copy whose texts hold nothing that does not show."""
    changed: dict[str, Any] = {}
    if entry.description is not None:
        changed["description"] = clean_text(entry.description, MAX_DESCRIPTION_CHARS)
    if entry.title is not None:
        changed["title"] = clean_text(entry.title, MAX_TITLE_CHARS)
    return entry.model_copy(update=changed)
