"""A thread in which SAHUR can never post (again): who reported there is told directly, so that no run ends in silence."""

from __future__ import annotations

from sahur.batch.effects import DeliveryError
from sahur.issues import models
from sahur.slack.blocks.block_kit import Block, Post, context, fallback, section
from sahur.slack.blocks.card import name_of, open_button, page_of
from sahur.slack.delivery.answers import answer_of
from sahur.slack.delivery.posts import Result, post_at, run_of
from sahur.slack.delivery.roots import direct_channel
from sahur.slack.web_api import WHAT_TO_DO

AWAY = frozenset(
    {
        "channel_not_found",
        "is_archived",
        "not_in_channel",
        "restricted_action",
        "restricted_action_read_only_channel",
        "restricted_action_thread_locked",
        "thread_not_found",
        "user_not_in_channel",
    }
)
"""Slack's words for a place in which the app cannot speak."""
MISSED = {
    "slack.card": "is being investigated, but I cannot say so where you reported it.",
    "slack.input": "waits for an answer of a person, and I cannot ask for it where it was reported. It can be given on its page.",
    "slack.answer": "has ended, and I cannot say so where it was reported.",
}


GO_ON = "All of it is on its page, where you can also answer it: what you write here begins another report."
"""The thread is not here: nothing that is pressed or said in this conversation could belong to it."""


def deliver_away(effect: models.Effect) -> Result:
    """Nothing of an end where the thread has left meanwhile. Raises `DeliveryError`."""
    run, thread, kind = run_of(effect), effect.thread, str(effect.payload["instead_of"])
    if thread is None or kind not in MISSED:
        raise DeliveryError("There is nobody to tell.", permanent=True)
    why = WHAT_TO_DO.get(str(effect.payload["reason"]), "")
    text = f"{run.issue.key} {MISSED[kind]} {why}".strip()
    blocks: list[Block] = [section(f"<{page_of(run)}|{run.issue.key}> {MISSED[kind]} {why}".strip())]
    address = page_of(run)
    if kind == "slack.answer":
        # As the thread's readers would have seen it: its reporter is one of them.
        told = answer_of(effect)
        if not told:
            return {}
        text, blocks = f"{text} {told[0].text}", [*blocks, *_shown(told[0])]
    blocks += [context(f"{name_of(run)}  ·  {GO_ON}"), {"type": "actions", "elements": [open_button(run)]}]
    return post_at(effect, Post(text=fallback(text), blocks=blocks, address=address), direct_channel(effect, thread.user_id))


def _shown(told: Post) -> list[Block]:
    """Without its buttons, and without its last line, which says how it goes on in the thread."""
    return [block for block in told.blocks if block["type"] not in ("actions", "context_actions")][:-1]
