"""Offers that a new report joins the investigation of the same problem: made, answered, and withdrawn when that has ended."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from sahur.batch import chain
from sahur.issues import events, models
from sahur.issues.services import joining, runs
from sahur_core.events import NoticeRaised
from sahur_core.issues import Decision


def may_start(run: models.Run) -> bool:
    """Whether a new run may start: nobody is asked first if it joins another one, and it has not done so.

    Call it in the transaction that opens its report or completes it, before any of its rows is locked there.
    """
    return joining.consider(run)


@transaction.atomic
def join_at_once(run: models.Run, other_id: UUID | str) -> bool:
    """Join without asking anybody; the run starts if the other one has ended without an answer. Whether it has joined."""
    other = models.Run.objects.select_related("issue").get(id=other_id)
    joined = joining.join(run, other, by="SAHUR")
    _wake(joined.live if joined.live is not None else run)
    return joined.is_joined


def decided(request: models.InputRequest) -> None:
    """What follows from a person's answer to an offer, in its transaction; the run that is by itself is woken by the caller."""
    if request.decision != Decision.APPROVE:
        return
    other = models.Run.objects.select_related("issue").get(id=request.arguments["run"])
    joined = joining.join(request.run, other, by=request.answered_by)
    if joined.live is not None:
        _wake(joined.live)
    if not joined.is_joined:
        notice = NoticeRaised(
            level="info",
            message=f"{other.issue.key} had ended without an answer by then, so this is investigated by itself.",
        )
        events.record(request.run, notice, key=f"input:{request.id}:not_joined")


def withdraw_ended() -> None:
    """Offers to join what has ended meanwhile: their runs start by themselves."""
    for request in joining.offers_of_ended():
        with transaction.atomic():
            if joining.withdraw(request):
                _wake(request.run)


def _wake(run: models.Run) -> None:
    if runs.wake(run.id):
        chain.send_after_commit(models.Run.objects.select_related("issue").get(id=run.id))
