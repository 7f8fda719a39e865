"""The way of one tool call through the gateway: find, check, allow, fetch, redact, record.

Whatever happens, the caller gets a result that says what to do, and the call leaves exactly one receipt.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol, TypeVar

import mcp.types as types
from anyio import to_thread
from mcp import MCPError
from mcp.types import INVALID_PARAMS, MISSING_REQUIRED_CLIENT_CAPABILITY, URL_ELICITATION_REQUIRED

from sahur_core.errors import GatewayUnavailable, InputError, NotFound, SahurError
from sahur_core.issues import ToolResultStatus
from sahur_core.redaction.redactor import Redactor
from sahur_core.tools.arguments import ArgumentChecker
from sahur_core.tools.policy import Permission, arguments_hash
from sahur_core.tools.risk import Risk
from sahur_core.tools.wire import META_RECEIPT
from sahur_core.trace import traceparent
from sahur_mcp.proxy.cache import ResultCache
from sahur_mcp.proxy.catalog import MERGED, Catalog
from sahur_mcp.proxy.clients.callers import Caller
from sahur_mcp.proxy.exchange import Exchange
from sahur_mcp.proxy.internal import Grant
from sahur_mcp.proxy.records.books import Books, Entry
from sahur_mcp.proxy.records.results import (
    META_EFFECT,
    Outcome,
    build_result,
    chars_in,
    read_result,
    redact_required,
    refuse,
    with_addresses,
)
from sahur_mcp.proxy.upstreams.upstream import Inquiry, ToolAnswer, Upstream, UpstreamRefusal, permission_for, policy_version

logger = logging.getLogger(__name__)
T = TypeVar("T")

THREAD_CHARS = 100_000
"""What is longer than this is searched for secrets in a thread, so that other calls do not wait."""


class GrantDesk(Protocol):
    async def ask_grant(self, caller: Caller, *, tool: str, arguments: dict[str, Any], arguments_hash: str) -> Grant: ...


class CallDesk:
    """Takes calls from the relay."""

    def __init__(self, catalog: Catalog, grants: GrantDesk, books: Books) -> None:
        self._catalog = catalog
        self._grants = grants
        self._books = books
        self._checker = ArgumentChecker()
        self._cache: ResultCache[Outcome] = ResultCache()

    async def call(self, exchange: Exchange, name: str, arguments: dict[str, Any]) -> ToolAnswer:
        """Make the call and record it: no receipt, no result.

        Raises `MCPError` for what is between the client and the upstream: an error of the protocol where the address is
        transparent, and a capability that the client would have to have.
        """
        if problem := self._books.problem():
            return refuse(f"No call is made, because its receipt could not be kept: {problem}. Tell whoever runs the gateway.")
        redactor = self._catalog.redactor()
        asked, why_not = await _asked(arguments, redactor)
        upstream, inner = exchange.namespace.split_name(redactor.text(name))
        tool = MERGED.name(upstream, inner) if inner else upstream
        entry = Entry(exchange.caller, upstream, tool, asked, redactor.count)
        outcome = Outcome(ToolResultStatus.ERROR, "The caller gave up before the call was done.")
        try:
            if why_not:
                outcome = Outcome(ToolResultStatus.ERROR, why_not)
            else:
                outcome = await self._outcome(exchange, name, arguments, entry)
        finally:
            problem = self._books.close(entry, outcome)
        if problem:
            return refuse(
                f"The call was made and ended with {outcome.status.value}, but its receipt could not be kept whole, so there is "
                f"no result: {problem}. If it changes something, look before you repeat it."
            )
        if outcome.error is not None:
            raise MCPError(code=outcome.error.code, message=outcome.error.message, data=outcome.error.data)
        return outcome.required or build_result(self._linked(outcome, exchange, upstream), entry.receipt_id, entry.duration_ms)

    def _linked(self, outcome: Outcome, exchange: Exchange, upstream: str) -> Outcome:
        """The outcome with links that lead through the gateway, where the upstream lets its resources be read.

        None leads to another upstream, whatever this one says.
        """
        found = self._catalog.upstreams.get(upstream)
        if found is None or not outcome.blocks:
            return outcome

        def outer(uri: str) -> str:
            is_ours = found.offer.has_resources or exchange.namespace.split_uri(uri)[0] in self._catalog.upstreams
            return exchange.namespace.link(upstream, uri) if is_ours else uri

        return replace(outcome, blocks=tuple(with_addresses(block, outer) for block in outcome.blocks))

    async def _outcome(self, exchange: Exchange, name: str, arguments: dict[str, Any], entry: Entry) -> Outcome:
        try:
            await self._catalog.settle(name, exchange.caller, exchange.namespace)
            await self._catalog.settled([entry.upstream])
            upstream, tool = self._catalog.find(name, exchange.caller, exchange.namespace)
            return await self._judged(exchange, upstream, tool, arguments, entry)
        except SahurError as error:
            redactor = self._catalog.redactor()
            text = redactor.text(str(error))
            return Outcome(ToolResultStatus.ERROR, text, error=_protocol_error(error, exchange, redactor))
        except Exception:
            logger.exception("a call of %s failed in the gateway", name[:100])
            return Outcome(ToolResultStatus.ERROR, "The gateway failed on this call; its log says why.")

    async def _judged(
        self, exchange: Exchange, upstream: Upstream, tool: types.Tool, arguments: dict[str, Any], entry: Entry
    ) -> Outcome:
        problem = self._checker.problem(tool.input_schema, arguments)
        if problem:
            return Outcome(ToolResultStatus.ERROR, self._catalog.redactor().text(problem))
        caller, name = exchange.caller, MERGED.name(upstream.name, tool.name)
        risk, permission = permission_for(upstream, tool)
        entry.is_read = risk is Risk.READ
        if permission is Permission.DENY:
            return Outcome(ToolResultStatus.DENIED, f"The policy of this gateway denies {name}.")
        if caller.is_read_only and not entry.is_read:
            return Outcome(ToolResultStatus.DENIED, f"{name} may change something, and this token only reads.")
        meta = {"traceparent": traceparent(), META_RECEIPT: entry.receipt_id}
        if permission is Permission.ASK:
            if exchange.client.input_responses is not None or exchange.client.request_state is not None:
                text = f"Answers to questions of {upstream.name} came with this call: nobody has approved those."
                return Outcome(ToolResultStatus.DENIED, text)
            refusal, effect_key = await self._ask(caller, name, arguments)
            if refusal is not None:
                return refusal
            meta[META_EFFECT] = effect_key
            exchange = replace(exchange, caller=replace(caller, effect_key=effect_key))
        return await self._fetch(upstream, tool, arguments, exchange.inquiry(is_read=entry.is_read, meta=meta))

    async def _ask(self, caller: Caller, name: str, arguments: dict[str, Any]) -> tuple[Outcome | None, str]:
        """Ask for a grant: a refusal, or the key of the effect. No answer is a refusal."""
        if not caller.run and not caller.token:
            text = f"{name} changes something, and only a run may do that, with a person's approval."
            return Outcome(ToolResultStatus.DENIED, text), ""
        try:
            digest = arguments_hash(arguments)
            grant = await self._grants.ask_grant(caller, tool=name, arguments=arguments, arguments_hash=digest)
        except (GatewayUnavailable, InputError) as error:
            logger.warning("no grant for %s: %s", name, error)
            text = f"{name} changes something, and nobody could be asked whether it may. Nothing was changed."
            return Outcome(ToolResultStatus.DENIED, text), ""
        if grant.granted:
            return None, grant.effect_key
        # Not "nothing was changed": an earlier attempt may have been granted the same call and died in it.
        text = f"{name} was not granted, and not called: {grant.reason or 'no reason was given.'}"
        return Outcome(ToolResultStatus.DENIED, text), ""

    async def _fetch(self, upstream: Upstream, tool: types.Tool, arguments: dict[str, Any], inquiry: Inquiry) -> Outcome:
        is_plain = inquiry.is_read and not inquiry.caller.repeats and inquiry.client.input_responses is None
        key = upstream.cache_key(tool.name, arguments) if is_plain else ""
        if key:
            version = f"{policy_version(upstream, tool)}|{self._catalog.redaction_version}"
            key = f"{inquiry.caller.scope}|{upstream.name}|{version}|{key}"
            kept = self._cache.get(key)
            if kept is not None:
                return kept.from_cache()
        result = await upstream.call_tool(tool.name, arguments, inquiry)
        if isinstance(result, types.InputRequiredResult):
            required = redact_required(inquiry.client.all_worded(upstream.name, result), self._catalog.redactor())
            return Outcome(ToolResultStatus.NO_DATA, f"{upstream.name} asks for more input.", required=required)
        outcome = await self._read(upstream, result)
        if key and outcome.status in (ToolResultStatus.OK, ToolResultStatus.NO_DATA):
            self._cache.put(key, outcome, outcome.size, upstream.rules.cache_seconds)
        return outcome

    async def _read(self, upstream: Upstream, result: types.CallToolResult) -> Outcome:
        redactor = self._catalog.redactor()
        size = chars_in(result.content)
        if result.structured_content is not None:
            # Most servers give the same once more as text, so that its length is known without writing it out.
            size = 2 * size if size else len(json.dumps(result.structured_content))
        return await read_through(lambda: read_result(result, redactor, is_trusted=upstream.is_trusted), size)


def _protocol_error(error: SahurError, exchange: Exchange, redactor: Redactor) -> types.ErrorData | None:
    """What the client must hear as an error of the protocol; a model reads all other errors as results."""
    if isinstance(error, UpstreamRefusal):
        found = error.protocol_error
        if exchange.namespace.only or found.code in (MISSING_REQUIRED_CLIENT_CAPABILITY, URL_ELICITATION_REQUIRED):
            return types.ErrorData(code=found.code, message=redactor.text(found.message), data=redactor.value(found.data))
    if exchange.namespace.only and isinstance(error, NotFound):
        return types.ErrorData(code=INVALID_PARAMS, message=redactor.text(str(error)))
    return None


async def _asked(arguments: dict[str, Any], redactor: Redactor) -> tuple[dict[str, Any], str]:
    """The arguments as the receipt shows them, and why they cannot be sent to anybody; empty if they can."""
    try:
        size = len(json.dumps(arguments, ensure_ascii=False, allow_nan=False).encode())
        return await read_through(lambda: redactor.value(arguments), size), ""
    except RecursionError:
        why = "they are nested too deeply"
    except ValueError:
        why = "they hold what JSON has no place for: NaN, Infinity, or half of a surrogate pair"
    return {"not kept": why}, f"The arguments cannot be sent: {why}."


async def read_through(search: Callable[[], T], size: int) -> T:
    """Run a search for secrets, in a thread if there is much to read."""
    return await to_thread.run_sync(search) if size >= THREAD_CHARS else search()
