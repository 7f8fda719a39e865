"""Results on their way back: redacted, cut to size, with our metadata; and as text, for the receipt."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import mcp.types as types
from pydantic import BaseModel

from sahur_core.issues import ToolResultStatus
from sahur_core.redaction.redactor import Redactor
from sahur_core.tools.receipts import MAX_RESULT_CHARS
from sahur_core.tools.wire import META_DURATION, META_PAGE, META_RECEIPT, META_RECEIPT_OF, META_STATUS, READ_RECEIPT

MAX_TEXT_CHARS = 100_000
MAX_STRUCTURED_BYTES = 400_000
MAX_READ_CHARS = MAX_RESULT_CHARS

MAX_BINARY_CHARS = 6_000_000
"""Of pictures, sound and other binary parts, in base64, all together."""

ModelT = TypeVar("ModelT", bound=BaseModel)
ResourceContents = types.TextResourceContents | types.BlobResourceContents

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
    """How a call ended. `text` is whole and redacted; `blocks` say the same in their own kinds, where that is more."""

    status: ToolResultStatus
    text: str
    blocks: tuple[types.ContentBlock, ...] = ()
    structured: Any = None
    redactions: int = 0
    is_cached: bool = False
    page_of: Page | None = None
    required: types.InputRequiredResult | None = None
    """The upstream wants to know more before it goes on."""
    error: types.ErrorData | None = None
    """The upstream's error of the protocol, for callers who talk to it as if they were connected directly."""

    @property
    def size(self) -> int:
        """About how many bytes it takes in memory."""
        structured = len(json.dumps(self.structured)) if self.structured is not None else 0
        return len(self.text) + structured + sum(_binary_chars(block) for block in self.blocks)

    def from_cache(self) -> Outcome:
        return replace(self, is_cached=True)


def read_result(result: types.CallToolResult, redactor: Redactor, *, is_trusted: bool) -> Outcome:
    """What an upstream gave back, redacted. `sahur/…` metadata counts only if the upstream is our own."""
    structured = result.structured_content
    if structured is not None and len(json.dumps(structured)) > MAX_READ_CHARS:
        structured = None
    blocks = _read_blocks(result.content, redactor)
    text = text_of(blocks)
    structured = redactor.value(structured)
    if not text and structured is not None:
        text = json.dumps(structured, indent=1, ensure_ascii=False)
    claimed = (result.meta or {}).get(META_STATUS) if is_trusted else None
    if result.is_error:
        status = ToolResultStatus.ERROR
    elif claimed is not None:
        status = ToolResultStatus(str(claimed))
    else:
        status = ToolResultStatus.OK if text.strip() or structured else ToolResultStatus.NO_DATA
    is_plain = len(blocks) == 1 and isinstance(blocks[0], types.TextContent)
    page_of = _page_of(result) if is_trusted else None
    return Outcome(status, text, () if is_plain else tuple(blocks), structured, redactor.count, page_of=page_of)


def _read_blocks(content: list[types.ContentBlock], redactor: Redactor) -> list[types.ContentBlock]:
    """The parts, redacted; what goes beyond the limits is named instead."""
    room, binary_room = MAX_READ_CHARS, MAX_BINARY_CHARS
    blocks: list[types.ContentBlock] = []
    for block in content:
        binary = _binary_chars(block)
        if binary > binary_room:
            blocks.append(types.TextContent(type="text", text=f"{_named(block)[:-1]}: {binary} characters, left out]"))
            continue
        binary_room -= binary
        text = _text_in(block)
        if len(text) > room:
            note = f"\n[{len(text) - room} more characters were left out.]"
            blocks.append(types.TextContent(type="text", text=redactor.text(text[:room]) + note))
            room = 0
            continue
        room -= len(text)
        blocks.append(redact_block(block, redactor))
    return blocks


def redact_block(block: types.ContentBlock, redactor: Redactor) -> types.ContentBlock:
    """A copy without secrets and without the other side's metadata. Pictures and sound stay as they are."""
    if isinstance(block, types.TextContent):
        return block.model_copy(update={"text": redactor.text(block.text), "meta": None})
    if isinstance(block, types.EmbeddedResource):
        return block.model_copy(update={"resource": redact_contents(block.resource, redactor), "meta": None})
    return redacted_copy(block, redactor)


