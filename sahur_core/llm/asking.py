"""One configured model: asked, asked again where that helps, and its answer read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import tenacity
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.runnables import Runnable

from sahur_core.config import ModelConfig
from sahur_core.context.compaction import size_of
from sahur_core.errors import ContextTooLong, ModelAnswerInvalid, ModelMisconfigured, ModelUnavailable
from sahur_core.llm.answers import complaint, refusal_of, what_is_wrong
from sahur_core.llm.caching import wants_breakpoints, with_breakpoints
from sahur_core.llm.factory import make_chat_model
from sahur_core.llm.failures import is_rate_limit, refused
from sahur_core.llm.patience import retry_after
from sahur_core.llm.rests import RATE_LIMITED, Rests
from sahur_core.llm.streaming import Listener, stream
from sahur_core.llm.structured import correction
from sahur_core.llm.usage import Tally

T = TypeVar("T")
Reader = Callable[[AIMessage], tuple[T | None, str]]
"""What an answer says in the wanted form, or None and what is wrong with it in words that the model can act on."""
Shorten = Callable[[Sequence[BaseMessage], int], Sequence[BaseMessage]]
"""The conversation in at most so many characters, as far as that goes without losing what must not be lost."""

INVALID_TRIES = 3
"""How often a model may answer nonsense before it is given up."""
FIRST_WAIT = 0.5
LONGEST_WAIT = 30.0
"""Seconds between two tries, doubled each time with full jitter; what a server asks for comes on top."""
SHORTENINGS = 3
"""How often a conversation that does not fit is shortened further."""
ROOM_LEFT = 0.9
"""A shortened conversation uses this part of what the server says would fit: characters are no tokens."""
BLIND_SHARE = 0.6
"""The part that a conversation is shortened to where the server does not say how much would fit."""


@dataclass(frozen=True)
class Question:
    """What is asked of whichever model answers."""

    messages: Sequence[BaseMessage]
    tools: Sequence[dict[str, Any]] = ()
    tool_choice: str | None = None
    on_text: Listener | None = None
    on_retry: Listener | None = None
    shorten: Shorten | None = None

    def tell(self, text: str) -> None:
        if self.on_retry:
            self.on_retry(text)


class Model:
    """The model of one configuration. Shared by all calls; remembers what it learned of its server."""

    def __init__(self, config: ModelConfig, rests: Rests, sleep: Callable[[float], Awaitable[None]]) -> None:
        self.config = config
        self.key = config.identity
        self._chat = make_chat_model(config)
        self._rests = rests
        self._sleep = sleep
        self._room: int | None = None
        """Characters that fit, once the server has refused a longer conversation."""
        self._can_be_forced = True

    async def answer(self, question: Question, read: Reader[T], tally: Tally, *, tries: int | None = None) -> tuple[T, AIMessage]:
        """What `read` makes of the model's answer, and the answer. `tries` bounds those for an unavailable server.

        Raises `ModelMisconfigured`, `ModelUnavailable`, `ModelAnswerInvalid`, `ModelRefused` and `ContextTooLong`.
        """
        conversation = list(question.messages)
        problem = ""
        for attempt in range(1, INVALID_TRIES + 1):
            message = await self._fitted(question, conversation, tries or self.config.max_retries + 1)
            tally.add(message, self.config.name)
            refusal = refusal_of(message)
            if refusal is not None:
                raise refused(self.config.name, refusal)
            problem = what_is_wrong(message)
            if problem:
                conversation.append(complaint(message, problem))
            else:
                value, problem = read(message)
                if value is not None:
                    return value, message
                conversation += correction(message, problem)
            if attempt < INVALID_TRIES:
                question.tell(f"The answer of {self.config.name} could not be used: {problem}. Asking again.")
        raise ModelAnswerInvalid(
            f"The model {self.config.name} gave no usable answer in {INVALID_TRIES} tries: {problem}.",
            next_step="Start the run again, or set SAHUR_MODEL to a model that can call tools.",
        )

    async def _fitted(self, question: Question, conversation: Sequence[BaseMessage], tries: int) -> AIMessage:
        """The answer to the conversation, which is shortened if the server says that it is too long."""
        shorten = question.shorten
        sent = shorten(conversation, self._room) if shorten and self._room else conversation
        for _ in range(SHORTENINGS):
            try:
                return await self._tried(question, sent, tries)
            except ContextTooLong as error:
                before = _size(sent)
                self._room = int(before * (min(error.share, 1.0) * ROOM_LEFT or BLIND_SHARE))
                shorter = shorten(conversation, self._room) if shorten else sent
                if _size(shorter) >= before:
                    raise
                question.tell(f"The conversation is too long for {self.config.name}; older results are shortened.")
                sent = shorter
        return await self._tried(question, sent, tries)

    async def _tried(self, question: Question, messages: Sequence[BaseMessage], tries: int) -> AIMessage:
        jitter = tenacity.wait_random_exponential(multiplier=FIRST_WAIT, max=LONGEST_WAIT)

        def wait(state: tenacity.RetryCallState) -> float:
            return retry_after(_cause(state)) + jitter(state)

        def tell(state: tenacity.RetryCallState) -> None:
            error = state.outcome.exception() if state.outcome else None
            if isinstance(error, ModelUnavailable):
                question.tell(f"{error.message} Trying again ({state.attempt_number} of {tries - 1}).")

        async def heed(state: tenacity.RetryCallState) -> None:
            if is_rate_limit(_cause(state)):
                self._rests.pause(self.key, retry_after(_cause(state)), RATE_LIMITED)
                await self._rests.tell(self.key)

        retrying = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception_type(ModelUnavailable),
            stop=tenacity.stop_any(tenacity.stop_after_attempt(tries), tenacity.stop_before_delay(self.config.patience_seconds)),
            wait=wait,
            after=heed,
            before_sleep=tell,
            sleep=self._sleep,
            reraise=True,
        )
        return await retrying(self._once, question, messages)

    async def _once(self, question: Question, messages: Sequence[BaseMessage]) -> AIMessage:
        sent = with_breakpoints(messages) if wants_breakpoints(self._chat) else messages
        choice = question.tool_choice if self._can_be_forced else None
        try:
            return await stream(self.config, self._bound(question, choice), sent, question.on_text, question.on_retry)
        except ModelMisconfigured as error:
            if choice is None or "tool_choice" not in error.message:
                raise
            # Models that think at length may not be forced to a call; they are only offered it from now on.
            self._can_be_forced = False
        return await stream(self.config, self._bound(question, None), sent, question.on_text, question.on_retry)

    def _bound(self, question: Question, choice: str | None) -> Runnable[Any, AIMessage]:
        if not question.tools:
            return self._chat
        chosen: dict[str, Any] = {"tool_choice": choice} if choice else {}
        return self._chat.bind_tools(question.tools, **chosen)


def _cause(state: tenacity.RetryCallState) -> BaseException | None:
    """The vendor's exception behind the one that was raised."""
    error = state.outcome.exception() if state.outcome else None
    return error.__cause__ if error else None


def _size(messages: Sequence[BaseMessage]) -> int:
    return sum(size_of(message) for message in messages)
