"""What each kind of block and element may hold, in Slack's documented limits; `slack_blocks` goes through a message with it.

https://docs.slack.dev/reference/block-kit/blocks and https://docs.slack.dev/reference/block-kit/block-elements.
"""

from __future__ import annotations

from tests.fakes.slack_blocks import MAX_MARKDOWN, Check, Checking, Json, texts_in

SELECTS = {
    f"{many}{kind}_select" for many in ("", "multi_") for kind in ("static", "external", "users", "conversations", "channels")
}
PICKERS = {"datepicker", "timepicker", "datetimepicker", "checkboxes", "radio_buttons"}
TYPED = {"plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input", "file_input"}
IN_SECTION = {"button", "image", "overflow", "workflow_button", *SELECTS, *(PICKERS - {"datetimepicker"})}
IN_ACTIONS = {"button", "overflow", "workflow_button", *(name for name in SELECTS if not name.startswith("multi_")), *PICKERS}
IN_INPUT = {*SELECTS, *PICKERS, *TYPED}
STATUSES = {"pending", "in_progress", "complete", "error"}
LEVELS = {"default", "info", "warning", "error", "success"}


def _section(checking: Checking, block: Json, path: str) -> None:
    checking.fields(block, {"type", "block_id", "text", "fields", "accessory", "expand"}, set(), path)
    if "text" not in block and "fields" not in block:
        checking.say("needs `text` or `fields`", path)
    if "text" in block:
        checking.text(block["text"], f"{path}/text", 3_000)
    if "fields" in block:
        for number, item in enumerate(checking.items(block, "fields", path, 1, 10)):
            checking.text(item, f"{path}/fields/{number}", 2_000)
    if "accessory" in block:
        checking.element(block["accessory"], f"{path}/accessory", IN_SECTION, set())


def _header(checking: Checking, block: Json, path: str) -> None:
    checking.fields(block, {"type", "block_id", "text", "level"}, {"text"}, path)
    checking.text(block.get("text"), f"{path}/text", 150, kinds=("plain_text",))


def _divider(checking: Checking, block: Json, path: str) -> None:
    checking.fields(block, {"type", "block_id"}, set(), path)


def _image(checking: Checking, block: Json, path: str) -> None:
    checking.fields(block, {"type", "block_id", "image_url", "slack_file", "alt_text", "title"}, {"alt_text"}, path)
    checking.url(block, "image_url", path)
    checking.string(block, "alt_text", path, 2_000)
    if "title" in block:
        checking.text(block["title"], f"{path}/title", 2_000, kinds=("plain_text",))


def _context(checking: Checking, block: Json, path: str) -> None:
    checking.fields(block, {"type", "block_id", "elements"}, {"elements"}, path)
    for number, item in enumerate(checking.items(block, "elements", path, 1, 10)):
        here = f"{path}/elements/{number}"
        if item.get("type") == "image":
            checking.url(item, "image_url", here)
        else:
            checking.text(item, here, 3_000)


def _actions(checking: Checking, block: Json, path: str) -> None:
    checking.fields(block, {"type", "block_id", "elements"}, {"elements"}, path)
    used: set[str] = set()
    for number, item in enumerate(checking.items(block, "elements", path, 1, 25)):
        checking.element(item, f"{path}/elements/{number}", IN_ACTIONS, used)


def _context_actions(checking: Checking, block: Json, path: str) -> None:
    checking.fields(block, {"type", "block_id", "elements"}, {"elements"}, path)
    used: set[str] = set()
    for number, item in enumerate(checking.items(block, "elements", path, 1, 5)):
        checking.element(item, f"{path}/elements/{number}", {"feedback_buttons", "icon_button"}, used)


def _input(checking: Checking, block: Json, path: str) -> None:
    known = {"type", "block_id", "label", "element", "dispatch_action", "hint", "optional"}
    checking.fields(block, known, {"label", "element"}, path)
    checking.text(block.get("label"), f"{path}/label", 2_000, kinds=("plain_text",))
    if "hint" in block:
        checking.text(block["hint"], f"{path}/hint", 2_000, kinds=("plain_text",))
    checking.element(block.get("element"), f"{path}/element", IN_INPUT, set())


