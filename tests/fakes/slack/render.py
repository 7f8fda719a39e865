"""Messages and modals as HTML in Slack's look, for pictures: own styles, own signs, nothing fetched.

It draws the blocks that SAHUR uses, as Slack shows them in its light theme on a desktop.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.fakes.slack.signs import sign

Json = dict[str, Any]

STYLE = (Path(__file__).parent / "render.css").read_text()
_SIGNS = {"complete": "✓", "in_progress": "", "pending": "", "error": "!"}
_TOKEN = re.compile(r"<([^<>]+)>|```(.*?)```|`([^`\n]+)`|\*([^*\n]+)\*|(?<!\w)_([^_\n]+)_(?!\w)|:([a-z0-9_+-]+):", re.DOTALL)


def page(title: str, *shown: str) -> str:
    """A whole document; the picture is of its `main`."""
    body = "\n".join(shown)
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{html.escape(title)}</title>"
        f"<style>{STYLE}</style></head><body><main>{body}</main></body></html>"
    )


def channel(name: str, *messages: str) -> str:
    """What stands in a thread of a channel."""
    head = f"<header class='head'><b>Thread</b> <span>#{html.escape(name)}</span></header>"
    return f"<section class='pane'>{head}{''.join(messages)}</section>"


def message(message: Json, author: str, names: dict[str, str], *, is_app: bool = True) -> str:
    """A message with its author, time and reactions. `names` are of people and channels."""
    at = datetime.fromtimestamp(float(message["ts"]), UTC)
    picture = "S" if is_app else html.escape(author[0])
    badge = "<span class='app'>APP</span>" if is_app else ""
    blocks = message.get("blocks") or []
    body = "".join(block(each, names) for each in blocks) or f"<p>{mrkdwn(message.get('text', ''), names)}</p>"
    reactions = "".join(
        f"<span class='reaction'>{sign(each['name'])} {each['count']}</span>" for each in message.get("reactions", [])
    )
    marks = f"<div class='reactions'>{reactions}</div>" if reactions else ""
    kind = "bot" if is_app else f"person p{sum(map(ord, author)) % 4}"
    return (
        f"<article class='message'><div class='avatar {kind}'>{picture}</div><div class='body'>"
        f"<div class='who'><b>{html.escape(author)}</b>{badge}<time>{at:%-I:%M %p}</time></div>{body}{marks}</div></article>"
    )


def modal(view: Json, names: dict[str, str], entered: dict[str, str] | None = None) -> str:
    """A modal, with what was entered by block id."""
    body = "".join(_input(each, entered or {}) if each["type"] == "input" else block(each, names) for each in view["blocks"])
    buttons = "".join(
        f"<span class='button {style}'>{html.escape(view[name]['text'])}</span>"
        for name, style in (("close", ""), ("submit", "primary"))
        if name in view
    )
    title = html.escape(view["title"]["text"])
    return (
        f"<section class='modal'><header><span class='avatar bot small'>S</span><h1>{title}</h1><span class='close'>×</span>"
        f"</header><div class='content'>{body}</div><footer>{buttons}</footer></section>"
    )


def block(item: Json, names: dict[str, str]) -> str:
    """Raises `KeyError` for a kind of block that is not drawn."""
    return BLOCKS[item["type"]](item, names)


def mrkdwn(text: str, names: dict[str, str]) -> str:
    """Slack's markup as HTML; the text is escaped as Slack wants it, so entities stay."""

    def replaced(found: re.Match[str]) -> str:
        inside, pre, code, bold, italic, emoji = found.groups()
        if inside is not None:
            return _link(inside, names)
        if pre is not None:
            return f"<pre>{pre.strip(chr(10))}</pre>"
        if code is not None:
            return f"<code>{code}</code>"
        if bold is not None:
            return f"<b>{mrkdwn(bold, names)}</b>"
        if italic is not None:
            return f"<i>{mrkdwn(italic, names)}</i>"
        return sign(emoji)

    return _TOKEN.sub(replaced, text).replace("\n", "<br>").replace("<br><pre>", "<pre>").replace("</pre><br>", "</pre>")


