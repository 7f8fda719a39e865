"""The card of a run in a thread."""

from __future__ import annotations

from sahur.batch.effects import DeliveryError
from sahur.issues import models
from sahur.issues.selectors import who_separated
from sahur.issues.services import slack_threads
from sahur.slack.blocks.block_kit import Post
from sahur.slack.blocks.card import Shown, Undone, card, elsewhere, still_waiting
from sahur.slack.blocks.hypotheses import leading
from sahur.slack.delivery.posts import Result, after_card, has_left, post_once, posted_by, run_of, update
from sahur.slack.progress import Progress, progress_of, said_to
from sahur.slack.visibility import sight_of, told_at
from sahur_core.events import RunCanceled
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
    held, end = leading(run), _canceled(run)
    joined = run.issue.joined
    is_short = joined is not None and slack_threads.is_told_in_short(thread)
    return card(
        run,
        Shown(
            title=sight.title(run.issue),
            progress=progress_of(run) if sight.is_whole else Progress(),
            hypothesis=sight.hypothesis(held) if held else None,
            said=said_to(run),
            offered=_offered(run),
            stopped_by=end.asked_by if end else "",
            is_short=is_short,
            told_at=told_at(joined, thread) if joined and is_short else "",
            undone=_undone(run, end.joined) if end and end.joined and joined is None else None,
        ),
    )


def _canceled(run: models.Run) -> RunCanceled | None:
    told = models.Event.objects.filter(run=run, kind="run.canceled").first() if run.status == RunStatus.CANCELED else None
    return RunCanceled.model_validate(told.payload) if told else None


def _undone(run: models.Run, key: str) -> Undone:
    goes_on = models.Run.objects.filter(issue=run.issue, number__gt=run.number).exists()
    return Undone(key, who_separated(run.issue), goes_on)


def _offered(run: models.Run) -> str:
    """The key of the issue that its report may join, until somebody has decided."""
    asked = run.input_requests.filter(kind=InputKind.JOIN.value, answered_at__isnull=True).first()
    return str(asked.arguments.get("issue", "")) if asked else ""
