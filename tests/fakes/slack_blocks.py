"""What Slack takes as blocks, and what it refuses: the documented limits of messages, modals and the home tab.

https://docs.slack.dev/reference/block-kit. `problems_of_message` and `problems_of_view` say what is wrong in Slack's manner,
with a JSON pointer to the place; nothing is wrong if the list is empty. Fields that Slack does not know are problems, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

MAX_TEXT = 40_000
MAX_MESSAGE_BLOCKS, MAX_VIEW_BLOCKS = 50, 100
MAX_MARKDOWN = 12_000
"""In all markdown blocks of a message together."""
MAX_TABLE_CHARS = 10_000
MAX_PRIVATE_METADATA = 3_000
MAX_URL = 3_000

Json = dict[str, Any]
Check = Callable[["Checking", Json, str], None]

MESSAGE, MODAL, HOME = "message", "modal", "home"
IN_MESSAGES = {
    "actions", "alert", "card", "context", "context_actions", "divider", "header", "image", "input", "markdown", "plan",
    "rich_text", "section", "table", "task_card",
}  # fmt: skip
IN_VIEWS = {"actions", "alert", "context", "divider", "header", "image", "input", "rich_text", "section"}


def problems_of_message(blocks: object) -> list[str]:
    return _problems(blocks, MESSAGE, "/blocks", MAX_MESSAGE_BLOCKS, least=0)


def check_blocks(blocks: object) -> None:
    """Raises `AssertionError` with what Slack would not take in a message."""
    assert not problems_of_message(blocks), "\n".join(problems_of_message(blocks))


def problems_of_view(view: Json) -> list[str]:
    """Of the view's own fields and its blocks."""
    checking = Checking(MODAL if view.get("type") == "modal" else HOME)
    if view.get("type") not in ("modal", "home"):
        return ["must be `modal` or `home` [json-pointer:/view/type]"]
    known = {"type", "title", "blocks", "close", "submit", "private_metadata", "callback_id", "clear_on_close", "notify_on_close",
             "external_id", "submit_disabled"}  # fmt: skip
    checking.fields(view, known, {"type", "blocks"} | ({"title"} if view["type"] == "modal" else set()), "/view")
    for name in ("title", "close", "submit"):
        if name in view:
            checking.text(view[name], f"/view/{name}", 24, kinds=("plain_text",))
    checking.string(view, "private_metadata", "/view", MAX_PRIVATE_METADATA)
    checking.string(view, "callback_id", "/view", 255)
    blocks = view.get("blocks") or []
    if view["type"] == "modal" and "submit" not in view and any(each.get("type") == "input" for each in blocks):
        checking.say("a modal with inputs needs `submit`", "/view")
    return [*checking.problems, *_problems(blocks, checking.surface, "/view/blocks", MAX_VIEW_BLOCKS, least=1)]


def _problems(blocks: object, surface: str, path: str, most: int, *, least: int) -> list[str]:
    if not isinstance(blocks, list):
        return [f"must be an array [json-pointer:{path}]"]
    checking = Checking(surface)
    if not least <= len(blocks) <= most:
        checking.say(f"must have {least} to {most} items, not {len(blocks)}", path)
    for number, block in enumerate(blocks):
        checking.block(block, f"{path}/{number}")
    if checking.markdown > MAX_MARKDOWN:
        checking.say(f"markdown of all blocks must be at most {MAX_MARKDOWN} characters, not {checking.markdown}", path)
    if checking.table_chars > MAX_TABLE_CHARS:
        checking.say(f"tables must be at most {MAX_TABLE_CHARS} characters, not {checking.table_chars}", path)
    return checking.problems