def _link(inside: str, names: dict[str, str]) -> str:
    target, _, label = inside.partition("|")
    if target.startswith("!date^"):
        return html.escape(_date(target, label))
    if target[:1] in "@#":
        sign = target[0]
        return f"<span class='mention'>{sign}{html.escape(names.get(target[1:], label or target[1:]))}</span>"
    return f"<a>{label or html.escape(target)}</a>"


def _date(target: str, label: str) -> str:
    """In the reader's zone, which is UTC here; `{ago}` as if it were read two minutes later."""
    _, seconds, form = target.split("^")[:3]
    if "{ago}" in form:
        return form.replace("{ago}", "2 minutes ago")
    at = datetime.fromtimestamp(int(seconds), UTC)
    day, time = f"{at:%b} {at.day}", f"{at:%-I:%M %p}"
    return re.sub(r"\{date\w*\}", day, form).replace("{time}", time) if "{" in form else label


def _text(item: Json, names: dict[str, str]) -> str:
    return mrkdwn(item["text"], names) if item["type"] == "mrkdwn" else html.escape(item["text"])


# --- blocks ---


def _section(item: Json, names: dict[str, str]) -> str:
    text = f"<div>{_text(item['text'], names)}</div>" if "text" in item else ""
    fields = "".join(f"<div>{_text(each, names)}</div>" for each in item.get("fields", []))
    accessory = _element(item["accessory"]) if "accessory" in item else ""
    return f"<div class='section'>{text}{f'<div class=fields>{fields}</div>' if fields else ''}{accessory}</div>"


def _header(item: Json, names: dict[str, str]) -> str:
    return f"<h2>{html.escape(item['text']['text'])}</h2>"


def _context(item: Json, names: dict[str, str]) -> str:
    return f"<div class='context'>{''.join(f'<span>{_text(each, names)}</span>' for each in item['elements'])}</div>"


def _actions(item: Json, names: dict[str, str]) -> str:
    return f"<div class='actions'>{''.join(_element(each) for each in item['elements'])}</div>"


def _element(item: Json) -> str:
    if item["type"] == "feedback_buttons":
        halves = zip(("thumbsup", "thumbsdown"), ("positive_button", "negative_button"), strict=True)
        return "".join(
            f"<span class='feedback'>{sign(thumb)}{html.escape(item[name]['text']['text'])}</span>" for thumb, name in halves
        )
    style = item.get("style", "")
    external = " ↗" if "url" in item else ""
    return f"<span class='button {style}'>{html.escape(item['text']['text'])}{external}</span>"


def _divider(item: Json, names: dict[str, str]) -> str:
    return "<hr>"


def _alert(item: Json, names: dict[str, str]) -> str:
    return f"<div class='alert {item.get('level', 'default')}'>{_text(item['text'], names)}</div>"


def _plan(item: Json, names: dict[str, str]) -> str:
    tasks = "".join(_task(each, names) for each in item.get("tasks", []))
    return f"<div class='plan'><div class='plan-title'>{html.escape(item['title'])}<span class='fold'>⌄</span></div>{tasks}</div>"


def _task(item: Json, names: dict[str, str]) -> str:
    status = item.get("status", "pending")
    mark = f"<span class='sign {status}'>{_SIGNS[status]}</span>"
    more = "".join(f"<div class='details'>{_rich(item[name])}</div>" for name in ("details", "output") if name in item)
    sources = "".join(f"<span class='source'>{html.escape(each['text'])}</span>" for each in item.get("sources", []))
    title = f"<div class='task-title {status}'>{html.escape(item['title'])}</div>"
    return f"<div class='task'>{mark}<div>{title}{more}{sources}</div></div>"


def _rich_text(item: Json, names: dict[str, str]) -> str:
    return f"<div>{_rich(item)}</div>"


