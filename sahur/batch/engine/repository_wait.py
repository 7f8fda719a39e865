"""How a run waits for its repository: until it is as new as the run asked for, telling how far the indexer is.

With several hosts (`SAHUR_INDEX_HOSTS`) each has an index of its own, and the gateway may answer from any of them: the
run waits for all, but not for long for those that say nothing while another is ready.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial

from django.conf import settings

from sahur.batch.engine.attempt import Attempt
from sahur.batch.patience import patient
from sahur.issues import models
from sahur.issues.services import checkouts
from sahur_core import errors
from sahur_core.events import NoticeRaised

POLL_SECONDS = 0.1
SLOW_POLL_SECONDS = 1.0
SLOW_AFTER_SECONDS = 10.0
OTHERS_SECONDS = 60.0
"""How long a run waits for the other hosts once one is ready."""
FAILURES: dict[str, type[errors.SahurError]] = {
    kind.code: kind
    for kind in (errors.RepositoryMissing, errors.RepositoryEmpty, errors.RevisionMissing, errors.RepositoryRefused)
}
USUAL_NEXT_STEP = "Check the address and the revision, then start another run."


class RepositoryWait:
    """One wait of one attempt. An attempt that takes a run over begins anew, which costs a look at the remote."""

    def __init__(
        self, attempt: Attempt, repository: models.Repository, revision: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._attempt = attempt
        self._repository = repository
        self._clock = clock
        self._told: object = None
        self._wanted: dict[str, int] = {}
        self._revision = revision

    def commit(self) -> str:
        """The full sha that can be read now. Raises `RepositoryError` if there is none, and what ends an attempt."""
        ready = self._ready()
        commit = ready[0].commit
        if any(row.commit != commit for row in ready):
            # Somebody pushed between the looks of two hosts: each has the older commit in its clone, none may differ.
            self._revision, self._wanted = commit, {}
            ready = self._ready()
        if ready[0].error:
            message = f"The repository could not be updated: {ready[0].error} It is read as it was when it last could be."
            self._attempt.emit(NoticeRaised(level="warning", message=message, next_step=ready[0].next_step))
        return commit

    def _ready(self) -> list[models.Checkout]:
        """The rows of all hosts that can be read, the one to go by first."""
        rows = self._rows()
        self._wanted = {row.host: row.wanted for row in rows}
        began = self._clock()
        give_up_others: float | None = None
        while True:
            served = [row for row in rows if row.done >= self._wanted.get(row.host, 0)]
            failed = [row for row in served if row.state == models.CheckoutState.FAILED]
            ready = [row for row in served if row.commit and row not in failed]
            if ready and give_up_others is None:
                give_up_others = self._clock() + OTHERS_SECONDS
            if len(ready) + len(failed) == len(rows) or (give_up_others and self._clock() > give_up_others):
                break
            self._tell(next(row for row in rows if row not in ready))
            self._attempt.sleep(POLL_SECONDS if self._clock() < began + SLOW_AFTER_SECONDS else SLOW_POLL_SECONDS)
            rows = self._rows()
        if not ready:
            raise self._failure(failed[0])
        return ready

    def _rows(self) -> Sequence[models.Checkout]:
        return patient(partial(self._find, self._repository, self._revision))

    @staticmethod
    def _find(repository: models.Repository, revision: str) -> list[models.Checkout]:
        found = models.Checkout.objects.filter(repository=repository, revision=revision, host__in=settings.INDEX_HOSTS)
        rows = list(found.order_by("host"))
        if len(rows) == len(settings.INDEX_HOSTS):
            return rows
        if not models.Repository.objects.filter(id=repository.id).exists():
            raise errors.RepositoryMissing(
                f"The repository {repository.name} was removed.", next_step="File the report again, with another repository."
            )
        return checkouts.request(repository, revision)

    def _tell(self, row: models.Checkout) -> None:
        """Each part of the work, and each tenth of it: enough for a person, few enough for a page."""
        step = (row.host, row.state, row.percent // 10 if row.percent is not None else None)
        if row.progress and step != self._told:
            self._told = step
            self._attempt.emit(NoticeRaised(level="info", message=row.progress))

    @staticmethod
    def _failure(row: models.Checkout) -> errors.SahurError:
        kind = FAILURES.get(row.error_code, errors.RepositoryError)
        return kind(row.error, next_step=row.next_step or USUAL_NEXT_STEP)
