"""What Slack would refuse is refused here: one wrong thing at a time, beside the same thing done right."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.slack_blocks import problems_of_message, problems_of_view


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def section(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def button(action_id: str = "a", **more: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": action_id, "text": plain("Press"), "value": "1", **more}


def select(**more: Any) -> dict[str, Any]:
    return {"type": "static_select", "action_id": "s", "options": [{"text": plain("One"), "value": "1"}], **more}


def labeled(element: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "input", "label": plain("Label"), "element": element, **more}


def task(**more: Any) -> dict[str, Any]:
    return {"type": "task_card", "task_id": "1", "title": "Read", "status": "complete", **more}


def feedback(**more: Any) -> dict[str, Any]:
    halves = {f"{name}_button": {"text": plain("Good"), "value": name} for name in ("positive", "negative")}
    return {"type": "context_actions", "elements": [{"type": "feedback_buttons", "action_id": "f", **halves, **more}]}


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "modal", "title": plain("Title"), "submit": plain("Send"), "blocks": list(blocks), **more}


CONFIRM = {"title": plain("Sure?"), "text": plain("It stops."), "confirm": plain("Stop"), "deny": plain("Go on")}
TEXT = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}]}
SOURCE = {"type": "url", "url": "https://x.example", "text": "x"}


@pytest.mark.parametrize(
    ("right", "wrong", "problem"),
    [
        ([section("x" * 3_000)], [section("x" * 3_001)], "at most 3000"),
        ([section("x")], [section("")], "missing required field: text"),
        ([section("x")], [section("x", colour="red")], "no more fields allowed: colour"),
        ([section("x", block_id="a"), section("x")], [section("x", block_id="a"), section("x", block_id="a")], "already exists"),
        ([section("x")] * 50, [section("x")] * 51, "0 to 50 items"),
        (
            [{"type": "section", "fields": [plain("x" * 2_000)] * 10}],
            [{"type": "section", "fields": [plain("x")] * 11}],
            "1 to 10 items",
        ),
        ([{"type": "header", "text": plain("x" * 150)}], [{"type": "header", "text": plain("x" * 151)}], "at most 150"),
        (
            [{"type": "header", "text": plain("x")}],
            [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
            "type plain_text",
        ),
        ([{"type": "context", "elements": [plain("x")] * 10}], [{"type": "context", "elements": [plain("x")] * 11}], "1 to 10"),
        ([{"type": "markdown", "text": "x" * 6_000}] * 2, [{"type": "markdown", "text": "x" * 6_001}] * 2, "12000"),
        (
            [{"type": "actions", "elements": [button(str(number)) for number in range(25)]}],
            [{"type": "actions", "elements": [button(str(number)) for number in range(26)]}],
            "1 to 25",
        ),
        (
            [{"type": "actions", "elements": [button("a"), button("b")]}],
            [{"type": "actions", "elements": [button("a"), button("a")]}],
            "`action_id` a already exists",
        ),
        ([section("x", accessory=button())], [section("x", accessory=button(text=plain("x" * 76)))], "at most 75"),
        ([section("x", accessory=button())], [section("x", accessory=button(value="x" * 2_001))], "at most 2000"),
        ([section("x", accessory=button())], [section("x", accessory=button(style="green"))], "`primary` or `danger`"),
        (
            [section("x", accessory=button(url="https://x.example"))],
            [section("x", accessory=button(url="https://x.example/" + "x" * 3_000))],
            "at most 3000",
        ),
        (
            [section("x", accessory=button(confirm=CONFIRM))],
            [section("x", accessory=button(confirm={**CONFIRM, "confirm": plain("x" * 31)}))],
            "at most 30",
        ),
        ([section("x", accessory=select())], [section("x", accessory=select(options=[]))], "1 to 100"),
        (
            [section("x", accessory=select())],
            [section("x", accessory=select(options=[{"text": plain("x"), "value": "1"}] * 2))],
            "must be unique",
        ),
        (
            [section("x", accessory=select())],
            [section("x", accessory=select(initial_option={"text": plain("y"), "value": "9"}))],
            "must be one of the options",
        ),
        ([task(details=TEXT, sources=[SOURCE])], [task(status="done")], "must be one of complete"),
        ([task()], [task(details={"type": "mrkdwn", "text": "x"})], "must be a rich_text"),
        ([task()], [task(sources=[{**SOURCE, "url": "ftp://x"}])], "must be an address"),
        (
            [{"type": "plan", "title": "Plan", "tasks": [task(), task(task_id="2")]}],
            [{"type": "plan", "title": "Plan", "tasks": [task(), task()]}],
            "`task_id` 1 already exists",
        ),
        ([feedback()], [feedback(positive_button={"text": plain("Good")})], "missing required field: value"),
        ([feedback()], [{"type": "actions", "elements": feedback()["elements"]}], "unsupported type: feedback_buttons"),
        (
            [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * 20] * 100}],
            [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * 21]}],
            "1 to 20 cells",
        ),
        ([section("x")], [{"type": "chart"}], "unsupported type: chart"),
    ],
)
def test_a_message_keeps_the_limits(right: list[Any], wrong: list[Any], problem: str) -> None:
    assert problems_of_message(right) == []
    assert any(problem in each for each in problems_of_message(wrong)), problems_of_message(wrong)


@pytest.mark.parametrize(
    ("right", "wrong", "problem"),
    [
        (modal(section("x")), modal(section("x"), title=plain("x" * 25)), "at most 24"),
        (modal(section("x"), private_metadata="x" * 3_000), modal(section("x"), private_metadata="x" * 3_001), "at most 3000"),
        (modal(*[section("x")] * 100), modal(*[section("x")] * 101), "1 to 100"),
        (modal(labeled(select())), {**modal(labeled(select())), "submit": None, "title": None}, "missing required field: title"),
        (modal(section("x")), modal({"type": "plan", "title": "Plan"}), "unsupported type: plan"),
        (
            modal(labeled({"type": "plain_text_input", "action_id": "t", "max_length": 3_000})),
            modal(labeled({"type": "plain_text_input", "action_id": "t", "max_length": 3_001})),
            "lengths must be at most 3000",
        ),
        (modal(labeled(select())), modal(labeled(button())), "unsupported type: button"),
    ],
)
def test_a_view_keeps_the_limits(right: dict[str, Any], wrong: dict[str, Any], problem: str) -> None:
    assert problems_of_view(right) == []
    assert any(problem in each for each in problems_of_view(wrong)), problems_of_view(wrong)


def test_a_modal_with_inputs_can_be_sent() -> None:
    view = modal(labeled(select()))
    del view["submit"]
    assert problems_of_view(view) == ["a modal with inputs needs `submit` [json-pointer:/view]"]