def redact_contents(contents: ResourceContents, redactor: Redactor) -> ResourceContents:
    if isinstance(contents, types.TextResourceContents):
        return redacted_copy(contents, redactor)
    return redacted_copy(contents.model_copy(update={"blob": _redacted_blob(contents.blob, redactor)}), redactor)


def redacted_copy(model: ModelT, redactor: Redactor) -> ModelT:
    """A copy with all of its strings redacted, addresses and icons included, but for what is binary. Its metadata is gone."""
    binary = {name: value for name in ("data", "blob") if (value := getattr(model, name, None)) is not None}
    said = model.model_dump(mode="json", by_alias=True, exclude={"meta", *binary}, exclude_none=True)
    return type(model).model_validate({**redactor.value(said), **binary})


def _redacted_blob(blob: str, redactor: Redactor) -> str:
    """Many servers send text as a blob: where it is one, it is read like any other."""
    try:
        text = base64.b64decode(blob).decode()
    except ValueError:
        return blob
    before = redactor.count
    clean = redactor.text(text)
    return blob if redactor.count == before else base64.b64encode(clean.encode()).decode()


def redact_required(required: types.InputRequiredResult, redactor: Redactor) -> types.InputRequiredResult:
    """What an upstream asks before it goes on, without secrets and its own metadata. The state comes back as it is."""
    return redacted_copy(required.model_copy(update={"request_state": None}), redactor).model_copy(
        update={"request_state": required.request_state}
    )


def with_addresses(block: types.ContentBlock, outer: Callable[[str], str]) -> types.ContentBlock:
    """The block with the addresses of resources by which its reader can ask for them."""
    if isinstance(block, types.ResourceLink):
        return block.model_copy(update={"uri": outer(block.uri)})
    if isinstance(block, types.EmbeddedResource):
        return block.model_copy(update={"resource": block.resource.model_copy(update={"uri": outer(block.resource.uri)})})
    return block


def _page_of(result: types.CallToolResult) -> Page | None:
    meta = result.meta or {}
    return Page(str(meta[META_RECEIPT_OF]), str(meta.get(META_PAGE, ""))) if META_RECEIPT_OF in meta else None


def chars_in(content: Sequence[types.ContentBlock]) -> int:
    """How much there is to look through for secrets."""
    return sum(len(_text_in(block)) + _binary_chars(block) for block in content)


def text_of(blocks: Sequence[types.ContentBlock]) -> str:
    """All parts as text, for receipts and for those who read only; pictures and sound are named."""
    return "\n".join(part for part in (_text_in(block) or _named(block) for block in blocks) if part)


def _text_in(block: types.ContentBlock) -> str:
    if isinstance(block, types.TextContent):
        return block.text
    if isinstance(block, types.EmbeddedResource) and isinstance(block.resource, types.TextResourceContents):
        return block.resource.text
    return ""


def _named(block: types.ContentBlock) -> str:
    if isinstance(block, types.TextContent):
        return ""
    if isinstance(block, types.EmbeddedResource):
        return f"[resource {block.resource.uri}]"
    if isinstance(block, types.ResourceLink):
        return f"[resource {block.name}: {block.uri}]"
    return f"[{block.type}, {block.mime_type}]"


def _binary_chars(block: types.ContentBlock) -> int:
    if isinstance(block, types.ImageContent | types.AudioContent):
        return len(block.data)
    if isinstance(block, types.EmbeddedResource) and isinstance(block.resource, types.BlobResourceContents):
        return len(block.resource.blob)
    return 0


def build_result(outcome: Outcome, receipt_id: str, duration_ms: int) -> types.CallToolResult:
    """What the caller gets: its parts, or one text of bounded size; the structured content if it is small; our metadata."""
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
    rest = [block for block in outcome.blocks if not _text_in(block)] if is_cut else []
    content = list(outcome.blocks) if outcome.blocks and not is_cut else [types.TextContent(type="text", text=text), *rest]
    return types.CallToolResult(
        content=content,
        structured_content=structured,
        is_error=outcome.status not in (ToolResultStatus.OK, ToolResultStatus.NO_DATA),
        _meta=meta,
    )


def refuse(text: str) -> types.CallToolResult:
    """An answer to a call that has no receipt: the gateway did not make it, or cannot vouch for it."""
    meta: dict[str, Any] = {META_STATUS: ToolResultStatus.ERROR.value}
    return types.CallToolResult(content=[types.TextContent(type="text", text=text)], is_error=True, _meta=meta)