@dataclass
class Checking:
    """One look at the blocks of a message or view; `problems` grows."""

    surface: str
    problems: list[str] = field(default_factory=list)
    block_ids: set[str] = field(default_factory=set)
    task_ids: set[str] = field(default_factory=set)
    markdown: int = 0
    table_chars: int = 0
    tables: int = 0
    focused: int = 0

    def say(self, problem: str, path: str) -> None:
        self.problems.append(f"{problem} [json-pointer:{path}]")

    def fields(self, item: Json, known: set[str], needed: set[str], path: str) -> None:
        for name in sorted(needed - {name for name, value in item.items() if value not in (None, "")}):
            self.say(f"missing required field: {name}", path)
        for name in sorted(set(item) - known):
            self.say(f"no more fields allowed: {name}", path)

    def string(self, item: Json, name: str, path: str, most: int, *, least: int = 0) -> None:
        value = item.get(name)
        if value is None:
            return
        if not isinstance(value, str):
            self.say("must be a string", f"{path}/{name}")
        elif len(value) > most:
            self.say(f"must be at most {most} characters, not {len(value)}", f"{path}/{name}")
        elif len(value) < least:
            self.say(f"must be at least {least} characters", f"{path}/{name}")

    def url(self, item: Json, name: str, path: str) -> None:
        self.string(item, name, path, MAX_URL)
        value = item.get(name)
        if isinstance(value, str) and not value.startswith(("http://", "https://")):
            self.say("must be an address", f"{path}/{name}")

    def items(self, item: Json, name: str, path: str, least: int, most: int) -> list[Any]:
        found = item.get(name)
        if not isinstance(found, list):
            self.say("must be an array", f"{path}/{name}")
            return []
        if not least <= len(found) <= most:
            self.say(f"must have {least} to {most} items, not {len(found)}", f"{path}/{name}")
        return found

    def text(self, item: object, path: str, most: int, *, kinds: tuple[str, ...] = ("plain_text", "mrkdwn")) -> None:
        """A text object: https://docs.slack.dev/reference/block-kit/composition-objects/text-object."""
        if not isinstance(item, dict) or item.get("type") not in kinds:
            self.say(f"must be a text of type {' or '.join(kinds)}", path)
            return
        known = {"type", "text", "emoji"} if item["type"] == "plain_text" else {"type", "text", "verbatim"}
        self.fields(item, known, {"text"}, path)
        self.string(item, "text", path, most, least=1)

    def block(self, block: object, path: str) -> None:
        allowed = IN_MESSAGES if self.surface == MESSAGE else IN_VIEWS
        if not isinstance(block, dict) or block.get("type") not in allowed:
            kind = block.get("type") if isinstance(block, dict) else block
            self.say(f"unsupported type: {kind}", path)
            return
        self.string(block, "block_id", path, 255)
        block_id = block.get("block_id")
        if block_id is not None and block_id in self.block_ids:
            self.say(f"`block_id` {block_id} already exists", path)
        self.block_ids.add(block_id or "")
        from tests.fakes.slack_block_kinds import BLOCKS

        BLOCKS[block["type"]](self, block, path)

    # --- elements ---

    def element(self, item: object, path: str, allowed: set[str], actions: set[str]) -> None:
        """An interactive element; `actions` are the ids used in the block so far."""
        if not isinstance(item, dict) or item.get("type") not in allowed:
            self.say(f"unsupported type: {item.get('type') if isinstance(item, dict) else item}", path)
            return
        self.string(item, "action_id", path, 255)
        if item.get("action_id") is not None and item["action_id"] in actions:
            self.say(f"`action_id` {item['action_id']} already exists", path)
        actions.add(item.get("action_id") or "")
        self.focused += bool(item.get("focus_on_load"))
        if self.focused > 1:
            self.say("only one element may set `focus_on_load`", path)
        if "confirm" in item:
            self.confirm(item["confirm"], f"{path}/confirm")
        if "placeholder" in item:
            self.text(item["placeholder"], f"{path}/placeholder", 150, kinds=("plain_text",))
        from tests.fakes.slack_block_kinds import ELEMENTS

        check = ELEMENTS.get(item["type"])
        if check is not None:
            check(self, item, path)

    def confirm(self, item: object, path: str) -> None:
        if not isinstance(item, dict):
            self.say("must be an object", path)
            return
        self.fields(item, {"title", "text", "confirm", "deny", "style"}, {"title", "text", "confirm", "deny"}, path)
        for name, most in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
            if name in item:
                kinds = ("plain_text", "mrkdwn") if name == "text" else ("plain_text",)
                self.text(item[name], f"{path}/{name}", most, kinds=kinds)
        self.style(item, path)

    def style(self, item: Json, path: str) -> None:
        if item.get("style") not in (None, "primary", "danger"):
            self.say("must be `primary` or `danger`", f"{path}/style")

    def options(self, item: Json, path: str, most: int, *, value_chars: int = 150) -> None:
        values: list[str] = []
        for number, option in enumerate(self.items(item, "options", path, 1, most)):
            here = f"{path}/options/{number}"
            self.fields(option, {"text", "value", "description", "url"}, {"text"}, here)
            self.text(option.get("text"), f"{here}/text", 75)
            self.string(option, "value", here, value_chars, least=1)
            if "description" in option:
                self.text(option["description"], f"{here}/description", 75)
            values.append(option.get("value", ""))
        if len(values) != len(set(values)):
            self.say("values of options must be unique", f"{path}/options")
        known = item.get("options") or []
        chosen = item.get("initial_options") or ([item["initial_option"]] if "initial_option" in item else [])
        if any(each not in known for each in chosen):
            self.say("an initial option must be one of the options", path)


def texts_in(item: object) -> Iterator[str]:
    """Every text that people read in blocks, in order."""
    if isinstance(item, dict):
        for name, value in item.items():
            if name in ("text", "title") and isinstance(value, str):
                yield value
            elif name not in ("value", "url", "action_id", "block_id", "private_metadata"):
                yield from texts_in(value)
    elif isinstance(item, list):
        for each in item:
            yield from texts_in(each)