def _markdown(checking: Checking, block: Json, path: str) -> None:
    checking.fields(block, {"type", "block_id", "text"}, {"text"}, path)
    checking.string(block, "text", path, MAX_MARKDOWN, least=1)
    checking.markdown += len(str(block.get("text") or ""))


def _task_card(checking: Checking, block: Json, path: str) -> None:
    known = {"type", "block_id", "task_id", "title", "details", "output", "sources", "status"}
    checking.fields(block, known, {"task_id", "title"}, path)
    checking.string(block, "title", path, 256, least=1)
    if block.get("task_id") in checking.task_ids:
        checking.say(f"`task_id` {block['task_id']} already exists", path)
    checking.task_ids.add(str(block.get("task_id")))
    if block.get("status") not in (None, *STATUSES):
        checking.say(f"must be one of {', '.join(sorted(STATUSES))}", f"{path}/status")
    for name in ("details", "output"):
        if name in block:
            _one_rich_text(checking, block[name], f"{path}/{name}")
    for number, source in enumerate(block.get("sources") or []):
        here = f"{path}/sources/{number}"
        checking.fields(source, {"type", "url", "text", "icon_url"}, {"type", "url", "text"}, here)
        checking.url(source, "url", here)
        if source.get("type") != "url":
            checking.say("must be `url`", f"{here}/type")


def _one_rich_text(checking: Checking, item: object, path: str) -> None:
    if not isinstance(item, dict) or item.get("type") != "rich_text":
        checking.say("must be a rich_text", path)
    else:
        _rich_text(checking, item, path)


def _plan(checking: Checking, block: Json, path: str) -> None:
    checking.fields(block, {"type", "block_id", "title", "tasks"}, {"title"}, path)
    if not isinstance(block.get("title"), str):
        checking.say("must be a string", f"{path}/title")
    if "tasks" in block:
        for number, task in enumerate(checking.items(block, "tasks", path, 1, 50)):
            here = f"{path}/tasks/{number}"
            if task.get("type", "task_card") != "task_card":
                checking.say("must be a task_card", here)
            _task_card(checking, task, here)


def _alert(checking: Checking, block: Json, path: str) -> None:
    checking.fields(block, {"type", "block_id", "text", "level"}, {"text"}, path)
    checking.text(block.get("text"), f"{path}/text", 3_000)
    if block.get("level") not in (None, *LEVELS):
        checking.say(f"must be one of {', '.join(sorted(LEVELS))}", f"{path}/level")


def _card(checking: Checking, block: Json, path: str) -> None:
    for name, most in (("title", 150), ("subtitle", 150), ("body", 200)):
        if name in block:
            checking.text(block[name], f"{path}/{name}", most)
    used: set[str] = set()
    for number, item in enumerate(block.get("actions") or []):
        checking.element(item, f"{path}/actions/{number}", {"button"}, used)


def _table(checking: Checking, block: Json, path: str) -> None:
    checking.fields(block, {"type", "block_id", "rows", "column_settings"}, {"rows"}, path)
    checking.tables += 1
    if checking.tables > 1:
        checking.say("only one table allowed", path)
    for number, row in enumerate(checking.items(block, "rows", path, 1, 100)):
        if not isinstance(row, list) or not 0 < len(row) <= 20:
            checking.say("must have 1 to 20 cells", f"{path}/rows/{number}")
            continue
        for place, cell in enumerate(row):
            if cell.get("type") not in ("raw_text", "rich_text"):
                checking.say("must be raw_text or rich_text", f"{path}/rows/{number}/{place}")
            if cell.get("type") == "raw_text" and not cell.get("text"):
                checking.say("must be at least 1 characters", f"{path}/rows/{number}/{place}/text")
            checking.table_chars += sum(len(text) for text in texts_in(cell))
    if "column_settings" in block:
        checking.items(block, "column_settings", path, 0, 20)


