"""What people may do with what they have said to a run. Like `actions`: each checks the role and may be asked twice."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from sahur.accounts import audit
from sahur.accounts.actor import Actor
from sahur.accounts.models import MemberRole
from sahur.batch.actions import check_text
from sahur.issues import selectors
from sahur.issues.redaction import without_secrets
from sahur.issues.services import messages, redactions
from sahur_core.errors import NotPermitted
from sahur_core.issues import MessageStatus


def edit_message(actor: Actor, run_id: UUID | str, message_id: UUID | str, text: str, *, edit_id: str) -> bool:
    """Put one's own message in other words while it waits; False if the model has the first ones already.

    `edit_id` tells the edits of a message apart. Raises `NotPermitted` for somebody else's message.
    """
    message = selectors.get_message(actor, run_id, message_id)
    issue = message.run.issue
    actor.require(issue.team_id, MemberRole.RESPONDER)
    if (message.author_id, message.author_name) != (actor.user_id, actor.name):
        raise NotPermitted("Only who said it may put it in other words.", next_step="Say it as a message of your own.")
    cleaned, secrets = without_secrets(check_text(text))
    if cleaned == message.text:
        return True
    with transaction.atomic():
        is_taken = messages.edit(message, cleaned, edit_id)
        if is_taken:
            detail = {"run": str(message.run_id), "message": str(message.id)}
            audit.record(actor, "message.edited", issue.key, team_id=issue.team_id, detail=detail)
            redactions.tell(message.run, secrets, f"the message of {actor.name}", key=f"message:{message.id}:{edit_id}")
    return is_taken


def withdraw_message(actor: Actor, run_id: UUID | str, message_id: UUID | str) -> bool:
    """Take back what was deleted where it was said, whoever did it there; False if the model has it already."""
    message = selectors.get_message(actor, run_id, message_id)
    issue = message.run.issue
    actor.require(issue.team_id, MemberRole.RESPONDER)
    with transaction.atomic():
        is_new = message.status != MessageStatus.WITHDRAWN
        is_taken_back = messages.withdraw(message)
        if is_new and is_taken_back:
            detail = {"run": str(message.run_id), "message": str(message.id)}
            audit.record(actor, "message.withdrawn", issue.key, team_id=issue.team_id, detail=detail)
    return is_taken_back
