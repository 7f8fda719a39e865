"""Side effects as rows, written in the transaction of the event that causes them."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from sahur.celery import send_hint
from sahur.issues import events, models
from sahur_core.events import TERMINAL_KINDS, EffectFinished, EventPayload, RunQueued, StageFinished
from sahur_core.issues import Source

RETRY_SECONDS = (2, 5, 15, 60, 300)
"""Pauses between deliveries that failed but may be tried again; then the effect has failed."""
DELIVERY_SECONDS = 60
"""A started delivery that said nothing for so long was lost with its worker."""


def plan(run: models.Run, payload: EventPayload) -> None:
    """Write the effects that this event causes. Call it in the event's transaction; `run.issue` is at hand."""
    if run.issue.source != Source.SLACK:
        return
    kind = getattr(payload, "kind", "")
    if isinstance(payload, RunQueued):
        _add(run, "slack.card", f"{run.id}:card", {})
    elif isinstance(payload, StageFinished):
        _add(run, "slack.card_update", f"{run.id}:card:{payload.stage}", {"event": payload.model_dump(mode="json")})
    elif kind in TERMINAL_KINDS:
        _add(run, "slack.card_update", f"{run.id}:card:end", {"event": payload.model_dump(mode="json")})
        _add(run, "slack.answer", f"{run.id}:answer", {"event": payload.model_dump(mode="json")})


def _add(run: models.Run, kind: str, key: str, payload: dict[str, object]) -> None:
    effect = models.Effect(key=key, kind=kind, issue=run.issue, run=run, payload=payload)
    models.Effect.objects.bulk_create([effect], ignore_conflicts=True)
    hint(effect.id)


def hint(effect_id: UUID) -> None:
    """Ask a worker of the `effects` queue to deliver it, after the commit. Lost hints are the reaper's."""
    transaction.on_commit(partial(send_hint, "sahur.batch.tasks.deliver_effect", str(effect_id), queue="effects"), robust=True)


def start(effect_id: UUID) -> models.Effect | None:
    """Claim a due effect for one delivery; None if it is not due, or somebody else has it."""
    due = models.Effect.objects.filter(id=effect_id, state__in=["pending", "started"], due_at__lte=timezone.now())
    lost_at = timezone.now() + timedelta(seconds=DELIVERY_SECONDS)
    if due.update(state=models.EffectState.STARTED, attempt=F("attempt") + 1, due_at=lost_at) != 1:
        return None
    return models.Effect.objects.select_related("issue__team", "run__issue").get(id=effect_id)


def finish(effect: models.Effect, result: dict[str, object]) -> None:
    """The delivery worked. A second finish is a no-op."""
    _end(effect, models.EffectState.DONE, result=result, error="")


def retry_later(effect: models.Effect, error: str, *, after: float | None = None) -> None:
    """The delivery failed and may be tried again; after the last try it has failed for good."""
    if effect.attempt > len(RETRY_SECONDS):
        fail(effect, error)
        return
    pause = max(after or 0, RETRY_SECONDS[effect.attempt - 1])
    models.Effect.objects.filter(id=effect.id, attempt=effect.attempt, state="started").update(
        state=models.EffectState.PENDING, last_error=error, due_at=timezone.now() + timedelta(seconds=pause)
    )


def fail(effect: models.Effect, error: str) -> None:
    """The delivery failed for good."""
    _end(effect, models.EffectState.FAILED, result={}, error=error)


@transaction.atomic
def _end(effect: models.Effect, state: models.EffectState, *, result: dict[str, object], error: str) -> None:
    started = models.Effect.objects.filter(id=effect.id, attempt=effect.attempt, state="started")
    if started.update(state=state, result=result, last_error=error, finished_at=timezone.now()) != 1:
        return
    if effect.run is not None:
        status = "done" if state == models.EffectState.DONE else "failed"
        payload = EffectFinished(effect_id=str(effect.id), effect=effect.kind, status=status, detail=error)
        events.record(effect.run, payload, key=f"effect:{effect.id}")


def due(limit: int = 100) -> list[UUID]:
    """Effects whose time has come and that nobody delivers."""
    rows = models.Effect.objects.filter(state__in=["pending", "started"], due_at__lte=timezone.now())
    return list(rows.order_by("due_at").values_list("id", flat=True)[:limit])
