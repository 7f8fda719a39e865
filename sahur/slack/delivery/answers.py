"""How a run ended, as a message of its own."""

from __future__ import annotations

from sahur.issues import mapping, models
from sahur.slack.blocks import card
from sahur.slack.blocks.block_kit import Post
from sahur.slack.delivery.posts import Result, after_card, post_once, run_of
from sahur_core.events import RunCanceled


def deliver_answer(effect: models.Effect) -> Result:
    after_card(effect)
    return post_once(effect, _answer(effect))


def _answer(effect: models.Effect) -> Post:
    run = run_of(effect)
    solution = models.Solution.objects.filter(run=run).first()
    end = effect.payload.get("event", {})
    canceled = RunCanceled.model_validate(end) if end.get("kind") == "run.canceled" else None
    return card.answer(run, mapping.solution(solution) if solution else None, canceled)
