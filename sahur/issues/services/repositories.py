"""What is known of a repository besides its checkouts: its settings, its credential, its webhook, and when to ask again."""

from __future__ import annotations

import random
import secrets
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Now

from sahur.accounts.sealing import reseal, seal, unseal
from sahur.celery import send_hint
from sahur.issues import models
from sahur.issues.services import checkouts
from sahur_core.code.git.credentials import Credentials, HttpsCredentials, SshCredentials, check_credentials
from sahur_core.errors import Conflict, InputError

REMOVE_TASK = "sahur.batch.tasks.remove_repository"
MIN_POLL_SECONDS = 30
MAX_POLL_SECONDS = 7 * 24 * 3600
UNUSED_AFTER = timedelta(days=14)
UNUSED_POLL_SECONDS = 24 * 3600
"""A repository that no run has asked for lately is looked at once a day: its next report then fetches little."""
MAX_PAUSE_SECONDS = 6 * 3600
"""Polls that fail slow down to this."""
JITTER = 0.1
MAX_POLLED = 50
"""Repositories that one pass of the reaper asks for at most."""


def change(repository: models.Repository, changes: dict[str, str | int]) -> models.Repository:
    """Set name, default branch or poll interval. Raises `Conflict` for a name of another, `InputError` for a bad interval."""
    poll = changes.get("poll_seconds", 0)
    if isinstance(poll, int) and poll and not MIN_POLL_SECONDS <= poll <= MAX_POLL_SECONDS:
        raise InputError(
            f"The interval must lie between {MIN_POLL_SECONDS} seconds and 7 days, or be 0 for no polls.", field="poll_seconds"
        )
    try:
        with transaction.atomic():
            rows = models.Repository.objects.filter(id=repository.id)
            rows.update(**changes, **({"next_poll_at": Now()} if poll else {}))
    except IntegrityError as error:
        raise Conflict(f"The team has another repository named {changes['name']}.", next_step="Choose another name.") from error
    repository.refresh_from_db()
    if "default_branch" in changes:
        checkouts.refresh(repository)
    return repository


def remove(repository: models.Repository) -> None:
    """Forget it; its clone and index go from each host afterwards. Issues and what they found out stay."""
    hosts = {*settings.INDEX_HOSTS, *repository.checkouts.values_list("host", flat=True)}
    with transaction.atomic():
        models.RepositoryRemoval.objects.bulk_create(
            [models.RepositoryRemoval(repository_id=repository.id, host=host) for host in hosts], ignore_conflicts=True
        )
        for removal in models.RepositoryRemoval.objects.filter(repository_id=repository.id):
            transaction.on_commit(partial(_hint_removal, removal.id, removal.host), robust=True)
        # In the order of everybody else; Django would begin with the checkouts. A full lock, since the row goes away.
        models.Issue.objects.filter(repository=repository).update(repository=None)
        models.Repository.objects.select_for_update().filter(id=repository.id).first()
        repository.delete()


def _hint_removal(removal_id: UUID, host: str) -> bool:
    return send_hint(REMOVE_TASK, str(removal_id), queue=checkouts.queue_of(host))


def resend_removals(seconds: float) -> None:
    """Hints of removals that were lost."""
    rows = models.RepositoryRemoval.objects.filter(hinted_at__lt=Now() - timedelta(seconds=seconds))
    for removal in rows.order_by("hinted_at")[:MAX_POLLED]:
        models.RepositoryRemoval.objects.filter(id=removal.id).update(hinted_at=Now())
        _hint_removal(removal.id, removal.host)


def removed(removal_id: UUID) -> None:
    models.RepositoryRemoval.objects.filter(id=removal_id).delete()


# --- Credentials ------------------------------------------------------------------------------------------------------


def set_credential(repository: models.Repository, credentials: Credentials, by: str) -> models.RepositoryCredential:
    """Keep credentials, sealed, in the place of any earlier ones. Raises `RepositoryRefused` if they do not fit."""
    check_credentials(repository.source, credentials)
    kind = models.CredentialKind.HTTPS if isinstance(credentials, HttpsCredentials) else models.CredentialKind.SSH
    sealed = seal(_purpose("credential", repository.id), asdict(credentials))
    with transaction.atomic():
        models.RepositoryCredential.objects.filter(repository=repository).delete()
        row = models.RepositoryCredential.objects.create(repository=repository, kind=kind, sealed=sealed, set_by=by)
        checkouts.refresh(repository)
    return row


def drop_credential(repository: models.Repository) -> bool:
    return models.RepositoryCredential.objects.filter(repository=repository).delete()[0] > 0


