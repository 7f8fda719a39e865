"""The append-only record of who asked, approved, steered and configured what.

A trigger in PostgreSQL refuses to change or delete its rows (migration 0002). Texts that people wrote, keys and
passwords do not belong in `detail`: name the thing and its id.
"""

from __future__ import annotations

from typing import Any

from sahur.accounts.actor import Actor
from sahur.accounts.models import AuditEntry
from sahur_core.trace import current_trace_id


def record(
    actor: Actor | str,
    action: str,
    target: str,
    *,
    team_id: int | None = None,
    detail: dict[str, Any] | None = None,
) -> AuditEntry:
    """Add one entry in the current transaction, under the current trace.

    `action` is `noun.past_tense` (`issue.reported`, `api_token.created`), `target` the key or id of what it was done to.
    """
    name = actor.name if isinstance(actor, Actor) else actor
    return AuditEntry.objects.create(
        team_id=team_id,
        actor=name[:200],
        action=action,
        target=target[:200],
        detail=detail or {},
        trace_id=current_trace_id(),
    )
