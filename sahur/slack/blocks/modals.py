"""The forms that buttons open: an answer, other arguments, another amount; and what all forms are made of.

Block ids are the names of what the actions take, so that what they refuse is shown at its field. Limits:
https://docs.slack.dev/reference/views (24 characters in a title), …/block-kit/block-elements/plain-text-input-element (3,000).
"""

from __future__ import annotations

from typing import Any

from sahur.issues import models
from sahur.slack.blocks.block_kit import Block, plain_text, section
from sahur.slack.blocks.requests import shown_arguments
from sahur.slack.markup import escape
from sahur_core.issues import BudgetMeasure, Decision, InputKind

ANSWER = "input_answer"
EDIT = "input_edit"
BUDGET = "input_budget"
MAX_INPUT_CHARS = 3_000
VALUE = "value"
"""The action id of the element of each block."""
AMOUNTS = {
    BudgetMeasure.COST_USD: "How many US dollars more",
    BudgetMeasure.TOKENS: "How many tokens more",
    BudgetMeasure.TOOL_CALLS: "How many tool calls more",
    BudgetMeasure.SECONDS: "How many seconds of work more",
}


def request_form(request: models.InputRequest, decision: Decision, metadata: str) -> dict[str, Any]:
    """The form for a decision that needs words, arguments or an amount, for who may see all of the request."""
    about = section(escape(request.prompt))
    if decision is Decision.RESPOND:
        title = "Answer" if request.kind == InputKind.QUESTION else "Answer instead"
        return form(ANSWER, title, "Send", [about, text_input("answer", "Your answer")], metadata)
    if request.kind == InputKind.BUDGET:
        return form(BUDGET, "Another amount", "Grant this much", [about, _amount(request)], metadata)
    hint = "JSON. The tool is called with exactly these."
    field = text_input("arguments", "Arguments to use instead", initial=shown_arguments(request.arguments), hint=hint)
    return form(EDIT, "Change the call", "Approve changed", [section(f"`{escape(request.tool)}`"), field], metadata)


def form(callback_id: str, title: str, submit: str, blocks: list[Block], metadata: str) -> dict[str, Any]:
    """A modal. `metadata` comes back with what was filled in."""
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain_text(title),
        "submit": plain_text(submit),
        "close": plain_text("Cancel"),
        "private_metadata": metadata,
        "blocks": blocks,
    }


def text_input(
    block_id: str,
    label: str,
    *,
    initial: str = "",
    hint: str = "",
    is_long: bool = True,
    is_optional: bool = False,
    most: int = 0,
) -> Block:
    element: dict[str, Any] = {
        "type": "plain_text_input",
        "action_id": VALUE,
        "multiline": is_long,
        "max_length": most or MAX_INPUT_CHARS,
        **({"initial_value": initial} if initial else {}),
    }
    return _input(block_id, label, element, hint=hint, is_optional=is_optional)


def checkbox(block_id: str, label: str, option: str, *, is_checked: bool = False) -> Block:
    """One box; ticked, its value is `yes`."""
    yes = {"text": plain_text(option), "value": "yes"}
    element = {"type": "checkboxes", "action_id": VALUE, "options": [yes], **({"initial_options": [yes]} if is_checked else {})}
    return _input(block_id, label, element, is_optional=True)


def entered(view: dict[str, Any], block_id: str) -> str:
    """What was typed into a field; empty if nothing was."""
    return str(_state(view, block_id).get("value") or "")


def is_ticked(view: dict[str, Any], block_id: str) -> bool:
    return bool(_state(view, block_id).get("selected_options"))


def _state(view: dict[str, Any], block_id: str) -> dict[str, Any]:
    state: dict[str, Any] = view.get("state", {}).get("values", {}).get(block_id, {}).get(VALUE) or {}
    return state


def _amount(request: models.InputRequest) -> Block:
    measure = BudgetMeasure(request.arguments["measure"])
    element = {
        "type": "number_input",
        "action_id": VALUE,
        "is_decimal_allowed": measure is BudgetMeasure.COST_USD,
        "min_value": "0",
        "initial_value": f"{request.arguments.get('raise_by', 0):g}",
    }
    return _input("arguments", AMOUNTS[measure], element)


def _input(block_id: str, label: str, element: dict[str, Any], *, hint: str = "", is_optional: bool = False) -> Block:
    shown = {"hint": plain_text(hint)} if hint else {}
    told = {"label": plain_text(label), "optional": is_optional, **shown}
    return {"type": "input", "block_id": block_id, "element": element, **told}
