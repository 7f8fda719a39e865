"""One answer of a model, streamed: its pieces put together, its vendor's errors told as ours."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import add_ai_message_chunks
from langchain_core.runnables import Runnable

from sahur_core.config import ModelConfig
from sahur_core.context.history import plain_text
from sahur_core.errors import AttemptInterrupted
from sahur_core.llm.answers import OUT_OF_CONTEXT, is_broken_off, reason_of_end, whole_message
from sahur_core.llm.failures import broken_off, not_understood, too_long, translate, vendor_errors
from sahur_core.llm.surrogates import whole_characters, with_whole_characters

log = logging.getLogger(__name__)

Listener = Callable[[str], object]

SILENCE_SECONDS = 15.0
"""A model that has not begun to answer for so long, or for a quarter of its time-out, is told of."""


async def stream(
    config: ModelConfig,
    model: Runnable[Any, AIMessage],
    messages: Sequence[BaseMessage],
    on_text: Listener | None,
    on_silence: Listener | None,
) -> AIMessage:
    """One answer. The time-out is for all of it: a server that drips for ever must not hold a run.

    Raises `ModelMisconfigured`, `ModelUnavailable`, `ModelRefused` and `ContextTooLong`.
    """
    whole: AIMessageChunk | None = None
    metadata: dict[str, Any] = {}
    watch = asyncio.create_task(_tell_of_silence(config, on_silence))
    try:
        async with asyncio.timeout(config.timeout_seconds):
            async for chunk in _understood(model.astream(list(messages)), config):
                watch.cancel()
                text = whole_characters(plain_text(chunk))
                if text and on_text:
                    on_text(text)
                # Joined by us: LangChain writes a name or reason that comes twice behind itself.
                metadata |= {name: value for name, value in chunk.response_metadata.items() if value is not None}
                whole = _joined(whole, chunk.model_copy(update={"response_metadata": {}}), config)
    except vendor_errors() as error:
        raise translate(error, config) from error
    finally:
        watch.cancel()
    answer = whole_message(with_whole_characters(whole) if whole is not None else None)
    answer.response_metadata = metadata
    if is_broken_off(answer):
        raise broken_off(config.name)
    if reason_of_end(answer) == OUT_OF_CONTEXT:
        raise too_long(config, "its answer had no room beside it")
    return answer


def _joined(whole: AIMessageChunk | None, piece: AIMessageChunk, config: ModelConfig) -> AIMessageChunk:
    try:
        return piece if whole is None else add_ai_message_chunks(whole, piece)
    except (TypeError, ValueError) as error:  # such as a text that goes on as a number
        raise not_understood(error, config.name) from error


async def _tell_of_silence(config: ModelConfig, tell: Listener | None) -> None:
    """Readers hear of a server that does not begin to answer, so that no wait looks like a standstill."""
    await asyncio.sleep(min(SILENCE_SECONDS, config.timeout_seconds / 4))
    if tell is None:
        return
    with contextlib.suppress(AttemptInterrupted):  # whoever interrupts the attempt cancels the call, too
        tell(f"The model {config.name} has not begun to answer; it is waited for {config.timeout_seconds:.0f} s.")


async def _understood(pieces: AsyncIterator[Any], config: ModelConfig) -> AsyncIterator[AIMessageChunk]:
    """The pieces of an answer. Raises `ModelUnavailable` where the vendor's library stumbles over what the server sent."""
    while True:
        try:
            piece = await anext(pieces)
        except StopAsyncIteration:
            return
        except vendor_errors():
            raise
        except (ValueError, TypeError, AttributeError, LookupError) as error:
            log.warning("the answer of %s cannot be read", config.name, exc_info=error)
            raise not_understood(error, config.name) from error
        if isinstance(piece, AIMessageChunk):
            yield piece
