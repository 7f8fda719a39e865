"""Append events of a run and announce them after the commit.

Each event's number comes from the counter on the run's lease row, in the statement that inserts it: the row lock makes
the order of commits the order of numbers, so a reader with a cursor never skips one. The same row carries the fencing
token, so a worker that has lost its run cannot write.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast
from uuid import UUID

from django.db import connection, transaction
from django.dispatch import Signal

from sahur.issues import models
from sahur.issues.redaction import without_secrets
from sahur_core.errors import AttemptFenced
from sahur_core.events import EventPayload
from sahur_core.tools.storable import storable

event_recorded = Signal()
"""Something is new; sent after the commit with `run_id` (or None), `issue_id` and `team_id`. Receivers must not block."""

_APPEND = """
with counter as (
    update issues_runlease set next_seq = next_seq + %(count)s
    where run_id = %(run)s and (%(attempt)s::int is null or (attempt = %(attempt)s::int and lease_until is not null))
    returning next_seq - %(count)s as base, attempt
)
insert into issues_event (run_id, seq, first_seq, attempt, kind, key, payload, at)
select %(run)s, base + position - 1, base + position - 1, attempt, kind, key, payload, clock_timestamp()
from counter, unnest(%(kinds)s::text[], %(keys)s::text[], %(payloads)s::jsonb[])
     with ordinality as new (kind, key, payload, position)
"""


@dataclass(frozen=True)
class NewEvent:
    """An event to append. With `key` it is a fact: at most one per run."""

    payload: EventPayload
    key: str | None = None


def append(run_id: UUID, new: Sequence[NewEvent], *, attempt: int | None = None) -> int:
    """Number and store events, in order; how many were new.

    With `attempt`, raises `AttemptFenced` and stores nothing unless that attempt owns the run; doors give none.
    """
    if any(event.key for event in new):
        # No savepoint: nobody goes on with a transaction in which this has failed.
        with transaction.atomic(savepoint=False):
            new = _without_known_facts(run_id, new, attempt)
            return _insert(run_id, new, attempt)
    return _insert(run_id, new, attempt)


def record(run: models.Run, *payloads: EventPayload, attempt: int | None = None, key: str | None = None) -> None:
    """Append to a run whose issue is at hand, and announce it. `key` may be given with a single payload."""
    append(run.id, [NewEvent(_clean(payload), key) for payload in payloads], attempt=attempt)
    announce(run_id=run.id, issue_id=run.issue_id, team_id=run.issue.team_id)


def _clean(payload: EventPayload) -> EventPayload:
    """Without the secrets that another system's words, such as the cause of a failure, may hold."""
    clean, count = without_secrets(payload.model_dump(mode="json"))
    return type(payload).model_validate(clean) if count else payload


def announce(*, run_id: UUID | None, issue_id: UUID, team_id: int) -> None:
    """Tell this process's receivers after the commit; a lost hint only costs readers a poll."""
    send = partial(event_recorded.send_robust, sender=None, run_id=run_id, issue_id=issue_id, team_id=team_id)
    transaction.on_commit(send, robust=True)


def _without_known_facts(run_id: UUID, new: Sequence[NewEvent], attempt: int | None) -> list[NewEvent]:
    # The lock comes first, so that two transactions cannot both find the fact missing. Its owner is asked here, because
    # nothing is inserted where all facts are known.
    lease = models.RunLease.objects.select_for_update(no_key=True).filter(run_id=run_id)
    if attempt is not None:
        lease = lease.filter(attempt=attempt, lease_until__isnull=False)
    if lease.values_list("run_id").first() is None:
        raise AttemptFenced(f"Attempt {attempt} no longer owns run {run_id}.")
    keys = [event.key for event in new if event.key]
    known = set(models.Event.objects.filter(run_id=run_id, key__in=keys).values_list("key", flat=True))
    fresh: list[NewEvent] = []
    for event in new:
        if event.key in known:
            continue
        if event.key:
            known.add(event.key)
        fresh.append(event)
    return fresh


def _insert(run_id: UUID, new: Sequence[NewEvent], attempt: int | None) -> int:
    if not new:
        return 0
    kinds = [getattr(event.payload, "kind", "") for event in new]
    parameters = {
        "run": run_id,
        "attempt": attempt,
        "count": len(new),
        "kinds": kinds,
        "keys": [event.key for event in new],
        "payloads": [json.dumps(storable(event.payload.model_dump(mode="json"))) for event in new],
    }
    with connection.cursor() as cursor:
        cursor.execute(_APPEND, parameters)
        stored = cast(int, cursor.rowcount)
    if stored != len(new):
        raise AttemptFenced(f"Attempt {attempt} no longer owns run {run_id}.")
    return stored


def forget_words(run_id: UUID, message_id: UUID) -> None:
    """Leave what somebody has said, and taken back before it was read, without its words."""
    said = models.Event.objects.filter(run_id=run_id, kind__in=_WITH_WORDS, payload__message_id=str(message_id))
    for event in said:
        models.Event.objects.filter(pk=event.pk).update(payload={**event.payload, "text": ""})


_WITH_WORDS = ("message.queued", "message.edited")
_NAMES = ("asked_by", "author", "answered_by")
"""Fields of payloads that name a person."""


def rename_people(run_ids: Sequence[UUID], old: str, new: str) -> None:
    """Call somebody by the name that is known by now; no other text of an event changes but by `forget_words` and compaction."""
    with connection.cursor() as cursor:
        for field in _NAMES:
            cursor.execute(
                "update issues_event set payload = jsonb_set(payload, array[%(field)s], to_jsonb(%(new)s::text))"
                " where run_id = any(%(runs)s) and payload->>%(field)s = %(old)s",
                {"field": field, "new": new, "old": old, "runs": list(run_ids)},
            )
