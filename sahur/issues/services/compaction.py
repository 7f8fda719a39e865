"""What ended runs need no more: pieces of streamed text, which are joined, and the edits that showed their progress.

While a run lives its text comes in pieces of 50 to 100 ms, each an event, and each of its cards is edited every few seconds.
A joined event keeps the number of its last piece and says with `first_seq` where it begins, so nobody misses a number.
A reader that had read some of the pieces is given the joined event next and puts it in their place.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models.functions import Now

from sahur.issues import models
from sahur_core.events import TextStreamed
from sahur_core.issues import RunStatus

MAX_CHARS = 8_000
"""Of a joined text: a page of events must not become a huge frame."""

_DELETE = """
delete from issues_event event using unnest(%(firsts)s::bigint[], %(lasts)s::bigint[]) as joined (first_seq, seq)
where event.run_id = %(run)s and event.seq >= joined.first_seq and event.seq < joined.seq
"""
_REPLACE = """
update issues_event event set first_seq = joined.first_seq, payload = joined.payload
from unnest(%(firsts)s::bigint[], %(lasts)s::bigint[], %(payloads)s::jsonb[]) as joined (first_seq, seq, payload)
where event.run_id = %(run)s and event.seq = joined.seq
"""


@dataclass
class _Joined:
    """Neighboring pieces of one step and attempt."""

    first_seq: int
    seq: int
    attempt: int
    text: TextStreamed
    pieces: int = 1

    def takes(self, following: _Joined) -> bool:
        """Whether the piece continues this text without anything in between."""
        return (
            following.first_seq == self.seq + 1
            and (following.attempt, following.text.step_id) == (self.attempt, self.text.step_id)
            and len(self.text.text) + len(following.text.text) <= MAX_CHARS
        )

    def take(self, following: _Joined) -> None:
        self.seq = following.seq
        self.text = TextStreamed(step_id=self.text.step_id, text=self.text.text + following.text.text)
        self.pieces += following.pieces


def uncompacted(settled_for: timedelta, limit: int = 20) -> list[UUID]:
    """Runs that ended so long ago that hardly anybody reads them live, and whose text is still in pieces."""
    rows = models.Run.objects.filter(ended_at__lt=Now() - settled_for, compacted_at__isnull=True)
    return list(rows.order_by("ended_at").values_list("id", flat=True)[:limit])


@transaction.atomic
def compact(run_id: UUID) -> int:
    """Join the run's streamed text; how many events that saved. A run that has not ended, or was compacted, stays as it is.

    A run that somebody else has locked right now is left for the next time.
    """
    run = models.Run.objects.select_for_update(no_key=True, skip_locked=True).filter(id=run_id, compacted_at__isnull=True).first()
    if run is None or not RunStatus(run.status).is_terminal:
        return 0
    rows = models.Event.objects.filter(run=run, kind="text.streamed", key__isnull=True).order_by("seq")
    joined = _join(rows.values_list("first_seq", "seq", "attempt", "payload").iterator())
    if joined:
        parameters: dict[str, Any] = {
            "run": run_id,
            "firsts": [each.first_seq for each in joined],
            "lasts": [each.seq for each in joined],
            "payloads": [json.dumps(each.text.model_dump(mode="json")) for each in joined],
        }
        with connection.cursor() as cursor:
            cursor.execute(_DELETE, parameters)
            cursor.execute(_REPLACE, parameters)
    models.Effect.objects.filter(run=run, state=models.EffectState.DONE, payload__is_live=True).delete()
    models.Run.objects.filter(id=run_id).update(compacted_at=Now())
    return sum(each.pieces - 1 for each in joined)


def _join(rows: Iterable[tuple[int, int, int, object]]) -> list[_Joined]:
    """Only what consists of several pieces."""
    found: list[_Joined] = []
    for first_seq, seq, attempt, payload in rows:
        piece = _Joined(first_seq, seq, attempt, TextStreamed.model_validate(payload))
        if found and found[-1].takes(piece):
            found[-1].take(piece)
        else:
            found.append(piece)
    return [each for each in found if each.pieces > 1]