def open_credential(repository_id: UUID) -> Credentials | None:
    """For the indexer alone. Raises `SealBroken`."""
    row = models.RepositoryCredential.objects.filter(repository_id=repository_id).first()
    if row is None:
        return None
    values = unseal(_purpose("credential", repository_id), row.sealed)
    return HttpsCredentials(**values) if row.kind == models.CredentialKind.HTTPS else SshCredentials(**values)


def note_credential(repository_id: UUID, failure: str) -> None:
    """The remote was asked with it; `failure` is what came of that, empty if it let us in."""
    rows = models.RepositoryCredential.objects.filter(repository_id=repository_id)
    rows.update(**({"failed_at": Now(), "failure": failure} if failure else {"worked_at": Now(), "failure": ""}))


# --- Webhooks ---------------------------------------------------------------------------------------------------------


def set_webhook(repository: models.Repository) -> str:
    """A new secret for the webhook, in the place of any earlier one. It is told now and never again."""
    secret = secrets.token_urlsafe(32)
    sealed = seal(_purpose("webhook", repository.id), {"secret": secret})
    rows = models.Repository.objects.filter(id=repository.id)
    rows.update(webhook_secret=sealed, webhook_set_at=Now(), webhook_used_at=None)
    return secret


def drop_webhook(repository: models.Repository) -> None:
    rows = models.Repository.objects.filter(id=repository.id)
    rows.update(webhook_secret="", webhook_set_at=None, webhook_used_at=None)


def webhook_secret(repository_id: UUID) -> str:
    """Empty if the repository has no webhook, or there is none with this id. Raises `SealBroken`."""
    sealed = models.Repository.objects.filter(id=repository_id).values_list("webhook_secret", flat=True).first()
    return unseal(_purpose("webhook", repository_id), sealed)["secret"] if sealed else ""


@transaction.atomic
def take_push(repository_id: UUID) -> bool:
    """Somebody pushed: look at the remote soon. Any number of pushes that nobody has looked at yet are one."""
    repository = models.Repository.objects.filter(id=repository_id).first()
    if repository is None:
        return False
    models.Repository.objects.filter(id=repository_id).update(webhook_used_at=Now())
    checkouts.refresh(repository)
    return True


# --- Polls ------------------------------------------------------------------------------------------------------------


@transaction.atomic
def poll(limit: int = MAX_POLLED) -> int:
    """Ask for the repositories whose time has come, and say when the next time is. Any number of reapers may do it."""
    rows = models.Repository.objects.select_for_update(skip_locked=True, no_key=True)
    # Later than any interval: the database's clock has jumped back.
    is_time = Q(next_poll_at__lte=Now()) | Q(next_poll_at__gt=Now() + timedelta(seconds=2 * MAX_POLL_SECONDS))
    due = list(rows.filter(is_time, poll_seconds__gt=0).order_by("next_poll_at")[:limit])
    unused = set(
        models.Repository.objects.filter(id__in=[row.id for row in due], used_at__lt=Now() - UNUSED_AFTER).values_list(
            "id", flat=True
        )
    )
    for row in due:
        pause = pause_after(row.poll_seconds, row.failures, is_unused=row.id in unused)
        models.Repository.objects.filter(id=row.id).update(next_poll_at=Now() + timedelta(seconds=pause))
        checkouts.refresh(row)
    return len(due)


def pause_after(interval: int, failures: int, *, is_unused: bool) -> float:
    """Seconds until the next poll: longer after failures and where nobody asks, and never the same for all."""
    pause = max(interval, min(interval * 2.0 ** min(failures, 20), MAX_PAUSE_SECONDS))
    if is_unused:
        pause = max(pause, UNUSED_POLL_SECONDS)
    return pause * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 (spreads load, hides nothing)


# --- Keys -------------------------------------------------------------------------------------------------------------


@transaction.atomic
def reseal_all() -> int:
    """Seal every stored secret anew under the first key. Raises `SealBroken` for one that no key opens."""
    count = 0
    for credential in models.RepositoryCredential.objects.select_for_update():
        models.RepositoryCredential.objects.filter(pk=credential.pk).update(sealed=reseal(credential.sealed))
        count += 1
    for repository in models.Repository.objects.select_for_update(no_key=True).exclude(webhook_secret=""):
        models.Repository.objects.filter(pk=repository.pk).update(webhook_secret=reseal(repository.webhook_secret))
        count += 1
    return count


def _purpose(what: str, repository_id: UUID) -> str:
    return f"{what} of repository {repository_id}"
