"""Puts right what was lost: leases of dead workers, hints that never arrived, requests that nobody answered."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from kombu.exceptions import OperationalError

from sahur.batch import chain, checkpoints
from sahur.batch.recovery import recover
from sahur.celery import app, send_hint
from sahur.issues import models
from sahur.issues.services import effects, inputs, runs
from sahur_core.trace import trace

log = logging.getLogger(__name__)
SETTLED = timedelta(minutes=2)
"""How long after its end nobody can still be at work on a run."""


def reap() -> None:
    """One pass over everything. Any number of reapers may run side by side."""
    with trace():
        for run_id in runs.expired_leases():
            log.warning("run %s: its worker was lost", run_id)
            recover(run_id)
        for run in inputs.expire_due():
            if runs.wake(run.id):
                chain.send(models.Run.objects.select_related("issue").get(id=run.id))
        if _broker_has_room():
            for run in runs.take_unclaimed(settings.RUN_RESEND_SECONDS):
                log.info("%s run %s: its hint is sent again", run.issue.key, run.number)
                chain.send(run)
        for effect_id in effects.due():
            send_hint("sahur.batch.tasks.deliver_effect", str(effect_id), queue="effects")
        for run_id in runs.unpruned(SETTLED):
            checkpoints.prune(run_id)
            runs.note_pruned(run_id)


def reap_safely() -> None:
    """A pass that outlives an absence of the database."""
    try:
        reap()
    except DatabaseError:
        log.exception("a pass of the reaper failed; the next one tries again")


def _broker_has_room() -> bool:
    """Whether the broker holds fewer hints than there are queued runs: else they only wait for a worker."""
    try:
        with app.connection_for_read() as connection:
            channel: Any = connection.channel()  # kombu's own annotations leave the virtual channels out
            waiting = channel.queue_declare("batch", passive=True).message_count
    except (OperationalError, OSError):
        return False
    except connection.channel_errors:
        waiting = 0  # the queue is empty and so does not exist
    return bool(waiting < models.Run.objects.filter(status="queued").count())
