"""What an upstream offers, listed whole when it connects and again when it says that a list has changed."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import mcp.types as types
from mcp import Client, MCPError
from mcp.types import METHOD_NOT_FOUND

from sahur_mcp.proxy.upstreams.hygiene import MAX_DESCRIPTION_CHARS, MAX_TITLE_CHARS, Intake, clean_text, shows_whole
from sahur_mcp.proxy.upstreams.news import NewsKind

logger = logging.getLogger(__name__)

MAX_LISTED = 1000
"""Of each kind; more of it nobody could choose from."""
MAX_PAGES = 200
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
        return replace(offer, prompts=_taken(prompts, lambda each: each.name, intake))
    resources = await _pages(
        lambda cursor: client.list_resources(cursor=cursor, cache_mode="bypass"), lambda page: page.resources
    )
    templates = await _pages(
        lambda cursor: client.list_resource_templates(cursor=cursor, cache_mode="bypass"), lambda page: page.resource_templates
    )
    return replace(
        offer,
        resources=_taken(resources, lambda each: each.uri, intake),
        templates=_taken(templates, lambda each: each.uri_template, intake),
    )


async def _pages(ask: Callable[[str | None], Awaitable[Any]], items: Callable[[Any], list[T]]) -> list[T]:
    """All pages, up to `MAX_LISTED` items and `MAX_PAGES`; nothing from a server that does not know the method."""
    found: list[T] = []
    cursor: str | None = None
    seen: set[str] = set()
    while len(found) < MAX_LISTED and len(seen) < MAX_PAGES:
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
    logger.warning(
        "an upstream lists more than %d of a kind, or on more than %d pages; the rest is left out", MAX_LISTED, MAX_PAGES
    )
    return found[:MAX_LISTED]


EntryT = TypeVar("EntryT", types.Resource, types.ResourceTemplate, types.Prompt)


def _taken(listed: list[EntryT], key: Callable[[EntryT], str], intake: Intake) -> dict[str, EntryT]:
    """By their keys, clean; left out is what nobody could ask for by a key that he sees."""
    found = {key(each): _clean(intake.without_secrets(each)) for each in listed if _is_usable(key(each), each)}
    return {name: each for name, each in found.items() if name == key(each)}


def _is_usable(name: str, entry: types.Resource | types.ResourceTemplate | types.Prompt) -> bool:
    arguments = [each.name for each in entry.arguments or []] if isinstance(entry, types.Prompt) else []
    return all(len(each) <= MAX_URI_CHARS and shows_whole(each) for each in (name, *arguments))


def _clean(entry: EntryT) -> EntryT:
    """A copy whose texts hold nothing that does not show, and which bears no metadata in our name."""
    changed: dict[str, Any] = {"meta": {key: value for key, value in (entry.meta or {}).items() if not key.startswith("sahur/")}}
    for name, most in (("description", MAX_DESCRIPTION_CHARS), ("title", MAX_TITLE_CHARS), ("mime_type", MAX_TITLE_CHARS)):
        if (text := getattr(entry, name, None)) is not None:
            changed[name] = clean_text(text, most)
    if not isinstance(entry, types.Prompt):
        changed["name"] = clean_text(entry.name, MAX_TITLE_CHARS)
    elif entry.arguments:
        changed["arguments"] = [_clean_argument(each) for each in entry.arguments]
    changed["meta"] = changed["meta"] or None
    return entry.model_copy(update=changed)


def _clean_argument(argument: types.PromptArgument) -> types.PromptArgument:
    description = argument.description
    return argument.model_copy(update={"description": description and clean_text(description, MAX_DESCRIPTION_CHARS)})
