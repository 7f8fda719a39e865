"""Results on their way back: as text that a model can read, cut to size, with our metadata."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import mcp.types as types

from sahur_core.issues import ToolResultStatus
from sahur_core.tools.receipts import MAX_RESULT_CHARS
from sahur_core.tools.wire import META_DURATION, META_PAGE, META_RECEIPT, META_RECEIPT_OF, META_STATUS, READ_RECEIPT
from sahur_mcp.proxy.redaction import Redactor

MAX_TEXT_CHARS = 100_000
MAX_STRUCTURED_BYTES = 400_000
MAX_READ_CHARS = MAX_RESULT_CHARS

META_UNTRUSTED = "sahur/untrusted"
META_IS_CUT = "sahur/is_cut"
META_EFFECT = "sahur/effect"
"""For upstreams: the key of a granted call, by which a repetition can be recognized."""


@dataclass(frozen=True)
class Page:
    """Of a kept result: the receipt it lies under, and what is kept of the page itself."""

    receipt_id: str
    note: str


@dataclass(frozen=True)
class Outcome:
    """How a call ended. `text` is whole and redacted."""

    status: ToolResultStatus
    text: str
    structured: Any = None
    redactions: int = 0
    is_cached: bool = False
    page_of: Page | None = None

    @property
    def size(self) -> int:
        """About how many bytes it takes in memory."""
        return len(self.text) + (len(json.dumps(self.structured)) if self.structured is not None else 0)

    def from_cache(self) -> Outcome:
        return replace(self, is_cached=True)


def read_result(result: types.CallToolResult, redactor: Redactor, *, is_trusted: bool) -> Outcome:
    """What an upstream gave back, redacted. `sahur/…` metadata counts only if the upstream is our own."""
    text = text_of(result)
    if len(text) > MAX_READ_CHARS:
        text = f"{text[:MAX_READ_CHARS]}\n[{len(text) - MAX_READ_CHARS} more characters were left out.]"
    text = redactor.text(text)
    structured = result.structured_content
    structured = redactor.value(structured) if len(json.dumps(structured)) <= MAX_READ_CHARS else None
    claimed = (result.meta or {}).get(META_STATUS) if is_trusted else None
    if result.is_error:
        status = ToolResultStatus.ERROR
    elif claimed is not None:
        status = ToolResultStatus(str(claimed))
    else:
        status = ToolResultStatus.OK if text.strip() or structured else ToolResultStatus.NO_DATA
    return Outcome(status, text, structured, redactor.count, page_of=_page_of(result) if is_trusted else None)


def _page_of(result: types.CallToolResult) -> Page | None:
    meta = result.meta or {}
    return Page(str(meta[META_RECEIPT_OF]), str(meta.get(META_PAGE, ""))) if META_RECEIPT_OF in meta else None


def text_of(result: types.CallToolResult) -> str:
    """All parts as text. Pictures and sound are named, not passed on: agents read."""
    parts = [_part(block) for block in result.content]
    if not any(parts) and result.structured_content is not None:
        parts = [json.dumps(result.structured_content, indent=1, ensure_ascii=False)]
    return "\n".join(part for part in parts if part)


def _part(block: types.ContentBlock) -> str:
    if isinstance(block, types.TextContent):
        return block.text
    if isinstance(block, types.EmbeddedResource):
        resource = block.resource
        return resource.text if isinstance(resource, types.TextResourceContents) else f"[resource {resource.uri}: not text]"
    if isinstance(block, types.ResourceLink):
        return f"[resource {block.name}: {block.uri}]"
    return f"[{block.type}, {block.mime_type}: left out]"


def build_result(outcome: Outcome, receipt_id: str, duration_ms: int) -> types.CallToolResult:
    """What the caller gets: one text of bounded size, the structured content if it is small enough, and metadata."""
    text, is_cut = outcome.text, len(outcome.text) > MAX_TEXT_CHARS
    if is_cut:
        head = text[: text.rfind("\n", MAX_TEXT_CHARS // 2, MAX_TEXT_CHARS) + 1] or text[:MAX_TEXT_CHARS]
        text = (
            f"{head}\n[Cut: {len(head)} of {len(outcome.text)} characters. The whole result is kept: go on with {READ_RECEIPT}, "
            f"receipt {receipt_id}, offset {len(head)}.]"
        )
    structured = outcome.structured
    if structured is not None and len(json.dumps(structured).encode()) > MAX_STRUCTURED_BYTES:
        structured, is_cut = None, True
    meta: dict[str, Any] = {META_RECEIPT: receipt_id, META_STATUS: outcome.status.value, META_DURATION: duration_ms}
    meta[META_UNTRUSTED] = True
    if is_cut:
        meta[META_IS_CUT] = True
    if outcome.page_of is not None:
        meta[META_RECEIPT_OF] = outcome.page_of.receipt_id
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=text)],
        structured_content=structured,
        is_error=outcome.status not in (ToolResultStatus.OK, ToolResultStatus.NO_DATA),
        _meta=meta,
    )


def refuse(text: str) -> types.CallToolResult:
    """An answer to a call that has no receipt: the gateway did not make it, or cannot vouch for it."""
    meta: dict[str, Any] = {META_STATUS: ToolResultStatus.ERROR.value}
    return types.CallToolResult(content=[types.TextContent(type="text", text=text)], is_error=True, _meta=meta)
