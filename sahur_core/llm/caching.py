"""Prompt caching where the vendor has to be told what to keep.

Anthropic keeps what stands before a *breakpoint* (tools, then the system text, then messages) and looks a later request's
breakpoints up, at most 20 blocks before each; four are allowed
(https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching). OpenAI keeps the beginnings of long prompts by
itself. Both need a beginning that stays the same from call to call: tools in a fixed order (`offering`), and a
conversation that is shortened seldom (`context.compaction`).
"""

from __future__ import annotations

from collections.abc import Sequence

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, SystemMessage

BREAKPOINT = {"type": "ephemeral"}
_ANTHROPIC = "anthropic-chat"
"""`_llm_type` of LangChain's class for Anthropic's own protocol, by which its own caching middleware goes, too."""


def wants_breakpoints(model: BaseChatModel) -> bool:
    return model._llm_type == _ANTHROPIC


def with_breakpoints(messages: Sequence[BaseMessage]) -> list[BaseMessage]:
    """The messages with three breakpoints: after the system text (and so after the tools), at the end, and at the end of
    the conversation as it was when the model answered last. That one is found in the cache however many results came since.

    Every text is sent as a block, with a breakpoint or without: what moves is only the mark.
    """
    answers = [position for position, message in enumerate(messages) if isinstance(message, AIMessage)]
    marked = {len(messages) - 1, *(answers[-1:] and [answers[-1] - 1])}
    marked |= {position for position, message in enumerate(messages) if isinstance(message, SystemMessage)}
    return [_as_block(message, is_marked=position in marked) for position, message in enumerate(messages)]


def _as_block(message: BaseMessage, *, is_marked: bool) -> BaseMessage:
    if isinstance(message, AIMessage) or not isinstance(message.content, str) or not message.content:
        return message
    block = {"type": "text", "text": message.content, **({"cache_control": BREAKPOINT} if is_marked else {})}
    return message.model_copy(update={"content": [block]})
