"""How the vendors count tokens and keep beginnings of prompts, for the fakes that count.

Four characters make a token here. Forms: https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching and
https://platform.openai.com/docs/guides/prompt-caching
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

LEAST_TOKENS = 1024
"""Shorter beginnings are not kept, by either vendor."""
LOOK_BACK = 20
"""Blocks before a breakpoint at which Anthropic looks for a kept beginning."""
MOST_BREAKPOINTS = 4
STEP_TOKENS = 128
"""OpenAI keeps beginnings in steps of this size."""


@dataclass(frozen=True)
class Counted:
    """Tokens of a prompt: all of them, and how many were read from the cache and written to it."""

    total: int
    read: int = 0
    written: int = 0


def tokens_in(parts: list[Any]) -> int:
    return sum(len(json.dumps(part)) for part in parts) // 4


@dataclass
class AnthropicCache:
    """Keeps what stands before a breakpoint, which the caller sets."""

    _kept: set[str] = field(default_factory=set)

    def count(self, body: dict[str, Any]) -> Counted:
        blocks = anthropic_blocks(body)
        plain = [_without_mark(block) for block in blocks]
        marks = [position for position, block in enumerate(blocks, 1) if "cache_control" in block]
        read = 0
        for mark in marks:
            for end in range(mark, max(0, mark - LOOK_BACK), -1):
                if _name(plain[:end]) in self._kept:
                    read = max(read, tokens_in(plain[:end]))
                    break
        lengths = {mark: tokens_in(plain[:mark]) for mark in marks}
        self._kept |= {_name(plain[:mark]) for mark, length in lengths.items() if length >= LEAST_TOKENS}
        longest = max((length for length in lengths.values() if length >= LEAST_TOKENS), default=0)
        return Counted(tokens_in(plain), read, max(0, longest - read))


@dataclass
class OpenAICache:
    """Keeps the beginnings of all prompts by itself."""

    _kept: list[str] = field(default_factory=list)

    def count(self, body: dict[str, Any]) -> Counted:
        prompt = json.dumps([*body.get("tools", []), *body["messages"]])
        common = max((_common(prompt, kept) for kept in self._kept), default=0) // 4
        self._kept.append(prompt)
        read = common // STEP_TOKENS * STEP_TOKENS if common >= LEAST_TOKENS else 0
        return Counted(len(prompt) // 4, read)


def anthropic_blocks(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The prompt in the order in which its beginning is compared: tools, system, messages."""
    blocks = list(body.get("tools", []))
    for role, content in [("system", body.get("system", "")), *((part["role"], part["content"]) for part in body["messages"])]:
        parts = content if isinstance(content, list) else [{"type": "text", "text": content}] if content else []
        blocks += [{"role": role, **part} for part in parts]
    return blocks


def _without_mark(block: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in block.items() if key != "cache_control"}


def _name(blocks: list[dict[str, Any]]) -> str:
    return hashlib.sha256(json.dumps(blocks).encode()).hexdigest()


def _common(first: str, second: str) -> int:
    low, high = 0, min(len(first), len(second))
    while low < high:
        middle = (low + high + 1) // 2
        if first[:middle] == second[:middle]:
            low = middle
        else:
            high = middle - 1
    return low
