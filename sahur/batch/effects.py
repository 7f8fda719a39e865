"""Deliver side effects, each once per key.

A row that was started before may have reached the other side although nobody knows: it is looked up there first. What
is left by nature is a sender that hangs inside the call for longer than its lease (`SAHUR_EFFECT_LEASE_SECONDS`).
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable
from typing import Any, Protocol, cast
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError

from sahur.issues import models
from sahur.issues.services import effects
from sahur_core.errors import SahurError

log = logging.getLogger(__name__)


class DeliveryError(SahurError):
    """The other side did not take it. `permanent`: trying again is useless; `retry_after`: not before so many seconds.

    `reason` is the other side's own word for it, such as `message_not_found`, where it gave one. `is_untried`: nothing was
    sent, so that it counts as no try.
    """

    code = "delivery_failed"

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        retry_after: float | None = None,
        reason: str = "",
        is_untried: bool = False,
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after
        self.reason = reason
        self.is_untried = is_untried


class Handler(Protocol):
    """A module that delivers one family of effects (`settings.EFFECT_HANDLERS`)."""

    def deliver(self, effect: models.Effect) -> dict[str, Any]:
        """Do it; what the other side answered. Raises `DeliveryError`."""
        ...

    def find(self, effect: models.Effect) -> dict[str, Any] | None:
        """What an earlier delivery left at the other side, by the effect's key. Raises `DeliveryError`."""
        ...


def handler_for(kind: str) -> Handler:
    """Raises `DeliveryError` for a kind that nobody delivers."""
    family = kind.split(".", 1)[0]
    try:
        return cast(Handler, importlib.import_module(settings.EFFECT_HANDLERS[family]))
    except KeyError:
        raise DeliveryError(f"Nothing delivers effects of kind {kind}.", permanent=True) from None


def deliver(effect_id: UUID, *, another_way: Callable[[models.Effect], dict[str, Any]] | None = None) -> None:
    """Deliver one due effect; a duplicate of the hint finds nothing to do.

    `another_way`: than the handler's, whose it is later where this fails. Raises `DeliveryError` like that one.
    """
    effect = effects.start(effect_id)
    if effect is None:
        return
    # Tried once even then: SAHUR itself may have been away for the whole day.
    if effect.attempt > 1 and effects.is_overdue(effect):
        effects.fail(effect, effect.last_error or "Its worker was lost again and again.")
        return
    try:
        handler = handler_for(effect.kind)
        found = handler.find(effect) if effect.attempt > 1 else None
        effects.finish(effect, found if found is not None else (another_way or handler.deliver)(effect))
    except DeliveryError as error:
        if error.is_untried:
            effects.put_back(effect, error.message, after=error.retry_after or 0)
            return
        log.warning("effect %s (%s) was not delivered: %s", effect.id, effect.kind, error.message)
        if error.permanent:
            effects.fail(effect, error.message)
        else:
            effects.retry_later(effect, error.message, after=error.retry_after)
    except DatabaseError:
        # Nothing can be noted; the lease of the delivery runs out and the reaper has it done again.
        log.exception("effect %s (%s): the database failed", effect.id, effect.kind)
    except Exception as error:
        # The boundary of the task: an odd answer of the other side must not be tried without end or without a word.
        log.exception("effect %s (%s): unexpected error", effect.id, effect.kind)
        effects.retry_later(effect, f"SAHUR itself failed: {type(error).__name__}.")
