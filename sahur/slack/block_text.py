"""The text of a message's blocks, as a person sees it: apps often say everything there and nothing in `text`.

https://docs.slack.dev/reference/block-kit/blocks and, for what people type, …/rich-text-block.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sahur.slack.markup import to_plain

Json = dict[str, Any]
MAX_DEPTH = 6


def text_of_blocks(blocks: Any) -> str:
    """Line by line; what is no list of blocks is empty. Buttons count where they lead somewhere."""
    return "\n".join(line for line in (_block(block) for block in _objects(blocks)) if line)


def _block(block: Json) -> str:
    kind = block.get("type")
    if kind == "rich_text":
        return "\n".join(_rich(element) for element in _objects(block.get("elements")))
    if kind == "table":
        rows = block.get("rows")
        return "\n".join(" | ".join(_cell(cell) for cell in _objects(row)) for row in (rows if isinstance(rows, list) else []))
    parts = [_object(block.get("text")), block.get("title"), *_objects(block.get("fields")), block.get("accessory")]
    parts += _objects(block.get("elements"))
    lines = [_element(part) for part in parts if isinstance(part, dict)]
    # A `markdown` block has its text as it is, an image an address of its own.
    plain = block["text"] if isinstance(block.get("text"), str) else ""
    return "\n".join(line for line in (plain, *lines, _image(block)) if line)


def _element(element: Json) -> str:
    """A text object, or what may stand beside it: an image, or a button with a link."""
    if element.get("type") == "mrkdwn":
        return to_plain(_string(element.get("text")))
    if element.get("type") == "plain_text":
        return _string(element.get("text")).strip()
    label = _element(_object(element.get("text")))
    address = _string(element.get("url"))
    return f"{label}: {address}" if address else _image(element)


def _image(element: Json) -> str:
    address = _string(element.get("image_url"))
    return f"{_string(element.get('alt_text'))} {address}".strip() if element.get("type") == "image" and address else ""


def _cell(cell: Json) -> str:
    return _rich(cell) if cell.get("type") == "rich_text" else _string(cell.get("text"))


def _rich(element: Json, depth: int = 0) -> str:
    """An element of rich text, with those in it."""
    kind = element.get("type")
    if depth > MAX_DEPTH:
        return ""
    inside = [_rich(each, depth + 1) for each in _objects(element.get("elements"))]
    if kind == "rich_text_list":
        return "\n".join(f"- {each}" for each in inside)
    if kind == "rich_text_quote":
        return "\n".join(f"> {line}" for line in "".join(inside).splitlines())
    if kind == "rich_text_preformatted":
        return f"```\n{''.join(inside)}\n```"
    if inside:
        return ("\n" if kind == "rich_text" else "").join(inside)
    return _rich_leaf(element)


def _rich_leaf(element: Json) -> str:
    kind = element.get("type")
    text = _string(element.get("text"))
    if kind == "link":
        address = _string(element.get("url"))
        return f"{text} ({address})" if text and text != address else address
    named = {
        "user": ("@", "user_id"),
        "usergroup": ("@", "usergroup_id"),
        "channel": ("#", "channel_id"),
        "broadcast": ("@", "range"),
    }
    if kind in named:
        sign, name = named[kind]
        return sign + _string(element.get(name))
    if kind == "emoji":
        return f":{_string(element.get('name'))}:"
    return text or _string(element.get("fallback"))


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _object(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> Iterable[Json]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
