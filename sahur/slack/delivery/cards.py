"""The card of a run in a thread."""

from __future__ import annotations

from sahur.batch.effects import DeliveryError
from sahur.issues import models
from sahur.slack.blocks.block_kit import Post
from sahur.slack.blocks.card import Shown, card, elsewhere, still_waiting
from sahur.slack.blocks.hypotheses import leading
from sahur.slack.delivery.posts import Result, after_card, has_left, post_once, posted_by, run_of, update
from sahur.slack.progress import Progress, progress_of, said_to
from sahur.slack.visibility import sight_of
from sahur_core.issues import InputKind, RunStatus


def deliver_card(effect: models.Effect) -> Result:
    return post_once(effect, _card(effect))


def deliver_card_update(effect: models.Effect) -> Result:
    return update(effect, posted_by(effect, "slack.card"), lambda: _card(effect))


def deliver_unclaimed(effect: models.Effect) -> Result:
    """That nobody has begun the run yet; nothing where somebody has meanwhile."""
    after_card(effect)
    run = run_of(effect)
    if run.status != RunStatus.QUEUED or run.started_at is not None:
        return {}
    return post_once(effect, still_waiting(run))


def _card(effect: models.Effect) -> Post:
    """As the thread's readers may see it, and as things stand now."""
    run, thread = run_of(effect), effect.thread
    if thread is None:
        raise DeliveryError("The issue names no Slack thread to answer in.", permanent=True)
    if has_left(run, thread):
        return elsewhere(run, thread.issue)
    sight = sight_of(run, thread)
    held = leading(run)
    return card(
        run,
        Shown(
            title=sight.title(run.issue),
            progress=progress_of(run) if sight.is_whole else Progress(),
            hypothesis=sight.hypothesis(held) if held else None,
            said=said_to(run),
            offered=_offered(run),
        ),
    )


def _offered(run: models.Run) -> str:
    """The key of the issue that its report may join, until somebody has decided."""
    asked = run.input_requests.filter(kind=InputKind.JOIN.value, answered_at__isnull=True).first()
    return str(asked.arguments.get("issue", "")) if asked else ""
