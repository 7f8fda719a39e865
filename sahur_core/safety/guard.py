"""Stands between the model and all others, in both directions.

To the model goes no secret, from wherever it came. What the model writes goes on without secrets, and without links that
nobody vouched for; what was taken out is counted, so that people can be told.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from typing import Any, TypeVar

from langchain_core.messages import AIMessage, BaseMessage
from pydantic import BaseModel

from sahur_core.config import SafetyConfig
from sahur_core.context.history import plain_text
from sahur_core.events import EventPayload, NoticeRaised, StepFinished, TextStreamed
from sahur_core.protocols import EventSink, ToolOutcome
from sahur_core.redaction.marks import told
from sahur_core.redaction.redactor import Redactor
from sahur_core.redaction.stream import CleanStream
from sahur_core.safety.links import Links, addresses_in, defuse

Form = TypeVar("Form", bound=BaseModel)
VERBATIM = frozenset(["quote", "path", "diff", "patch", "output"])
"""Fields that are compared with what tools returned, or applied as they are; shown as code, where nothing becomes a link."""


class Guard:
    """One for each attempt; safe to share between threads, as it keeps nothing but its configuration."""

    def __init__(self, config: SafetyConfig) -> None:
        self._config = config

    def redacted(self, value: Any) -> tuple[Any, int]:
        """A JSON value without secrets, and how many were in it. One without any stays as it is."""
        redactor = Redactor(self._config.known_secrets)
        clean = redactor.value(value)
        return (clean, redactor.count) if redactor.count else (value, 0)

    def for_model(self, messages: Sequence[BaseMessage]) -> list[BaseMessage]:
        """What the model may read: whatever reached the conversation, no secret goes on to a vendor."""
        return [self._without_secrets(message) for message in messages]

    def result(self, outcome: ToolOutcome) -> ToolOutcome:
        """What a tool answered. The gateway has redacted it; a box of tools that is none has not."""
        clean, count = self.redacted([outcome.text, outcome.structured])
        return outcome.model_copy(update={"text": clean[0], "structured": clean[1]}) if count else outcome

    def quoted(self, text: str) -> str:
        """What others said, in a sentence of ours: an address in it can be read, not clicked."""
        links = Links(self._config.own_places)
        links.learn(text)
        return defuse(text, links).text

    def words(self, given: Sequence[BaseMessage]) -> ModelWords:
        """Cleans what the model answers to `given`, whose addresses it has from others."""
        return ModelWords(self._config, self.links(given))

    def links(self, given: Sequence[BaseMessage]) -> Links:
        """The addresses that the model has from others, by the conversation."""
        links = Links(self._config.own_places, frozenset(self._config.link_hosts))
        for message in given:
            if isinstance(message, AIMessage):
                links.learn_own(plain_text(message))
                links.learn_own(json.dumps([call["args"] for call in message.tool_calls], ensure_ascii=False))
            else:
                links.learn(plain_text(message))
        return links

    def _without_secrets(self, message: BaseMessage) -> BaseMessage:
        content, count = self.redacted(message.content)
        calls: Any = None
        if isinstance(message, AIMessage) and message.tool_calls:
            calls, more = self.redacted([dict(call) for call in message.tool_calls])
            count += more
        if not count:
            return message
        return message.model_copy(update={"content": content, **({"tool_calls": calls} if calls is not None else {})})


class ModelWords:
    """One answer of a model on its way to people and tools. `secrets` and `links` count what was taken out."""

    def __init__(self, config: SafetyConfig, links: Links) -> None:
        self._config = config
        self._links = links
        self.secrets = 0
        self.links = 0

    def stream(self, give: Callable[[str], object]) -> CleanStream:
        """For the text as it comes. What it takes out is not counted: the whole answer is cleaned once more."""
        return CleanStream(lambda text: ModelWords(self._config, self._links).text(text), give)

    def text(self, text: str) -> str:
        return self._defused(self._redacted(text))

    def message(self, message: AIMessage) -> AIMessage:
        """The model's message. Arguments for tools of the gateway lose secrets only: the tool must get the exact rest."""
        calls = [
            {**call, "args": self._redacted(call["args"]) if "__" in call["name"] else self.value(call["args"])}
            for call in message.tool_calls
        ]
        return message.model_copy(update={"content": self.text(plain_text(message)), "tool_calls": calls})

    def form(self, answer: Form) -> Form:
        """An answer in its form."""
        clean = {name: self.value(getattr(answer, name), name) for name in type(answer).model_fields}
        return answer.model_copy(update=clean)

    def value(self, value: Any, name: str = "") -> Any:
        """A JSON value; `name` is the field that it stands in."""
        if isinstance(value, str) and not isinstance(value, Enum):
            return self._redacted(value) if name in VERBATIM else self.text(value)
        if isinstance(value, BaseModel):
            return self.form(value)
        if isinstance(value, Mapping):
            return {str(key): self.value(item, str(key)) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(item, name) for item in value]
        return value

    def notices(self) -> list[str]:
        """What people should know; empty if nothing was taken out."""
        said = [told(self.secrets, "what the model wrote")] if self.secrets else []
        if self.links:
            what = "1 address" if self.links == 1 else f"{self.links} addresses"
            said.append(
                f"{what} in the model's answer cannot be clicked: no result or report has it, or its host is not trusted "
                "(SAHUR_LINK_HOSTS)."
            )
        return said

    def _redacted(self, value: Any) -> Any:
        redactor = Redactor(self._config.known_secrets)
        clean = redactor.value(value)
        self.secrets += redactor.count
        # The redactor also mends what cannot be stored; that is for those to refuse who check it.
        return clean if redactor.count else value

    def _defused(self, text: str) -> str:
        defused = defuse(text, self._links)
        self.links += defused.count
        return defused.text


class GuardedEvents:
    """An event sink that no secret gets into, such as one that a vendor's error message repeats.

    What notices and summaries quote of others' words has no link, either.
    """

    def __init__(self, sink: EventSink, guard: Guard) -> None:
        self._sink = sink
        self._guard = guard

    def emit(self, payload: EventPayload, *, key: str | None = None) -> None:
        if not isinstance(payload, TextStreamed):  # cleaned as a stream already
            clean, count = self._guard.redacted(payload.model_dump(mode="json"))
            if count:
                payload = type(payload).model_validate(clean)
        if isinstance(payload, NoticeRaised):
            payload = payload.model_copy(update={"message": self._guard.quoted(payload.message)})
        if isinstance(payload, StepFinished):
            payload = payload.model_copy(update={"summary": self._guard.quoted(payload.summary)})
        self._sink.emit(payload, key=key)


def unknown_addresses(arguments: Any, links: Links) -> list[str]:
    """The addresses in the arguments of a call that did not occur in what the model was given."""
    return [address for text in strings_in(arguments) for address in addresses_in(text) if not links.may_be_sent(address)]


def strings_in(value: Any) -> Iterable[str]:
    """All texts in a JSON value; keys of objects are not among them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from strings_in(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from strings_in(item)
