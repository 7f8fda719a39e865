"""What people may say about a run's answer and steps. Like `actions`: each checks the role and may be asked twice."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from sahur.accounts import audit
from sahur.accounts.actor import Actor
from sahur.accounts.models import MemberRole
from sahur.issues import models, selectors
from sahur.issues.redaction import clean_text
from sahur.issues.services import feedback
from sahur_core.errors import InputError
from sahur_core.issues import Source
from sahur_core.tools.storable import is_storable

MAX_COMMENT_CHARS = 2_000


def give_feedback(
    actor: Actor, run_id: UUID | str, vote: models.Vote, *, source: Source, step: str = "", comment: str = ""
) -> models.Run:
    """Say whether the answer, or one step, was helpful. A further vote replaces the first one."""
    run = selectors.get_run(actor, run_id)
    actor.require(run.issue.team_id, MemberRole.RESPONDER)
    comment = comment.strip()
    if len(comment) > MAX_COMMENT_CHARS:
        raise InputError(
            f"The comment is longer than {MAX_COMMENT_CHARS:,} characters.", next_step="Shorten it.", field="comment"
        )
    if not is_storable(comment):
        raise InputError("The comment looks like binary data, not text.", next_step="Paste it as text.", field="comment")
    with transaction.atomic():
        feedback.give(run, step, vote, clean_text(comment), _author(actor, source))
        detail = {"run": str(run.id), "step": step, "vote": vote.value}
        audit.record(actor, "feedback.given", run.issue.key, team_id=run.issue.team_id, detail=detail)
    return run


def withdraw_feedback(actor: Actor, run_id: UUID | str, *, source: Source, step: str = "") -> models.Run:
    """Take one's own vote back. Without one nothing changes."""
    run = selectors.get_run(actor, run_id)
    actor.require(run.issue.team_id, MemberRole.RESPONDER)
    with transaction.atomic():
        if feedback.withdraw(run, step, _author(actor, source)):
            detail = {"run": str(run.id), "step": step}
            audit.record(actor, "feedback.withdrawn", run.issue.key, team_id=run.issue.team_id, detail=detail)
    return run


def _author(actor: Actor, source: Source) -> feedback.Author:
    return feedback.Author(actor.name, actor.user_id, source)