RICH_PARTS = {"rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted"}
RICH_LEAVES = {"text", "link", "emoji", "user", "channel", "usergroup", "date", "broadcast", "color"}


def _rich_text(checking: Checking, block: Json, path: str) -> None:
    checking.fields(block, {"type", "block_id", "elements"}, {"elements"}, path)
    for number, part in enumerate(block.get("elements") or []):
        here = f"{path}/elements/{number}"
        if part.get("type") not in RICH_PARTS:
            checking.say(f"unsupported type: {part.get('type')}", here)
        for leaf in part.get("elements") or []:
            if leaf.get("type") not in RICH_LEAVES | RICH_PARTS:
                checking.say(f"unsupported type: {leaf.get('type')}", here)
            if leaf.get("type") == "text" and not leaf.get("text"):
                checking.say("must be at least 1 characters", here)


def _button(checking: Checking, item: Json, path: str) -> None:
    known = {"type", "text", "action_id", "url", "value", "style", "confirm", "accessibility_label"}
    checking.fields(item, known, {"text"}, path)
    checking.text(item.get("text"), f"{path}/text", 75, kinds=("plain_text",))
    checking.string(item, "value", path, 2_000)
    checking.string(item, "accessibility_label", path, 75)
    checking.url(item, "url", path)
    checking.style(item, path)


def _icon_button(checking: Checking, item: Json, path: str) -> None:
    checking.fields(
        item, {"type", "icon", "text", "action_id", "value", "confirm", "accessibility_label", "visible_to_user_ids"},
        {"icon", "text"}, path,
    )  # fmt: skip
    checking.text(item.get("text"), f"{path}/text", 75, kinds=("plain_text",))
    checking.string(item, "value", path, 2_000)


def _feedback_buttons(checking: Checking, item: Json, path: str) -> None:
    checking.fields(
        item, {"type", "action_id", "positive_button", "negative_button"}, {"positive_button", "negative_button"}, path
    )
    for name in ("positive_button", "negative_button"):
        button = item.get(name) or {}
        checking.fields(button, {"text", "value", "accessibility_label"}, {"text", "value"}, f"{path}/{name}")
        checking.text(button.get("text"), f"{path}/{name}/text", 75, kinds=("plain_text",))
        checking.string(button, "value", f"{path}/{name}", 2_000)
        checking.string(button, "accessibility_label", f"{path}/{name}", 75)


def _plain_text_input(checking: Checking, item: Json, path: str) -> None:
    most = item.get("max_length", 3_000)
    if not 1 <= most <= 3_000 or not 0 <= item.get("min_length", 0) <= 3_000:
        checking.say("lengths must be at most 3000", path)
    checking.string(item, "initial_value", path, most)


def _options(most: int, value_chars: int = 150) -> Check:
    return lambda checking, item, path: checking.options(item, path, most, value_chars=value_chars)


def _static_select(checking: Checking, item: Json, path: str) -> None:
    if "option_groups" not in item:
        checking.options(item, path, 100)
        return
    for number, group in enumerate(checking.items(item, "option_groups", path, 1, 100)):
        checking.text(group.get("label"), f"{path}/option_groups/{number}/label", 75, kinds=("plain_text",))
        checking.options(group, f"{path}/option_groups/{number}", 100)


BLOCKS: dict[str, Check] = {
    "section": _section, "header": _header, "divider": _divider, "image": _image, "context": _context, "actions": _actions,
    "context_actions": _context_actions, "input": _input, "markdown": _markdown, "task_card": _task_card, "plan": _plan,
    "alert": _alert, "card": _card, "table": _table, "rich_text": _rich_text,
}  # fmt: skip
ELEMENTS: dict[str, Check] = {
    "button": _button, "icon_button": _icon_button, "feedback_buttons": _feedback_buttons, "plain_text_input": _plain_text_input,
    "overflow": _options(5), "radio_buttons": _options(10), "checkboxes": _options(10), "static_select": _static_select,
    "multi_static_select": _static_select,
}  # fmt: skip
