"""Notices that a person's rights may have changed, so that open sockets are reviewed now and not within a minute.

Only a hint, after the commit: the review (`sahur.websockets.seats`) reads what is true. It may come once too often.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models.signals import post_delete, post_save

from sahur.accounts.models import ApiToken, Membership, User
from sahur.websockets.broadcast import broadcaster


def connect() -> None:
    """Listen to Django's own signals of what rights rest on."""
    post_delete.connect(session_ended, sender=Session, dispatch_uid="sahur.websockets.session_ended")
    for signal, model in ((post_save, User), (post_save, ApiToken), (post_save, Membership), (post_delete, Membership)):
        signal.connect(rights_changed, sender=model, dispatch_uid=f"sahur.websockets.{model.__name__}")


def session_ended(*, instance: Session, **_signal: Any) -> None:
    """Signing out deletes the session; who it was stands in its data."""
    user_id = instance.get_decoded().get(SESSION_KEY)
    if user_id is not None:
        _hint(int(user_id))


def rights_changed(
    *, instance: User | ApiToken | Membership, created: bool = False, update_fields: Any = None, **_signal: Any
) -> None:
    """A password, a role, a token. What is new, or was only used, ends nobody's rights."""
    if set(update_fields or ()) == {"last_login"} or (created and not isinstance(instance, Membership)):
        return
    _hint(instance.pk if isinstance(instance, User) else instance.user_id)


def _hint(user_id: int) -> None:
    transaction.on_commit(partial(broadcaster().add, user_id), robust=True)
