"""Puts right what was lost: leases of dead workers, hints that never arrived, requests that nobody answered."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError
from kombu.exceptions import OperationalError

from sahur.batch import chain, checkpoints, offers
from sahur.batch.recovery import recover
from sahur.celery import app, send_hint
from sahur.issues import models
from sahur.issues.services import checkouts, compaction, effects, inputs, notices, pruning, repositories, runs, slack_workspaces
from sahur_core.trace import trace

log = logging.getLogger(__name__)
SETTLED = timedelta(minutes=2)
"""How long after its end nobody can still be at work on a run."""
DONE_LONG_AGO = timedelta(days=7)
READ_LIVE = timedelta(minutes=15)
"""How long after its end somebody may still be in the middle of reading a run: a page that lost its network for a while."""
MAX_RESENT = 100
"""Hints that one pass sends again at most."""
REMOVAL_RESEND_SECONDS = 300.0


def reap() -> None:
    """One pass over everything. Any number of reapers may run side by side."""
    with trace():
        for duty in DUTIES:
            _safely(duty)


def take_back_lost() -> None:
    """Runs whose worker was not heard of in time."""
    runs.shorten_leases(settings.RUN_LEASE_SECONDS)
    for run_id in runs.expired_leases():
        log.warning("run %s: its worker was lost", run_id)
        _safely(partial(recover, run_id))


def expire_inputs() -> None:
    """Requests that nobody answered: the stated default holds, and the run goes on."""
    for request in inputs.unanswered_in_time():
        _safely(partial(_expire, request))


def _expire(request: models.InputRequest) -> None:
    if inputs.expire(request) and runs.wake(request.run_id):
        chain.send(models.Run.objects.select_related("issue").get(id=request.run_id))


def resend_runs() -> None:
    """Queued runs whose hint was lost. While the broker holds as many hints as there are queued runs, none was."""
    for run in runs.take_unclaimed(settings.RUN_RESEND_SECONDS, limit=_missing_hints()):
        log.info("%s run %s: its hint is sent again", run.issue.key, run.number)
        chain.send(run)


def resend_effects() -> None:
    """Due effects that nobody delivers. While the broker holds as many hints as there are such effects, none was lost."""
    due = effects.due()
    missing = max(0, len(due) - _waiting_hints("effects")) if due else 0
    for effect_id in due[:missing]:
        send_hint("sahur.batch.tasks.deliver_effect", str(effect_id), queue="effects")


def hasten_effects() -> None:
    """Between two passes: the edits of cards, whose pauses are shorter than those of the reaper."""
    with trace():
        _safely(resend_effects)


def rotate_slack_tokens() -> None:
    """Of workspaces whose tokens end soon: planned here, exchanged by a worker."""
    for workspace in slack_workspaces.due_for_rotation():
        slack_workspaces.plan_rotation(workspace)


def prune_checkpoints() -> None:
    """Of runs that ended some time ago."""
    for run_id in pruning.unpruned(SETTLED):
        _safely(partial(_prune, run_id))


def _prune(run_id: UUID) -> None:
    checkpoints.prune(run_id)
    pruning.note_pruned(run_id)


def forget_effects() -> None:
    """What was done long ago and belongs to no issue, such as asking Slack for a name."""
    effects.forget(DONE_LONG_AGO)


def compact_events() -> None:
    """Of runs that ended some time ago: their streamed text becomes a few rows."""
    for run_id in compaction.uncompacted(READ_LIVE):
        _safely(partial(_compact, run_id))


def _compact(run_id: UUID) -> None:
    if saved := compaction.compact(run_id):
        log.info("run %s: %d pieces of text were joined with others", run_id, saved)


def poll_repositories() -> None:
    """Those whose remote may have news."""
    repositories.poll()


def resend_index_hints() -> None:
    """Rows that wait for an indexer and whose hint was lost, or whose indexer was."""
    for host in settings.INDEX_HOSTS:
        limit = min(MAX_RESENT, checkouts.due_count(host) - _waiting_hints(checkouts.queue_of(host)))
        for checkout_id in checkouts.take_unhinted(host, settings.RUN_RESEND_SECONDS, limit):
            checkouts.hint(checkout_id, host)
    repositories.resend_removals(REMOVAL_RESEND_SECONDS)


DUTIES = (
    take_back_lost,
    expire_inputs,
    offers.withdraw_ended,
    resend_runs,
    notices.tell_unclaimed,
    resend_effects,
    rotate_slack_tokens,
    prune_checkpoints,
    compact_events,
    forget_effects,
    poll_repositories,
    resend_index_hints,
)


def _safely(duty: Callable[[], None]) -> None:
    """The boundary of each duty: one that fails, and every pass it may, must not keep the others from being done."""
    try:
        duty()
    except DatabaseError as error:
        log.warning("the reaper found no database, the next pass tries again: %s", error)
    except Exception:
        log.exception("a duty of the reaper failed; the next pass tries again")


def _missing_hints() -> int:
    """By how many the queued runs outnumber the hints that the broker holds; 0 while the broker is away."""
    return max(0, min(MAX_RESENT, runs.queued_count() - _waiting_hints("batch")))


def _waiting_hints(queue: str) -> int:
    """How many hints the broker holds; more than any rows while it is away, so that nothing is sent then."""
    try:
        with app.connection_for_read() as connection:
            channel: Any = connection.channel()  # kombu's own annotations leave the virtual channels out
            waiting: int = channel.queue_declare(queue, passive=True).message_count
    except (OperationalError, OSError):
        return sys.maxsize
    except connection.channel_errors:
        waiting = 0  # the queue is empty and so does not exist
    return waiting
