"""The indexer's work on one row: clone or update, index, tell how far it is, and tidy up afterwards.

May be killed at any moment: the lease of the row runs out, the reaper sends its hint again, and whoever takes it up finds
on disk what was whole (`sahur_core.code.git.clone`, `sahur_core.code.index.build`).
"""

from __future__ import annotations

import errno
import logging
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import close_old_connections

from sahur.batch.patience import DATABASE_AWAY, patient
from sahur.issues import models
from sahur.issues.services import checkouts, repositories
from sahur_core.code.git.clone import locked
from sahur_core.code.index.build import prune
from sahur_core.code.prepare import is_full_sha, prepare
from sahur_core.errors import AttemptFenced, InputError, RepositoryError, RepositoryMissing, SahurError, SealBroken
from sahur_core.trace import trace

log = logging.getLogger(__name__)
TELL_SECONDS = 1.0
"""Progress is stored at most this often, and at once where another part of the work begins."""
_CLONING = re.compile(r"^(Asking for|Receiving|Unpacking|Resolving|Counting|Compressing|Waiting for)")
_PERCENT = re.compile(r"(\d{1,3}) ?%")
_FILES = re.compile(r"(\d+) of (\d+)")


def prepare_checkout(checkout_id: UUID) -> None:
    """Do what the row asks for, if nobody else does. The database may be away for a while: that costs no work."""
    work = patient(partial(checkouts.claim, checkout_id))
    if work is None:
        return
    name = work.checkout.repository.name
    with trace(), _kept(work) as teller:
        try:
            commit = _prepare(work, teller)
        except (RepositoryError, InputError, SealBroken) as error:
            log.warning("repository %s cannot be prepared: %s", name, error)
            _settle(partial(checkouts.fail, work, error, error.message))
        except AttemptFenced:
            log.info("repository %s is not ours to prepare any more", name)
        except DATABASE_AWAY as error:
            log.warning("repository %s is left to be prepared again: %s", name, error)
            _settle(partial(checkouts.put_back, work))
        except Exception as error:
            log.exception("repository %s cannot be prepared", name)
            fault = _fault(error)
            _settle(partial(checkouts.fail, work, fault, fault.message))
        else:
            _settle(partial(checkouts.finish, work, commit, size_of(_folder(work.checkout.repository_id))))
    _settle(partial(_remove_orphan, work.checkout.repository_id))


def remove_repository(removal_id: UUID) -> None:
    """Remove clone and index of a repository that is known no more."""
    removal = models.RepositoryRemoval.objects.filter(id=removal_id).first()
    if removal is None or models.Repository.objects.filter(id=removal.repository_id).exists():
        return
    _remove(_folder(removal.repository_id))
    repositories.removed(removal_id)


def read_progress(text: str) -> checkouts.Progress:
    """What the words of `prepare` say, in numbers where they have any."""
    state = models.CheckoutState.CLONING if _CLONING.match(text) else models.CheckoutState.INDEXING
    if files := _FILES.search(text):
        done, total = int(files[1]), int(files[2])
        return checkouts.Progress(state, text, 100 * done // max(1, total), done, total)
    percent = _PERCENT.search(text)
    return checkouts.Progress(state, text, int(percent[1]) if percent else None)


def size_of(directory: Path) -> int:
    """Bytes on disk below a folder; files that vanish meanwhile count nothing."""
    total = 0
    for path in directory.rglob("*"):
        try:
            total += path.lstat().st_blocks * 512
        except FileNotFoundError:
            continue
    return total


class _Teller:
    """Takes the progress of a preparation; ends it once the row is not ours any more."""

    def __init__(self, work: checkouts.Work, clock: Callable[[], float] = time.monotonic) -> None:
        self._work = work
        self._clock = clock
        # What is ready is not called otherwise for a look at the remote that takes a moment.
        self._quiet_until = clock() + (TELL_SECONDS if work.checkout.state == models.CheckoutState.READY else 0.0)
        self._next_at = 0.0
        self._state: models.CheckoutState | None = None
        self.is_lost = False

    def __call__(self, text: str) -> None:
        if self.is_lost:
            raise AttemptFenced("Somebody else prepares this repository, or it was removed.")
        progress, now = read_progress(text), self._clock()
        if now < self._quiet_until or (now < self._next_at and progress.state is self._state):
            return
        self._state, self._next_at = progress.state, now + TELL_SECONDS
        patient(partial(checkouts.report_progress, self._work, progress))


@contextmanager
def _kept(work: checkouts.Work) -> Iterator[_Teller]:
    """Keep the lease from another thread while the work goes on."""
    teller, ended = _Teller(work), threading.Event()

    def beat() -> None:
        try:
            while not ended.wait(settings.INDEX_LEASE_SECONDS / 3):
                try:
                    teller.is_lost = not checkouts.keep(work)
                except DATABASE_AWAY as error:
                    log.warning("the lease of a repository could not be extended: %s", error)
        finally:
            close_old_connections()

    thread = threading.Thread(target=beat, name="lease of a repository", daemon=True)
    thread.start()
    try:
        yield teller
    finally:
        ended.set()
        thread.join()


def _prepare(work: checkouts.Work, teller: _Teller) -> str:
    checkout = work.checkout
    repository, folder = checkout.repository, _folder(checkout.repository_id)
    credentials = repositories.open_credential(repository.id)
    if checkout.is_rebuild:
        with locked(folder, teller):
            shutil.rmtree(folder / "index", ignore_errors=True)
    try:
        commit = prepare(
            repository.source,
            folder,
            checkout.revision or repository.default_branch,
            teller,
            private_hosts=settings.REPOSITORY_PRIVATE_HOSTS,
            credentials=credentials,
        )
    except RepositoryMissing as error:
        if credentials is not None:
            patient(partial(repositories.note_credential, repository.id, error.message))
        raise
    if credentials is not None and not is_full_sha(checkout.revision):
        patient(partial(repositories.note_credential, repository.id, ""))
    prune(folder, {commit, *patient(partial(checkouts.kept_commits, work))})
    return commit


def _fault(error: Exception) -> SahurError:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return RepositoryError("The disk of the indexer is full.", next_step="Free space below SAHUR_REPOSITORY_DIR, then retry.")
    return SahurError("The indexer itself failed on this repository.", next_step="See the indexer's log.")


def _settle(end: Callable[[], None]) -> None:
    """Store how the preparation ended. If the database stays away the lease runs out, and the row is taken up again."""
    try:
        patient(end)
    except DATABASE_AWAY as error:
        log.warning("what became of a repository could not be stored: %s", error)


def _folder(repository_id: UUID) -> Path:
    return Path(settings.REPOSITORY_DIR) / str(repository_id)


def _remove_orphan(repository_id: UUID) -> None:
    """The repository may have been removed while it was being prepared."""
    if not models.Repository.objects.filter(id=repository_id).exists():
        _remove(_folder(repository_id))


def _remove(folder: Path) -> None:
    if folder.is_dir():
        with locked(folder):
            shutil.rmtree(folder)
