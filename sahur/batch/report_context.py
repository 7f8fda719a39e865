"""What the reader of a report's rest may ask for (`sahur.issues.services.report_context`): the run starts with it, or without."""

from __future__ import annotations

from django.db import transaction

from sahur.batch import chain, offers
from sahur.issues import models
from sahur.issues.services import joining, report_context, runs
from sahur.issues.services.report_context import Completed


def complete(effect: models.Effect, found: str, title: str) -> Completed:
    """The rest of the report is read: start the run, or tell it, if it has begun. May be done twice."""
    with transaction.atomic():
        joining.lock_reports(_run_of(effect).issue.team_id)
        completed = report_context.complete(effect, found, title)
        run = _run_of(effect)
        joining.note_fingerprints(run.issue)
        may_start = completed == Completed.IN_TIME and offers.may_start(run)
        if may_start or (completed == Completed.SAID and runs.wake(run.id)):
            chain.send_after_commit(run)
    return completed


def start_without(effect: models.Effect, reason: str, *, for_good: bool) -> None:
    """The rest cannot be read (yet): start the run, with a report that says so."""
    with transaction.atomic():
        joining.lock_reports(_run_of(effect).issue.team_id)
        if report_context.do_without(effect, reason, for_good=for_good) and offers.may_start(_run_of(effect)):
            chain.send_after_commit(_run_of(effect))


def _run_of(effect: models.Effect) -> models.Run:
    return models.Run.objects.select_related("issue").get(effects=effect)
