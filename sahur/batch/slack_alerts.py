"""Channels of alerts: what is told when there are too many."""

from __future__ import annotations

from django.db import transaction

from sahur.issues import models
from sahur.issues.services import effects


@transaction.atomic
def tell_flood(thread: models.SlackThread, limit: int, *, hour: int) -> None:
    """Say in the channel of this thread that further alerts start no runs. The same hour again is a no-op."""
    run = models.Run.objects.select_related("issue").filter(issue=thread.issue).order_by("-number").first()
    if run is not None:
        effects.tell_flood(run, thread, limit, hour)
