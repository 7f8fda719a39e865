"""The card of a run in a thread."""

from __future__ import annotations

from sahur.issues import models
from sahur.slack.blocks import card
from sahur.slack.blocks.block_kit import Post
from sahur.slack.blocks.hypotheses import leading
from sahur.slack.delivery.posts import Result, post_once, posted_by, run_of, update


def deliver_card(effect: models.Effect) -> Result:
    return post_once(effect, _card(effect))


def deliver_card_update(effect: models.Effect) -> Result:
    return update(effect, posted_by(effect, "slack.card"), lambda: _card(effect))


def _card(effect: models.Effect) -> Post:
    run = run_of(effect)
    return card.card(run, leading(run))
