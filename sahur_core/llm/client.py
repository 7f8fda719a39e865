"""One door to all models: streaming, retries, usage.

A `ModelClient` may be shared by all runs of a process, but only on one event loop: the vendors' HTTP pools belong to
the loop that opened them.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import tenacity
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, InvalidToolCall, message_chunk_to_message
from langchain_core.messages.ai import add_ai_message_chunks
from langchain_core.runnables import Runnable
from pydantic import BaseModel

from sahur_core.config import InvestigateConfig, ModelConfig
from sahur_core.context.history import plain_text
from sahur_core.errors import AttemptInterrupted, ModelAnswerInvalid, ModelUnavailable
from sahur_core.issues import Usage
from sahur_core.llm.factory import make_chat_model
from sahur_core.llm.failures import not_understood, retry_after, translate, vendor_errors
from sahur_core.llm.prices import cost_of
from sahur_core.llm.structured import as_tool, correction, read_answer
from sahur_core.llm.surrogates import whole_characters, with_whole_characters

log = logging.getLogger(__name__)

ModelRole = Literal["fast", "deep"]
Schema = TypeVar("Schema", bound=BaseModel)
Listener = Callable[[str], object]

INVALID_TRIES = 3
"""How often a model may answer nonsense before the run gives up on it."""
FIRST_WAIT = 0.5
LONGEST_WAIT = 30.0
"""Seconds between two tries, doubled each time with full jitter; a server's Retry-After goes before."""
SILENCE_SECONDS = 15.0
"""A model that has not begun to answer for so long, or for a quarter of its time-out, is told of."""


@dataclass(frozen=True)
class Completion:
    """One answer of a model. `used_llm` is false if the answering model says of itself that it is no language model."""

    message: AIMessage
    usage: Usage
    duration_ms: int
    used_llm: bool = True


