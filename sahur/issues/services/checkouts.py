"""Revisions of repositories, made ready by the indexer."""

from __future__ import annotations

import re
from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from sahur.celery import send_hint
from sahur.issues import models
from sahur_core.errors import SahurError

_FULL_SHA = re.compile(r"^[0-9a-f]{40}([0-9a-f]{24})?$")
TASK = "sahur.batch.tasks.prepare_repository"


@transaction.atomic
def request(repository: models.Repository, revision: str) -> models.Checkout:
    """Ask the indexer for a revision. A branch may have moved, so it is looked at again; a commit stays ready."""
    checkout, is_new = models.Checkout.objects.get_or_create(repository=repository, revision=revision)
    is_settled = checkout.state == models.CheckoutState.READY and _FULL_SHA.match(revision)
    if not is_new and not is_settled and checkout.state != models.CheckoutState.PENDING:
        models.Checkout.objects.filter(id=checkout.id).update(
            state=models.CheckoutState.PENDING, error="", error_code="", progress="", requested_at=timezone.now()
        )
        checkout.refresh_from_db()
    if checkout.state == models.CheckoutState.PENDING:
        transaction.on_commit(partial(send_hint, TASK, str(checkout.id), queue="index"), robust=True)
    return checkout


def report_progress(checkout_id: UUID, text: str) -> None:
    models.Checkout.objects.filter(id=checkout_id, state=models.CheckoutState.PENDING).update(progress=text[:200])


def finish(checkout_id: UUID, commit: str) -> None:
    models.Checkout.objects.filter(id=checkout_id).update(
        state=models.CheckoutState.READY, commit=commit, error="", error_code="", ready_at=timezone.now()
    )


def fail(checkout_id: UUID, error: SahurError) -> None:
    models.Checkout.objects.filter(id=checkout_id).update(
        state=models.CheckoutState.FAILED, error_code=error.code, error=str(error)
    )
