"""What people think of a run's answer and of its steps. One vote of each person for each; the last one holds."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from sahur.issues import models
from sahur.issues.services import notices
from sahur.issues.services.locks import lock_run
from sahur_core.errors import NotFound
from sahur_core.issues import Source


@dataclass(frozen=True)
class Author:
    """Who thinks so. Somebody in Slack whom nobody knows here is told apart by who they are there, else by their name."""

    name: str
    user_id: int | None
    source: Source
    slack_user: str = ""
    """As workspace/user."""


@transaction.atomic
def give(run: models.Run, step: str, vote: models.Vote, comment: str | None, author: Author) -> models.Feedback:
    """Store or change a vote with its comment. `step` is the id of a step of the run, empty for the answer.

    Without a comment (None) that of the same vote stays.

    Raises `NotFound` for a step that the run does not have.
    """
    lock_run(run.id)
    if step and not models.Event.objects.filter(run=run, kind="step.started", payload__step_id=step).exists():
        raise NotFound("The run has no such step.", next_step="Use the id of one of its steps, or none for the answer.")
    own = _own(run, step, author).first() or models.Feedback(run=run, step=step)
    own.user_id, own.slack_user = author.user_id, author.slack_user
    own.author, own.source = author.name, author.source.value
    kept = own.comment if own.vote == vote.value else ""
    own.vote, own.comment, own.changed_at = vote.value, kept if comment is None else comment, timezone.now()
    own.save()
    notices.follow_cause(run, own.id)
    return own


@transaction.atomic
def withdraw(run: models.Run, step: str, author: Author) -> bool:
    """Take one's vote back; whether there was one."""
    lock_run(run.id)
    given = list(_own(run, step, author))
    for each in given:
        notices.follow_cause(run, each.id)
        each.delete()
    return bool(given)


def _own(run: models.Run, step: str, author: Author) -> QuerySet[models.Feedback]:
    given = models.Feedback.objects.filter(run=run, step=step).order_by(F("user").asc(nulls_last=True))
    as_guest = Q(user=None, slack_user=author.slack_user) & ~Q(slack_user="")
    if author.user_id is not None:
        # Also what they said in Slack before anybody knew whose account is theirs.
        return given.filter(Q(user_id=author.user_id) | as_guest)
    if author.slack_user:
        return given.filter(as_guest)
    return given.filter(user=None, author=author.name, source=author.source.value)