class ModelClient:
    """The models of an investigation, one per role."""

    def __init__(self, config: InvestigateConfig, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._configs: dict[ModelRole, ModelConfig] = {"fast": config.fast, "deep": config.deep}
        self._models: dict[ModelConfig, BaseChatModel] = {}
        self._sleep = sleep

    async def complete(
        self,
        role: ModelRole,
        messages: Sequence[BaseMessage],
        *,
        tools: Sequence[dict[str, Any]] = (),
        tool_choice: str | None = None,
        on_text: Listener | None = None,
        on_retry: Listener | None = None,
    ) -> Completion:
        """The model's next message. `tools` are functions in OpenAI's form; `tool_choice` names the one to call.

        `on_text` hears the answer's text as it comes, `on_retry` why it is waited for or tried again. Raises
        `ModelMisconfigured`, `ModelUnavailable` after `max_retries`, `ModelAnswerInvalid` for repeated nonsense.
        """
        model = self._bound(role, tools, tool_choice)
        started = time.monotonic()
        spent = Usage()
        for attempt in range(1, INVALID_TRIES + 1):
            answer = await self._with_retries(role, model, messages, on_text, on_retry)
            spent = add_usage(spent, self._usage(role, answer))
            problem = what_is_wrong(answer)
            if not problem:
                duration = round((time.monotonic() - started) * 1000)
                used_llm = bool(answer.response_metadata.get("is_language_model", True))
                return Completion(answer, spent, duration, used_llm)
            if on_retry and attempt < INVALID_TRIES:
                on_retry(f"The model's answer could not be used ({problem}); asking again.")
        raise ModelAnswerInvalid(
            f"The model {self._configs[role].name} gave no usable answer in {INVALID_TRIES} tries: {problem}.",
            next_step="Start the run again, or set SAHUR_MODEL to a model that can call tools.",
        )

    async def structured(
        self,
        role: ModelRole,
        messages: Sequence[BaseMessage],
        schema: type[Schema],
        *,
        on_text: Listener | None = None,
        on_retry: Listener | None = None,
    ) -> tuple[Schema, Completion]:
        """An answer in the form of `schema`, by a forced call of a tool of that name. Raises as `complete` does."""
        tool = as_tool(schema)
        conversation = list(messages)
        spent, duration, problem = Usage(), 0, ""
        for _ in range(INVALID_TRIES):
            completion = await self.complete(
                role, conversation, tools=[tool], tool_choice=schema.__name__, on_text=on_text, on_retry=on_retry
            )
            spent, duration = add_usage(spent, completion.usage), duration + completion.duration_ms
            answer, problem = read_answer(completion.message, schema)
            if answer is not None:
                return answer, Completion(completion.message, spent, duration, completion.used_llm)
            if on_retry:
                on_retry("The model's answer did not have the asked form; asking again.")
            conversation += correction(completion.message, problem)
        raise ModelAnswerInvalid(
            f"The model {self._configs[role].name} did not answer in the asked form in {INVALID_TRIES} tries: {problem}",
            next_step="Start the run again, or set SAHUR_MODEL to a model that can call tools.",
        )

    def _bound(self, role: ModelRole, tools: Sequence[dict[str, Any]], tool_choice: str | None) -> Runnable[Any, AIMessage]:
        config = self._configs[role]
        if config not in self._models:
            self._models[config] = make_chat_model(config)
        model = self._models[config]
        if not tools:
            return model
        return model.bind_tools(tools, tool_choice=tool_choice) if tool_choice else model.bind_tools(tools)

    async def _with_retries(
        self,
        role: ModelRole,
        model: Runnable[Any, AIMessage],
        messages: Sequence[BaseMessage],
        on_text: Listener | None,
        on_retry: Listener | None,
    ) -> AIMessage:
        config = self._configs[role]
        jitter = tenacity.wait_random_exponential(multiplier=FIRST_WAIT, max=LONGEST_WAIT)

        def wait(state: tenacity.RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            asked = retry_after(error.__cause__) if error and isinstance(error.__cause__, Exception) else 0.0
            return asked + jitter(state) if asked else jitter(state)

        def tell(state: tenacity.RetryCallState) -> None:
            error = state.outcome.exception() if state.outcome else None
            if on_retry and isinstance(error, ModelUnavailable):
                on_retry(f"{error.message} Trying again ({state.attempt_number} of {config.max_retries}).")

        retrying = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception_type(ModelUnavailable),
            stop=tenacity.stop_after_attempt(config.max_retries + 1),
            wait=wait,
            before_sleep=tell,
            sleep=self._sleep,
            reraise=True,
        )
        return await retrying(self._once, config, model, messages, on_text, on_retry)

    async def _once(
        self,
        config: ModelConfig,
        model: Runnable[Any, AIMessage],
        messages: Sequence[BaseMessage],
        on_text: Listener | None,
        on_silence: Listener | None,
    ) -> AIMessage:
        """One call, streamed. The time-out is for the whole answer: a server that drips for ever must not hold a run."""
        whole: AIMessageChunk | None = None
        watch = asyncio.create_task(_tell_of_silence(config, on_silence))
        try:
            async with asyncio.timeout(config.timeout_seconds):
                async for chunk in _understood(model.astream(list(messages)), config):
                    watch.cancel()
                    text = whole_characters(plain_text(chunk))
                    if text and on_text:
                        on_text(text)
                    whole = chunk if whole is None else add_ai_message_chunks(whole, chunk)
        except vendor_errors() as error:
            raise translate(error, config.name, config.api_key) from error
        finally:
            watch.cancel()
        return whole_message(with_whole_characters(whole) if whole is not None else None)

    def _usage(self, role: ModelRole, answer: AIMessage) -> Usage:
        told = answer.usage_metadata
        name = str(answer.response_metadata.get("model_name") or self._configs[role].name)
        tokens_in, tokens_out = (told["input_tokens"], told["output_tokens"]) if told else (0, 0)
        # A server that does not count tokens leaves the cost unknown.
        cost = cost_of(name, tokens_in, tokens_out) if told else None
        return Usage(model=name, model_calls=1, input_tokens=tokens_in, output_tokens=tokens_out, cost_usd=cost)


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


def _is_json_object(text: str) -> bool:
    """Python's reader also takes NaN and Infinity, which nothing can store; its writer can be told not to."""
    try:
        value = json.loads(text)
        json.dumps(value, allow_nan=False)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict)


def what_is_wrong(answer: AIMessage) -> str:
    """Why a message cannot be used; empty if it can."""
    if answer.invalid_tool_calls:
        names = ", ".join(str(call.get("name") or "?") for call in answer.invalid_tool_calls)
        return f"the arguments of its call of {names} are not valid JSON"
    if not answer.tool_calls and not plain_text(answer).strip():
        return "it is empty"
    if any(not call["name"] for call in answer.tool_calls):
        return "it calls a tool without a name"
    return ""


def add_usage(first: Usage, second: Usage) -> Usage:
    """The sum. A part of unknown cost makes the whole unknown; the newer model's name is kept."""
    costs = [usage.cost_usd for usage in (first, second) if usage.model_calls]
    known = [cost for cost in costs if cost is not None]
    return Usage(
        model=second.model or first.model,
        model_calls=first.model_calls + second.model_calls,
        input_tokens=first.input_tokens + second.input_tokens,
        output_tokens=first.output_tokens + second.output_tokens,
        cost_usd=sum(known) if len(known) == len(costs) and costs else None,
    )
