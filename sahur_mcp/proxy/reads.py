"""Resources and prompts on their way through the gateway: checked, redacted and recorded like calls of tools.

Their errors are errors of the protocol, because their results have no place for any other.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar

import mcp.types as types
from mcp import MCPError
from mcp.types import INTERNAL_ERROR, INVALID_PARAMS

from sahur_core.errors import NotFound, SahurError
from sahur_core.issues import ToolResultStatus
from sahur_core.redaction.redactor import Redactor
from sahur_core.tools.wire import GET_PROMPT, META_RECEIPT, READ_RESOURCE
from sahur_core.trace import traceparent
from sahur_mcp.proxy.calls import read_through
from sahur_mcp.proxy.catalog import MERGED, Catalog
from sahur_mcp.proxy.exchange import Exchange
from sahur_mcp.proxy.records.books import Books, Entry
from sahur_mcp.proxy.records.results import (
    MAX_BINARY_CHARS,
    MAX_READ_CHARS,
    META_UNTRUSTED,
    Outcome,
    ResourceContents,
    redact_block,
    redact_contents,
    redact_required,
    text_of,
    with_addresses,
)
from sahur_mcp.proxy.upstreams.upstream import PromptAnswer, ResourceAnswer, UpstreamRefusal

logger = logging.getLogger(__name__)

T = TypeVar("T")
MAX_SUGGESTIONS = 100
"""The protocol allows no more, and the SDK sends none of them if there are."""
MAX_SUGGESTION_CHARS = 1000
RESOURCE_NOT_FOUND = -32002
"""Of the protocol before 2026-07-28, which has no code of its own for it."""


class ReadDesk:
    """Reads resources and prompts for callers. Every method raises `MCPError` with what to do."""

    def __init__(self, catalog: Catalog, books: Books) -> None:
        self._catalog = catalog
        self._books = books

    async def read_resource(self, exchange: Exchange, uri: str) -> ResourceAnswer:
        """What lies at an address of the namespace, listed or not."""
        entry = self._entry(exchange, exchange.namespace.split_uri(uri)[0], READ_RESOURCE, {"uri": uri})

        async def read(redactor: Redactor) -> tuple[ResourceAnswer, Outcome]:
            await self._catalog.settled([entry.upstream])
            upstream, inner = self._catalog.find_resource(uri, exchange.caller, exchange.namespace)
            answer = await upstream.read_resource(inner, exchange.inquiry(meta=_meta(entry)))
            if isinstance(answer, types.InputRequiredResult):
                return redact_required(exchange.client.all_worded(upstream.name, answer), redactor), _asks_for_more(upstream.name)

            def clean() -> list[ResourceContents]:
                return [
                    redact_contents(_named(each, exchange.namespace.uri(upstream.name, each.uri)), redactor)
                    for each in _within_limits(answer.contents)
                ]

            contents = await read_through(clean, sum(_size(each) for each in answer.contents))
            text = text_of([types.EmbeddedResource(type="resource", resource=each) for each in contents])
            return _marked(types.ReadResourceResult(contents=contents), entry), _found(text)

        return await self._recorded(entry, exchange, read)

    async def get_prompt(self, exchange: Exchange, name: str, arguments: dict[str, str] | None) -> PromptAnswer:
        """A prompt of an upstream, filled in."""
        entry = self._entry(exchange, exchange.namespace.split_name(name)[0], GET_PROMPT, {"name": name, **(arguments or {})})

        async def read(redactor: Redactor) -> tuple[PromptAnswer, Outcome]:
            await self._catalog.settled([entry.upstream])
            upstream, prompt = self._catalog.find_prompt(name, exchange.caller, exchange.namespace)
            answer = await upstream.get_prompt(prompt.name, arguments, exchange.inquiry(meta=_meta(entry)))
            if isinstance(answer, types.InputRequiredResult):
                return redact_required(exchange.client.all_worded(upstream.name, answer), redactor), _asks_for_more(upstream.name)
            outer = partial(exchange.namespace.link, upstream.name)
            blocks = [with_addresses(redact_block(each.content, redactor), outer) for each in answer.messages]
            messages = [each.model_copy(update={"content": block}) for each, block in zip(answer.messages, blocks, strict=True)]
            text = text_of([each.content for each in messages])
            description = redactor.text(answer.description) if answer.description is not None else None
            return _marked(types.GetPromptResult(description=description, messages=messages), entry), _found(text)

        return await self._recorded(entry, exchange, read)

    async def complete(self, exchange: Exchange, params: types.CompleteRequestParams) -> types.CompleteResult:
        """Suggestions for an argument. They are asked for at each key stroke, and leave no receipt."""
        try:
            upstream, inner = self._completed(exchange, params.ref)
            if not upstream.offer.can_complete:
                return types.CompleteResult(completion=types.Completion(values=[]))
            answer = await upstream.complete(params.model_copy(update={"ref": inner}), exchange.inquiry())
        except SahurError as error:
            raise _protocol_error(error, self._catalog.redactor(), exchange) from error
        redactor = self._catalog.redactor()
        values = [redactor.text(value[:MAX_SUGGESTION_CHARS]) for value in answer.completion.values[:MAX_SUGGESTIONS]]
        return types.CompleteResult(completion=answer.completion.model_copy(update={"values": values}))

    def _completed(self, exchange: Exchange, ref: types.PromptReference | types.ResourceTemplateReference) -> tuple[Any, Any]:
        if isinstance(ref, types.PromptReference):
            upstream, prompt = self._catalog.find_prompt(ref.name, exchange.caller, exchange.namespace)
            return upstream, ref.model_copy(update={"name": prompt.name})
        upstream, inner = self._catalog.find_resource(ref.uri, exchange.caller, exchange.namespace)
        return upstream, ref.model_copy(update={"uri": inner})

    def _entry(self, exchange: Exchange, upstream: str, what: str, arguments: dict[str, Any]) -> Entry:
        redactor = self._catalog.redactor()
        told = redactor.value(arguments)
        return Entry(exchange.caller, upstream, MERGED.name(upstream, what), told, redactor.count, is_read=True)

    async def _recorded(self, entry: Entry, exchange: Exchange, read: Callable[[Redactor], Awaitable[tuple[T, Outcome]]]) -> T:
        """Read, and leave a receipt whatever happens: no receipt, no result."""
        if problem := self._books.problem():
            raise MCPError(code=INTERNAL_ERROR, message=f"Nothing is read, because its receipt could not be kept: {problem}.")
        redactor = self._catalog.redactor()
        outcome = Outcome(ToolResultStatus.ERROR, "The caller gave up before this was read.")
        try:
            answer, outcome = await read(redactor)
        except SahurError as error:
            outcome = Outcome(ToolResultStatus.ERROR, self._catalog.redactor().text(str(error)))
            raise _protocol_error(error, self._catalog.redactor(), exchange) from error
        except Exception as error:
            logger.exception("reading from %s failed in the gateway", entry.upstream[:64])
            outcome = Outcome(ToolResultStatus.ERROR, "The gateway failed on this; its log says why.")
            raise MCPError(code=INTERNAL_ERROR, message=outcome.text) from error
        finally:
            entry.redactions += redactor.count
            problem = self._books.close(entry, outcome)
        if problem:
            raise MCPError(code=INTERNAL_ERROR, message=f"There is no result, because its receipt could not be kept: {problem}.")
        return answer


def _meta(entry: Entry) -> dict[str, Any]:
    return {"traceparent": traceparent(), META_RECEIPT: entry.receipt_id}


MarkedT = TypeVar("MarkedT", types.ReadResourceResult, types.GetPromptResult)


def _marked(result: MarkedT, entry: Entry) -> MarkedT:
    return result.model_copy(update={"meta": {META_RECEIPT: entry.receipt_id, META_UNTRUSTED: True}})


def _found(text: str) -> Outcome:
    return Outcome(ToolResultStatus.OK if text.strip() else ToolResultStatus.NO_DATA, text)


def _asks_for_more(upstream: str) -> Outcome:
    return Outcome(ToolResultStatus.NO_DATA, f"{upstream} asks for more input.")


def _named(contents: ResourceContents, uri: str) -> ResourceContents:
    return contents.model_copy(update={"uri": uri})


def _size(contents: ResourceContents) -> int:
    return len(contents.text if isinstance(contents, types.TextResourceContents) else contents.blob)


def _within_limits(contents: list[Any]) -> list[Any]:
    """The contents, each cut or left out where it is too big to be looked through."""
    kept: list[Any] = []
    room, binary_room = MAX_READ_CHARS, MAX_BINARY_CHARS
    for each in contents:
        if isinstance(each, types.BlobResourceContents):
            if len(each.blob) > binary_room:
                raise NotFound(f"{each.uri[:200]} is too big to be passed on: {len(each.blob)} characters in base64.")
            binary_room -= len(each.blob)
            kept.append(each)
            continue
        cut = each.text[:room]
        note = f"\n[{len(each.text) - room} more characters were left out.]" if len(each.text) > room else ""
        room -= len(cut)
        kept.append(each.model_copy(update={"text": cut + note}))
    return kept


def _protocol_error(error: SahurError, redactor: Redactor, exchange: Exchange) -> MCPError:
    if isinstance(error, UpstreamRefusal):
        found = error.protocol_error
        return MCPError(code=found.code, message=redactor.text(found.message), data=redactor.value(found.data))
    if isinstance(error, NotFound):
        is_older = not exchange.client.is_modern
        return MCPError(code=RESOURCE_NOT_FOUND if is_older else INVALID_PARAMS, message=redactor.text(str(error)))
    return MCPError(code=INTERNAL_ERROR, message=redactor.text(str(error)))
