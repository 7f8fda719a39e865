"""What upstreams announce: that a list of theirs has changed, or a resource."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import mcp.types as types

logger = logging.getLogger(__name__)


class NewsKind(StrEnum):
    TOOLS = "tools"
    PROMPTS = "prompts"
    RESOURCES = "resources"
    RESOURCE = "resource"

    @classmethod
    def lists(cls) -> tuple[NewsKind, ...]:
        """The kinds that say of a whole list that it changed."""
        return cls.TOOLS, cls.PROMPTS, cls.RESOURCES


@dataclass(frozen=True)
class News:
    """`uri` is the upstream's own address of the resource that has changed."""

    upstream: str
    kind: NewsKind
    uri: str = ""
    downstream: str = ""
    """Id of the one session that it was told to; empty if it is for all."""

    def is_for(self, downstream_id: str) -> bool:
        return self.downstream in ("", downstream_id)

    @classmethod
    def of(cls, upstream: str, message: Any, downstream: str = "") -> News | None:
        """From a notification of the protocol; None for any other message."""
        if isinstance(message, types.ResourceUpdatedNotification):
            return cls(upstream, NewsKind.RESOURCE, str(message.params.uri), downstream)
        kind = _KINDS.get(type(message))
        return cls(upstream, kind) if kind is not None else None


_KINDS: dict[type, NewsKind] = {
    types.ToolListChangedNotification: NewsKind.TOOLS,
    types.PromptListChangedNotification: NewsKind.PROMPTS,
    types.ResourceListChangedNotification: NewsKind.RESOURCES,
}


class NewsBoard:
    """Hands news to whoever listens, at once and in order. A listener must not block, and one that fails harms no other."""

    def __init__(self) -> None:
        self._listeners: dict[object, Callable[[News], None]] = {}

    def publish(self, news: News) -> None:
        for listener in list(self._listeners.values()):
            asyncio.get_running_loop().call_soon(listener, news)

    def listen(self, listener: Callable[[News], None]) -> Callable[[], None]:
        """Register a listener; gives what takes it off again."""
        token = object()
        self._listeners[token] = listener

        def leave() -> None:
            self._listeners.pop(token, None)

        return leave
