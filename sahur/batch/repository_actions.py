"""What an admin may ask about a repository. Like `actions`: each checks the role, leaves an audit entry, may be asked twice.

No credential and no secret of a webhook ever comes into an audit entry, an event, a log or an answer, but for the secret
of a new webhook in the one answer that makes it.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction

from sahur.accounts import audit
from sahur.accounts.actor import Actor
from sahur.accounts.models import MemberRole
from sahur.issues import models, selectors
from sahur.issues.services import checkouts, repositories
from sahur_core.code.git.credentials import Credentials
from sahur_core.code.git.repository import check_revision
from sahur_core.errors import InputError

CHANGEABLE = frozenset({"name", "default_branch", "poll_seconds", "test_command"})


def change_repository(actor: Actor, repository_id: UUID | str, changes: dict[str, Any]) -> models.Repository:
    """Set some of `CHANGEABLE`. The address is not among them: another one is another repository."""
    repository = _administered(actor, repository_id)
    unknown = sorted(changes.keys() - CHANGEABLE)
    if unknown:
        raise InputError(f"{', '.join(unknown)} cannot be changed.", next_step="Remove the repository and add another one.")
    wanted = dict(changes)
    if "default_branch" in wanted:
        wanted["default_branch"] = check_revision(wanted["default_branch"])
    with transaction.atomic():
        changed = repositories.change(repository, wanted)
        _record(actor, "repository.changed", repository, wanted)
    return changed


def remove_repository(actor: Actor, repository_id: UUID | str) -> None:
    """Forget a repository; its clone and index are removed from every host. Its issues stay."""
    repository = _administered(actor, repository_id)
    with transaction.atomic():
        _record(actor, "repository.removed", repository, {"source": repository.source})
        repositories.remove(repository)


def index_repository(actor: Actor, repository_id: UUID | str, *, is_rebuild: bool = False) -> models.Repository:
    """Look at the remote now and index what is new, also after a failure; `is_rebuild` makes all of the index anew."""
    repository = _administered(actor, repository_id)
    with transaction.atomic():
        if is_rebuild:
            checkouts.rebuild(repository)
        else:
            checkouts.refresh(repository)
        _record(actor, "repository.index_requested", repository, {"rebuild": is_rebuild})
    return repository


def set_credential(actor: Actor, repository_id: UUID | str, credentials: Credentials) -> models.Repository:
    """Keep what a private repository is read with, and try it. Raises `RepositoryRefused` if it does not fit the address."""
    repository = _administered(actor, repository_id)
    with transaction.atomic():
        row = repositories.set_credential(repository, credentials, actor.name)
        _record(actor, "repository.credential_set", repository, {"kind": row.kind})
    return repository


def drop_credential(actor: Actor, repository_id: UUID | str) -> None:
    repository = _administered(actor, repository_id)
    with transaction.atomic():
        if repositories.drop_credential(repository):
            _record(actor, "repository.credential_removed", repository, {})


def set_webhook(actor: Actor, repository_id: UUID | str) -> tuple[models.Repository, str]:
    """The repository and the new secret of its webhook, which nobody can be told again."""
    repository = _administered(actor, repository_id)
    with transaction.atomic():
        secret = repositories.set_webhook(repository)
        _record(actor, "repository.webhook_set", repository, {})
    return repository, secret


def drop_webhook(actor: Actor, repository_id: UUID | str) -> None:
    repository = _administered(actor, repository_id)
    with transaction.atomic():
        repositories.drop_webhook(repository)
        _record(actor, "repository.webhook_removed", repository, {})


def _administered(actor: Actor, repository_id: UUID | str) -> models.Repository:
    repository = selectors.get_repository(actor, repository_id)
    actor.require(repository.team_id, MemberRole.ADMIN)
    return repository


def _record(actor: Actor, action: str, repository: models.Repository, detail: dict[str, Any]) -> None:
    told = {"repository": str(repository.id), **detail}
    audit.record(actor, action, repository.name, team_id=repository.team_id, detail=told)