def _rich(item: Json) -> str:
    if item["type"] == "text":
        style = item.get("style", {})
        text = html.escape(item["text"]).replace("\n", "<br>")
        for name, tag in (("bold", "b"), ("italic", "i"), ("code", "code"), ("strike", "s")):
            text = f"<{tag}>{text}</{tag}>" if style.get(name) else text
        return text
    if item["type"] == "link":
        return f"<a>{html.escape(item.get('text') or item['url'])}</a>"
    if item["type"] == "emoji":
        return sign(item["name"])
    inside = [_rich(each) for each in item.get("elements", [])]
    if item["type"] == "rich_text_list":
        return f"<ul>{''.join(f'<li>{each}</li>' for each in inside)}</ul>"
    return f"<pre>{''.join(inside)}</pre>" if item["type"] == "rich_text_preformatted" else "".join(inside)


def _table(item: Json, names: dict[str, str]) -> str:
    def cell(each: Json) -> str:
        return html.escape(each["text"]) if each["type"] == "raw_text" else _rich(each)

    rows = "".join(f"<tr>{''.join(f'<td>{cell(each)}</td>' for each in row)}</tr>" for row in item["rows"])
    return f"<table>{rows}</table>"


def _markdown(item: Json, names: dict[str, str]) -> str:
    """The little of it that answers use: headings, lists, bold, code and links."""
    lines = []
    for paragraph in re.split(r"(```.*?```)", item["text"], flags=re.DOTALL):
        if paragraph.startswith("```"):
            lines.append(f"<pre>{html.escape(paragraph.strip('`').partition(chr(10))[2])}</pre>")
            continue
        for line in paragraph.splitlines():
            lines.append(_markdown_line(line))
    return f"<div class='markdown'>{''.join(lines)}</div>"


def _markdown_line(line: str) -> str:
    text = html.escape(html.unescape(line.strip()), quote=False)
    text = re.sub(r"\\([\\`*_{}\[\]()#+.!|<>~-])", r"\1", text)
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", re.sub(r"\[([^\]]+)\]\([^)]*\)", r"<a>\1</a>", text))
    text = re.sub(r"\*\*([^*]+)\*\*", r"<b>\1</b>", text)
    if heading := re.match(r"#{1,4} (.*)", text):
        return f"<h3>{heading.group(1)}</h3>"
    if text.startswith(("- ", "* ", "• ")):
        return f"<div class='item'>{text[2:]}</div>"
    return f"<p>{text}</p>" if text else ""


def _input(item: Json, entered: dict[str, str]) -> str:
    element, block_id = item["element"], item.get("block_id", "")
    optional = " <span class='optional'>(optional)</span>" if item.get("optional") else ""
    value = entered.get(block_id, element.get("initial_value", ""))
    if element["type"] in ("checkboxes", "radio_buttons"):
        chosen = [each["value"] for each in element.get("initial_options", [])]
        field = "".join(_check(each, is_ticked=each["value"] in chosen) for each in element["options"])
    elif element["type"].endswith("_select"):
        shown = entered.get(block_id) or element.get("placeholder", {}).get("text", "Select an option")
        field = f"<div class='field select {'' if block_id in entered else 'empty'}'>{html.escape(shown)}<span>⌄</span></div>"
    else:
        height = "long" if element.get("multiline") else ""
        field = f"<div class='field {height}'>{html.escape(value)}</div>"
    hint = f"<div class='hint'>{html.escape(item['hint']['text'])}</div>" if "hint" in item else ""
    return f"<div class='input'><label>{html.escape(item['label']['text'])}{optional}</label>{field}{hint}</div>"


def _check(option: Json, *, is_ticked: bool) -> str:
    box = f"<span class='box {'ticked' if is_ticked else ''}'>{'✓' if is_ticked else ''}</span>"
    return f"<div class='check'>{box}{html.escape(option['text']['text'])}</div>"


BLOCKS: dict[str, Callable[[Json, dict[str, str]], str]] = {
    "section": _section,
    "header": _header,
    "context": _context,
    "actions": _actions,
    "context_actions": _actions,
    "divider": _divider,
    "alert": _alert,
    "plan": _plan,
    "task_card": _task,
    "rich_text": _rich_text,
    "table": _table,
    "markdown": _markdown,
}
