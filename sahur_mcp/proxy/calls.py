"""The way of one tool call through the gateway: find, check, allow, fetch, redact, record.

Whatever happens, the caller gets a result that says what to do, and the call leaves exactly one receipt.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

import mcp.types as types
from anyio import to_thread
from mcp.shared.dispatcher import ProgressFnT
from uuid_utils.compat import uuid7

from sahur_core.errors import GatewayUnavailable, InputError, SahurError
from sahur_core.issues import ToolResultStatus
from sahur_core.tools.policy import Permission, arguments_hash
from sahur_core.tools.risk import Risk
from sahur_core.tools.wire import META_RECEIPT
from sahur_core.trace import current_trace_id, traceparent
from sahur_mcp.proxy.arguments import ArgumentChecker
from sahur_mcp.proxy.cache import ResultCache
from sahur_mcp.proxy.callers import Caller
from sahur_mcp.proxy.catalog import Catalog
from sahur_mcp.proxy.internal import Grant
from sahur_mcp.proxy.receipts import MAX_STORED_CHARS, Receipt, ReceiptRecorder, digest_of
from sahur_mcp.proxy.redaction import Redactor
from sahur_mcp.proxy.results import META_EFFECT, Outcome, build_result, read_result
from sahur_mcp.proxy.upstreams import SEPARATOR, Upstream, UpstreamCall, permission_for, policy_version

logger = logging.getLogger(__name__)
T = TypeVar("T")

THREAD_CHARS = 20_000
"""What is longer than this is searched for secrets in a thread, so that other calls do not wait."""


class GrantDesk(Protocol):
    async def ask_grant(
        self, *, run: str, attempt: int | None, tool: str, arguments: dict[str, Any], arguments_hash: str
    ) -> Grant: ...


class CallDesk:
    """Takes calls from the relay."""

    def __init__(self, catalog: Catalog, grants: GrantDesk, recorder: ReceiptRecorder) -> None:
        self._catalog = catalog
        self._grants = grants
        self._recorder = recorder
        self._checker = ArgumentChecker()
        self._cache: ResultCache[Outcome] = ResultCache()

    async def call(
        self, caller: Caller, tool: str, arguments: dict[str, Any], progress: ProgressFnT | None = None
    ) -> types.CallToolResult:
        """Make the call and record it. Raises `OSError` if the receipt cannot be written: no receipt, no result."""
        receipt_id, called_at, started = str(uuid7()), datetime.now(UTC), time.perf_counter()
        redactor = Redactor(self._catalog.secrets)
        asked = await _read_through(lambda: redactor.value(arguments), len(json.dumps(arguments)))
        outcome = Outcome(ToolResultStatus.ERROR, "The caller gave up before the call was done.")
        try:
            outcome = await self._outcome(caller, tool, arguments, receipt_id, progress)
        finally:
            duration_ms = round((time.perf_counter() - started) * 1000)
            self._record(receipt_id, caller, redactor.text(tool), asked, outcome, redactor.count, duration_ms, called_at)
        return build_result(outcome, receipt_id, duration_ms)

    async def _outcome(
        self, caller: Caller, name: str, arguments: dict[str, Any], receipt_id: str, progress: ProgressFnT | None
    ) -> Outcome:
        try:
            upstream, tool = self._catalog.find(name, caller)
            problem = self._checker.problem(tool.input_schema, arguments)
            if problem:
                return Outcome(ToolResultStatus.ERROR, Redactor().text(problem))
            risk, permission = permission_for(upstream, tool)
            effect_key = ""
            if permission is Permission.DENY:
                return Outcome(ToolResultStatus.DENIED, f"The policy of this gateway denies {name}.")
            if permission is Permission.ASK:
                refusal, effect_key = await self._ask(caller, name, arguments)
                if refusal is not None:
                    return refusal
            meta = {"traceparent": traceparent(), META_RECEIPT: receipt_id}
            if effect_key:
                meta[META_EFFECT] = effect_key
            call = UpstreamCall(tool.name, arguments, caller, risk is Risk.READ, meta, progress)
            return await self._fetch(upstream, tool, call)
        except SahurError as error:
            text = Redactor(self._catalog.secrets).text(str(error))
            return Outcome(ToolResultStatus.ERROR, text)
        except Exception:
            logger.exception("a call of %s failed in the gateway", name[:100])
            return Outcome(ToolResultStatus.ERROR, "The gateway failed on this call; its log says why.")

    async def _ask(self, caller: Caller, name: str, arguments: dict[str, Any]) -> tuple[Outcome | None, str]:
        """Ask for a grant: a refusal, or the key of the effect. No answer is a refusal."""
        if not caller.run:
            text = f"{name} changes something, and only a run may do that, with a person's approval."
            return Outcome(ToolResultStatus.DENIED, text), ""
        try:
            digest = arguments_hash(arguments)
            grant = await self._grants.ask_grant(
                run=caller.run, attempt=caller.attempt, tool=name, arguments=arguments, arguments_hash=digest
            )
        except (GatewayUnavailable, InputError) as error:
            logger.warning("no grant for %s: %s", name, error)
            text = f"{name} changes something, and nobody could be asked whether it may. Nothing was changed."
            return Outcome(ToolResultStatus.DENIED, text), ""
        if grant.granted:
            return None, grant.effect_key
        # Not "nothing was changed": an earlier attempt may have been granted the same call and died in it.
        text = f"{name} was not granted, and not called: {grant.reason or 'no reason was given.'}"
        return Outcome(ToolResultStatus.DENIED, text), ""

    async def _fetch(self, upstream: Upstream, tool: types.Tool, call: UpstreamCall) -> Outcome:
        key = upstream.cache_key(tool.name, call.arguments) if call.is_read else ""
        if key:
            key = f"{call.caller.scope}|{upstream.name}|{policy_version(upstream, tool)}|{key}"
            kept = self._cache.get(key)
            if kept is not None:
                return kept.from_cache()
        result = await upstream.call(call)
        outcome = await self._read(upstream, result)
        if key and outcome.status in (ToolResultStatus.OK, ToolResultStatus.NO_DATA):
            self._cache.put(key, outcome, outcome.size)
        return outcome

    async def _read(self, upstream: Upstream, result: types.CallToolResult) -> Outcome:
        redactor = Redactor(self._catalog.secrets)
        size = sum(len(block.text) for block in result.content if isinstance(block, types.TextContent))
        size += THREAD_CHARS if result.structured_content is not None else 0
        return await _read_through(lambda: read_result(result, redactor, is_trusted=upstream.is_trusted), size)

    def _record(
        self,
        receipt_id: str,
        caller: Caller,
        tool: str,
        arguments: dict[str, Any],
        outcome: Outcome,
        redactions: int,
        duration_ms: int,
        called_at: datetime,
    ) -> None:
        digest, size = digest_of(outcome.text)
        receipt = Receipt(
            id=receipt_id,
            team=caller.team,
            run=caller.run or None,
            attempt=caller.attempt,
            caller=caller.name,
            upstream=tool.partition(SEPARATOR)[0][:64],
            tool=tool[:200],
            arguments=arguments,
            status=outcome.status,
            result=outcome.text[:MAX_STORED_CHARS],
            result_hash=digest,
            result_bytes=size,
            redactions=outcome.redactions + redactions,
            is_cached=outcome.is_cached,
            duration_ms=duration_ms,
            trace_id=current_trace_id(),
            called_at=called_at,
        )
        self._recorder.record(receipt)
        logger.info(
            "call tool=%s caller=%s team=%d status=%s ms=%d bytes=%d cached=%s redactions=%d receipt=%s",
            receipt.tool, caller.name, caller.team, outcome.status.value, duration_ms, size, outcome.is_cached,
            outcome.redactions, receipt_id,
        )  # fmt: skip


async def _read_through(search: Callable[[], T], size: int) -> T:
    """Run a search for secrets, in a thread if there is much to read."""
    return await to_thread.run_sync(search) if size >= THREAD_CHARS else search()
