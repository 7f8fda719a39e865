"""One door to all models: streaming, retries, fallbacks, usage.

A `ModelClient` may be shared by all runs of a process, but only on one event loop: the vendors' HTTP pools belong to
the loop that opened them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from langchain_core.messages import AIMessage, BaseMessage
from pydantic import BaseModel

from sahur_core.config import InvestigateConfig, ModelConfig, Price
from sahur_core.errors import ModelAnswerInvalid, ModelError, ModelMisconfigured, ModelUnavailable
from sahur_core.issues import Usage
from sahur_core.llm.asking import Model, Question, Reader, Shorten
from sahur_core.llm.rests import Rests
from sahur_core.llm.streaming import Listener
from sahur_core.llm.structured import as_tool, read_answer
from sahur_core.llm.usage import SpentListener, Tally, add_usage

__all__ = ["Completion", "Listener", "ModelClient", "ModelRole", "Shorten", "add_usage"]

ModelRole = Literal["fast", "deep"]
Schema = TypeVar("Schema", bound=BaseModel)
T = TypeVar("T")

SHORT_PAUSE = 5.0
"""Seconds. A model that asks for no more than this is waited for, also where another could answer in its place."""


@dataclass(frozen=True)
class Completion:
    """One answer of a model. `used_llm` is false if the answering model says of itself that it is no language model."""

    message: AIMessage
    usage: Usage
    duration_ms: int
    used_llm: bool = True


class ModelClient:
    """The models of an investigation: one per role, and those that answer in its place while it cannot.

    `prices` is asked at each call, in the thread of the caller.
    """

    def __init__(
        self,
        config: InvestigateConfig,
        *,
        prices: Callable[[], Mapping[str, Price] | None] | None = None,
        rests: Rests | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._configs: dict[ModelRole, ModelConfig] = {"fast": config.fast, "deep": config.deep}
        self._models: dict[ModelConfig, Model] = {}
        self._prices = prices or (lambda: config.prices)
        self._rests = rests or Rests()
        self._sleep = sleep

    def complete(
        self,
        role: ModelRole,
        messages: Sequence[BaseMessage],
        *,
        tools: Sequence[dict[str, Any]] = (),
        tool_choice: str | None = None,
        on_text: Listener | None = None,
        on_retry: Listener | None = None,
        on_replaced: Listener | None = None,
        on_lost: SpentListener | None = None,
        shorten: Shorten | None = None,
    ) -> Coroutine[Any, Any, Completion]:
        """The model's next message. `tools` are functions in OpenAI's form; `tool_choice` names the one to call.

        `on_text` hears the answer's text as it comes, `on_retry` why it is waited for or tried again, `on_replaced` that
        another model answers because the first of the role cannot at present, `on_lost` what was spent if none answers.
        Without `shorten` nothing can be done about a conversation that is too long. Raises what the first model of the role
        ends with if none answers: `ModelMisconfigured`, `ModelUnavailable` after `max_retries`, `ModelAnswerInvalid` for
        repeated nonsense, `ModelRefused`, `ContextTooLong`.
        """
        question = Question(messages, tools, tool_choice, on_text, on_retry, shorten)
        asked = self._ask(role, question, on_replaced, Tally(self._prices(), on_lost), lambda message: (message, ""))
        return _only_completion(asked)

    def structured(
        self,
        role: ModelRole,
        messages: Sequence[BaseMessage],
        schema: type[Schema],
        *,
        on_text: Listener | None = None,
        on_retry: Listener | None = None,
        on_replaced: Listener | None = None,
        on_lost: SpentListener | None = None,
        shorten: Shorten | None = None,
    ) -> Coroutine[Any, Any, tuple[Schema, Completion]]:
        """An answer in the form of `schema`, by a forced call of a tool of that name. Hears and raises as `complete` does."""
        question = Question(messages, [as_tool(schema)], schema.__name__, on_text, on_retry, shorten)

        def read(message: AIMessage) -> tuple[Schema | None, str]:
            return read_answer(message, schema)

        return self._ask(role, question, on_replaced, Tally(self._prices(), on_lost), read)

    def problems(self) -> list[str]:
        """What is wrong with the settings of models that only stand in: those of the first are told when it is asked."""
        found = []
        for config in {other: None for first in self._configs.values() for other in first.fallbacks}:
            try:
                self._model(config)
            except ModelMisconfigured as error:
                found.append(str(error))
        return found

    async def _ask(
        self, role: ModelRole, question: Question, on_replaced: Listener | None, tally: Tally, read: Reader[T]
    ) -> tuple[T, Completion]:
        """Ask the role's models one after the other until one answers."""
        started = time.monotonic()
        first = self._configs[role]
        chain = (first, *first.fallbacks)
        await self._rests.hear([config.identity for config in chain])
        order = self._order(chain)
        if order[0] is not first and on_replaced:
            on_replaced(f"The model {first.name} cannot answer at present; {order[0].name} answers in its place.")
        failures: dict[ModelConfig, ModelError] = {}
        for position, config in enumerate(order):
            try:
                value, message = await self._answer(config, order, question, read, tally)
            except ModelError as error:
                failures[config] = error
                for following in order[position + 1 : position + 2]:
                    question.tell(f"{error.message} {following.name} is asked in its place.")
                continue
            duration = round((time.monotonic() - started) * 1000)
            used_llm = bool(message.response_metadata.get("is_language_model", True))
            return value, Completion(message, tally.total, duration, used_llm)
        tally.tell_lost()
        raise _all_failed(failures.pop(first), failures)

    def _order(self, chain: Sequence[ModelConfig]) -> list[ModelConfig]:
        """The models as they are to be asked: those that are left alone for a while come last."""
        return sorted(chain, key=lambda config: self._rests.seconds_left(config.identity) > SHORT_PAUSE)

    async def _answer(
        self, config: ModelConfig, chain: Sequence[ModelConfig], question: Question, read: Reader[T], tally: Tally
    ) -> tuple[T, AIMessage]:
        """One model's answer. What it fails at is remembered where others of its chain can be asked instead."""
        others = [other for other in chain if other is not config]
        try:
            model = self._model(config)
            await self._wait_for_turn(config, question)
            # Whether a model is back is seen by one try, where another is known to answer.
            is_probe = self._rests.is_doubtful(config.identity) and not all(
                self._rests.is_doubtful(other.identity) for other in others
            )
            answered = await model.answer(question, read, tally, tries=1 if is_probe else None)
        except (ModelUnavailable, ModelMisconfigured, ModelAnswerInvalid) as error:
            if others:
                self._rests.failed(config.identity, error.code)
                await self._rests.tell(config.identity)
            raise
        if self._rests.answered(config.identity):
            await self._rests.tell(config.identity)
        return answered

    def _model(self, config: ModelConfig) -> Model:
        if config not in self._models:
            self._models[config] = Model(config, self._rests, self._sleep)
        return self._models[config]

    async def _wait_for_turn(self, config: ModelConfig, question: Question) -> None:
        """A server that asked another run to wait is left alone by this one, too."""
        seconds = min(self._rests.seconds_left(config.identity), config.patience_seconds)
        if seconds > 0 and not self._rests.is_doubtful(config.identity):
            if seconds > SHORT_PAUSE:
                question.tell(f"The model {config.name} is rate limited; it is asked again in {seconds:.0f} s.")
            await self._sleep(seconds)


async def _only_completion(asked: Coroutine[Any, Any, tuple[T, Completion]]) -> Completion:
    return (await asked)[1]


def _all_failed(error: ModelError, others: Mapping[ModelConfig, ModelError]) -> ModelError:
    """The error of the first model, told with those of the others."""
    if others:
        told = " ".join(other.message for other in others.values())
        error.message = f"{error.message} No other model answered in its place: {told}"
    return error
