"""What a person may do with a report that has joined the issue of the same problem. Like `actions`: may be asked twice."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from sahur.accounts import audit
from sahur.accounts.actor import Actor
from sahur.accounts.models import MemberRole
from sahur.batch import actions
from sahur.issues import models, selectors
from sahur.issues.services import joining
from sahur_core.errors import NotFound


def separate(actor: Actor, issue_id: UUID | str) -> models.Run:
    """Investigate the report by itself after all: its issue is open again, its thread its own, and a run starts.

    Asked again, it gives the run that goes on. Raises `NotFound`.
    """
    row = models.Issue.objects.filter(id=issue_id).only("key").first()
    if row is None:
        raise NotFound("There is no such issue.", next_step="Look at the list of issues.")
    issue = selectors.get_issue(actor, row.key)
    actor.require(issue.team_id, MemberRole.RESPONDER)
    with transaction.atomic():
        if not joining.separate(issue, actor.name):
            return selectors.latest_runs([issue])[issue.id]
        audit.record(actor, "issue.separated", issue.key, team_id=issue.team_id)
        return actions.start_run(actor, issue.key)
