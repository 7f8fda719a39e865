"""Take a run back from a lost worker."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings

from sahur.batch import chain, checkpoints
from sahur.issues import models
from sahur.issues.services import runs
from sahur_core.issues import RunStatus


def recover(run_id: UUID) -> None:
    """Queue or end a run whose lease has run out, and send its chain. One that has moved on is left alone."""
    if runs.recover(run_id, settings.RUN_MAX_CRASHES, checkpoints.head(run_id)) == RunStatus.QUEUED:
        chain.send(models.Run.objects.select_related("issue").get(id=run_id))
