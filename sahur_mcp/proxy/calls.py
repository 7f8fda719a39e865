"""The way of one tool call through the gateway: find, check, allow, fetch, redact, record.

Whatever happens, the caller gets a result that says what to do, and the call leaves exactly one receipt.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

import mcp.types as types
from anyio import to_thread
from mcp.shared.dispatcher import ProgressFnT
from uuid_utils.compat import uuid7

from sahur_core.errors import GatewayUnavailable, InputError, SahurError
from sahur_core.issues import ToolResultStatus
from sahur_core.tools.policy import Permission, arguments_hash
from sahur_core.tools.receipts import Receipt
from sahur_core.tools.risk import Risk
from sahur_core.tools.wire import META_RECEIPT
from sahur_core.trace import current_trace_id, traceparent
from sahur_mcp.proxy.arguments import ArgumentChecker
from sahur_mcp.proxy.cache import ResultCache
from sahur_mcp.proxy.callers import Caller
from sahur_mcp.proxy.catalog import Catalog
from sahur_mcp.proxy.internal import Grant
from sahur_mcp.proxy.kept import KeptResults
from sahur_mcp.proxy.receipts import ReceiptRecorder, digest_of, recordable
from sahur_mcp.proxy.redaction import Redactor
from sahur_mcp.proxy.results import META_EFFECT, Outcome, build_result, read_result, refuse
from sahur_mcp.proxy.upstreams import SEPARATOR, Inquiry, Upstream, permission_for, policy_version

logger = logging.getLogger(__name__)
T = TypeVar("T")

THREAD_CHARS = 20_000
"""What is longer than this is searched for secrets in a thread, so that other calls do not wait."""


class GrantDesk(Protocol):
    async def ask_grant(self, caller: Caller, *, tool: str, arguments: dict[str, Any], arguments_hash: str) -> Grant: ...


@dataclass
class _Record:
    """What the receipt will say of the call itself."""

    is_read: bool | None = None
    receipt_id: str = field(default_factory=lambda: str(uuid7()))
    called_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    started: float = field(default_factory=time.perf_counter)

    @property
    def duration_ms(self) -> int:
        return round((time.perf_counter() - self.started) * 1000)


class CallDesk:
    """Takes calls from the relay."""

    def __init__(self, catalog: Catalog, grants: GrantDesk, recorder: ReceiptRecorder, kept: KeptResults) -> None:
        self._catalog = catalog
        self._grants = grants
        self._recorder = recorder
        self._kept = kept
        self._checker = ArgumentChecker()
        self._cache: ResultCache[Outcome] = ResultCache()

    async def call(
        self, caller: Caller, tool: str, arguments: dict[str, Any], progress: ProgressFnT | None = None
    ) -> types.CallToolResult:
        """Make the call and record it: no receipt, no result."""
        if problem := self._recorder.problem():
            return refuse(f"No call is made, because its receipt could not be kept: {problem}. Tell whoever runs the gateway.")
        record = _Record()
        redactor = Redactor(self._catalog.secrets)
        asked = await _read_through(lambda: redactor.value(arguments), len(json.dumps(arguments)))
        outcome = Outcome(ToolResultStatus.ERROR, "The caller gave up before the call was done.")
        try:
            outcome = await self._outcome(caller, tool, arguments, record, progress)
        finally:
            duration_ms = record.duration_ms
            problem = self._keep(record, caller, redactor.text(tool), asked, outcome, redactor.count, duration_ms)
        if problem:
            return refuse(
                f"The call was made and ended with {outcome.status.value}, but its receipt could not be kept whole, so there is "
                f"no result: {problem}. If it changes something, look before you repeat it."
            )
        return build_result(outcome, record.receipt_id, duration_ms)

    async def _outcome(
        self, caller: Caller, name: str, arguments: dict[str, Any], record: _Record, progress: ProgressFnT | None
    ) -> Outcome:
        try:
            upstream, tool = self._catalog.find(name, caller)
            problem = self._checker.problem(tool.input_schema, arguments)
            if problem:
                return Outcome(ToolResultStatus.ERROR, Redactor().text(problem))
            risk, permission = permission_for(upstream, tool)
            record.is_read = risk is Risk.READ
            effect_key = ""
            if permission is Permission.DENY:
                return Outcome(ToolResultStatus.DENIED, f"The policy of this gateway denies {name}.")
            if caller.is_read_only and not record.is_read:
                return Outcome(ToolResultStatus.DENIED, f"{name} may change something, and this token only reads.")
            if permission is Permission.ASK:
                refusal, effect_key = await self._ask(caller, name, arguments)
                if refusal is not None:
                    return refusal
            meta = {"traceparent": traceparent(), META_RECEIPT: record.receipt_id}
            if effect_key:
                meta[META_EFFECT] = effect_key
                caller = replace(caller, effect_key=effect_key)
            inquiry = Inquiry(caller, is_read=risk is Risk.READ, meta=meta, progress=progress)
            return await self._fetch(upstream, tool, arguments, inquiry)
        except SahurError as error:
            text = Redactor(self._catalog.secrets).text(str(error))
            return Outcome(ToolResultStatus.ERROR, text)
        except Exception:
            logger.exception("a call of %s failed in the gateway", name[:100])
            return Outcome(ToolResultStatus.ERROR, "The gateway failed on this call; its log says why.")

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
        key = upstream.cache_key(tool.name, arguments) if inquiry.is_read and not inquiry.caller.repeats else ""
        if key:
            key = f"{inquiry.caller.scope}|{upstream.name}|{policy_version(upstream, tool)}|{key}"
            kept = self._cache.get(key)
            if kept is not None:
                return kept.from_cache()
        result = await upstream.call_tool(tool.name, arguments, inquiry)
        if isinstance(result, types.InputRequiredResult):
            return Outcome(ToolResultStatus.ERROR, f"{upstream.name} asks for input that this client cannot give.")
        outcome = await self._read(upstream, result)
        if key and outcome.status in (ToolResultStatus.OK, ToolResultStatus.NO_DATA):
            self._cache.put(key, outcome, outcome.size)
        return outcome

    async def _read(self, upstream: Upstream, result: types.CallToolResult) -> Outcome:
        redactor = Redactor(self._catalog.secrets)
        size = sum(len(block.text) for block in result.content if isinstance(block, types.TextContent))
        size += THREAD_CHARS if result.structured_content is not None else 0
        return await _read_through(lambda: read_result(result, redactor, is_trusted=upstream.is_trusted), size)

    def _keep(
        self,
        record: _Record,
        caller: Caller,
        tool: str,
        arguments: dict[str, Any],
        outcome: Outcome,
        redactions: int,
        duration_ms: int,
    ) -> str:
        """Write the receipt; why that could not be done whole, empty if it was."""
        digest, size = digest_of(outcome.text)
        receipt = Receipt(
            id=UUID(record.receipt_id),
            team=caller.team,
            run=UUID(caller.run) if caller.run else None,
            attempt=caller.attempt,
            caller=caller.name,
            upstream=tool.partition(SEPARATOR)[0][:64],
            tool=tool[:200],
            arguments=recordable(arguments),
            status=outcome.status,
            result=outcome.text if outcome.page_of is None else outcome.page_of.note,
            result_hash=digest,
            result_bytes=size,
            redactions=outcome.redactions + redactions,
            is_cached=outcome.is_cached,
            is_read=record.is_read,
            repeats=UUID(caller.repeats) if caller.repeats else None,
            duration_ms=duration_ms,
            trace_id=current_trace_id(),
            called_at=record.called_at,
        )
        problem = self._recorder.record(receipt)
        if not problem:
            self._kept.put(receipt)
        logger.info(
            "call tool=%s caller=%s team=%d status=%s ms=%d bytes=%d cached=%s redactions=%d receipt=%s",
            receipt.tool, caller.name, caller.team, outcome.status.value, duration_ms, size, outcome.is_cached,
            outcome.redactions, receipt.id,
        )  # fmt: skip
        return problem


async def _read_through(search: Callable[[], T], size: int) -> T:
    """Run a search for secrets, in a thread if there is much to read."""
    return await to_thread.run_sync(search) if size >= THREAD_CHARS else search()
