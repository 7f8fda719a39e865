"""What people say of an answer: the buttons under it, the form for the real cause, and the thanks to who pressed."""

from __future__ import annotations

from typing import Any

from sahur.issues import models
from sahur.slack.blocks import actions
from sahur.slack.blocks.block_kit import Block, Post, brief, context, fallback, plain_text, section
from sahur.slack.blocks.card import name_of, page_of
from sahur.slack.blocks.modals import checkbox, form, text_input
from sahur.slack.markup import escape

UP, DOWN = "up", "down"
WITHDRAW = "withdraw"
VOTES = {UP: models.Vote.UP, DOWN: models.Vote.DOWN}
TAKEN_BACK = "Your vote is taken back, with its comment."
MAX_CAUSE_CHARS = 1_800


def feedback_blocks(run_id: Any, *, is_plain: bool = False) -> list[Block]:
    """Whether the answer of the run helped, and what it really was; `is_plain`: without Slack's own feedback buttons."""
    cause = _button(actions.REAL_CAUSE, "The real cause was…", str(run_id))
    if is_plain:
        votes = [_button(f"{actions.FEEDBACK}:{vote}", label, f"{run_id}:{vote}") for vote, label in _LABELS.items()]
        return [{"type": "actions", "elements": [*votes, cause]}]
    halves = {
        name: {"text": plain_text(_LABELS[vote]), "value": f"{run_id}:{vote}", "accessibility_label": f"The answer is {words}"}
        for name, vote, words in (("positive_button", UP, "helpful"), ("negative_button", DOWN, "not helpful"))
    }
    buttons = {"type": "feedback_buttons", "action_id": actions.FEEDBACK, **halves}
    return [{"type": "context_actions", "elements": [buttons]}, {"type": "actions", "elements": [cause]}]


def thanks(run: models.Run, stored: str) -> Post:
    """For the person alone: what is stored, and how to change it. `stored` is plain text."""
    where = f"{run.issue.key} run {run.number}"
    text = f"Thank you. Stored for {where}, and shown on its page: {escape(stored)}\nA further vote replaces it."
    blocks = [
        section(text),
        {"type": "actions", "elements": [_button(f"{actions.FEEDBACK}:{WITHDRAW}", "Take it back", str(run.id))]},
    ]
    return Post(text=text, blocks=blocks)


def cause_post(run: models.Run, author: str, cause: str | None, *, is_closed: bool) -> Post:
    """For everybody: somebody has said what it really was. Without `cause` these readers may not see it."""
    who, address = escape(brief(author, 100)), page_of(run)
    said = f"what the real cause was. It stands <{address}|on the page>."
    if cause is not None:
        said = f"what the real cause was: {escape(brief(cause))}"
    closed = f"  ·  {run.issue.key} is closed" if is_closed else ""
    note = context(f"Said of the answer of <{address}|{name_of(run)}>{closed}")
    told = fallback(f"{author} has said what the real cause of {run.issue.key} was{f': {cause}' if cause else ''}")
    return Post(text=told, blocks=[section(f":pushpin: *{who}* has said {said}"), note], address=address)


def cause_taken_back(run: models.Run, author: str) -> Post:
    """The same message, once what it told holds no more."""
    text = f"{author} has taken back what they had said of the real cause of {run.issue.key}."
    return Post(text=fallback(text), blocks=[context(escape(text))], address=page_of(run))


def real_cause_form(run: models.Run, metadata: str) -> dict[str, Any]:
    """Block ids are the names of `feedback_actions.RealCause`, but for `comment`, as which its text is stored."""
    key = run.issue.key
    blocks = [
        text_input(
            "comment", "The real cause was", most=MAX_CAUSE_CHARS, hint="Stored as your vote “not helpful” with this comment."
        ),
        checkbox("is_outside", "Where it was", "Nothing in the code caused it"),
        text_input("commit", "Commit that caused it", is_long=False, is_optional=True, most=64, hint="Its sha, if there is one."),
        checkbox("closes", "The issue", f"Close {key} with this as what it really was", is_checked=True),
    ]
    return form(actions.REAL_CAUSE, "The real cause", "Send", blocks, metadata)


_LABELS = {UP: "Helpful", DOWN: "Not helpful"}


def _button(action_id: str, label: str, value: str) -> dict[str, Any]:
    return {"type": "button", "action_id": action_id, "text": plain_text(label), "value": value}
