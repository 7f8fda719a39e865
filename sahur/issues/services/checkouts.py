"""Revisions of repositories on each host: asked for, made ready by that host's indexer, looked at again.

The row is the truth and a Celery message only a hint. It is sent when a row becomes due, and again by the reaper; one
indexer at a time works on a repository of a host, under a lease that a killed one leaves to run out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from sahur.celery import send_hint
from sahur.issues import models
from sahur_core.errors import RepositoryError, SahurError
from sahur_core.issues import RunStatus

TASK = "sahur.batch.tasks.prepare_repository"
FIRST, LATER = 0, 6
"""Priorities of hints: a run that waits goes before the looks in the background."""
MAX_CRASHES = 5
"""So often an indexer may be lost over the same row before it is given up."""
KEPT_FOR = timedelta(days=30)
"""So long the commit of an ended run stays indexed: people look its evidence up, and ask whether it is still true."""
STALE_IS_BETTER = frozenset({"repository_missing", "repository_timeout", "git_failed"})
"""Failures to reach the remote: what was read before can still be read."""
_IS_DUE = Q(done__lt=F("wanted"))
_IS_FREE = Q(lease_until__isnull=True) | Q(lease_until__lte=Now())
_NO_FAILURE = {"error": "", "error_code": "", "next_step": ""}
_NO_PROGRESS = {"progress": "", "percent": None, "files_done": None, "files_total": None}


@dataclass(frozen=True)
class Progress:
    """How far a preparation is; `state` is `cloning` or `indexing`."""

    state: models.CheckoutState
    text: str
    percent: int | None = None
    files_done: int | None = None
    files_total: int | None = None


@dataclass(frozen=True)
class Work:
    """A row that this process has claimed, and the fencing token that it holds it by."""

    checkout: models.Checkout
    attempt: int
    wanted: int


def queue_of(host: str) -> str:
    """The Celery queue that the host's indexers take their hints from."""
    return f"index.{host}" if host else "index"


@transaction.atomic
def request(repository: models.Repository, revision: str) -> list[models.Checkout]:
    """A run needs a revision: the row of each host. It is looked at again, since a branch may have moved."""
    models.Repository.objects.filter(id=repository.id).update(used_at=Now())
    return [_ask(repository, revision, host, is_waited_for=True) for host in settings.INDEX_HOSTS]


@transaction.atomic
def refresh(repository: models.Repository) -> None:
    """Look at the remote in the background, and index what the default branch has now. What is ready stays so meanwhile."""
    for host in settings.INDEX_HOSTS:
        _ask(repository, "", host, is_waited_for=False)


@transaction.atomic
def rebuild(repository: models.Repository) -> None:
    """Make all indexes of a repository anew: the default branch's, and those of every revision and live run."""
    rows = models.Checkout.objects.filter(repository=repository)
    revisions = {"", *rows.values_list("revision", flat=True), *_live_commits(repository.id)}
    for host in settings.INDEX_HOSTS:
        for revision in sorted(revisions):
            row = _ask(repository, revision, host, is_waited_for=False)
            if not revision:
                models.Checkout.objects.filter(id=row.id).update(is_rebuild=True)


def _ask(repository: models.Repository, revision: str, host: str, *, is_waited_for: bool) -> models.Checkout:
    checkout, is_new = models.Checkout.objects.get_or_create(repository=repository, revision=revision, host=host)
    if not is_new:
        checkout = models.Checkout.objects.select_for_update(no_key=True).get(id=checkout.id)
    was_due = checkout.done < checkout.wanted
    if not is_new and not (was_due and checkout.lease_until is None):
        # Somebody may be at work on the earlier wish already: this one is served after it.
        changes: dict[str, object] = {"wanted": F("wanted") + 1, "requested_at": Now()}
        if not was_due:
            changes |= {"crashes": 0, "hinted_at": Now()}
        models.Checkout.objects.filter(id=checkout.id).update(**changes)
    begins_wait = is_waited_for and checkout.is_settled
    if begins_wait:
        pending = {"state": models.CheckoutState.PENDING, **_NO_FAILURE, **_NO_PROGRESS}
        models.Checkout.objects.filter(id=checkout.id).update(**pending)
    if is_new or not was_due or begins_wait:
        # For somebody who waits also a second one, which overtakes that of a background look.
        _hint_after_commit(checkout.id, host, FIRST if is_waited_for else LATER)
    checkout.refresh_from_db()
    return checkout


def _hint_after_commit(checkout_id: UUID, host: str, priority: int) -> None:
    transaction.on_commit(partial(hint, checkout_id, host, priority), robust=True)


def hint(checkout_id: UUID, host: str, priority: int = FIRST) -> bool:
    """Tell the host's indexers to look at the row."""
    return send_hint(TASK, str(checkout_id), queue=queue_of(host), priority=priority)


# --- The indexer's side -----------------------------------------------------------------------------------------------


@transaction.atomic
def claim(checkout_id: UUID) -> Work | None:
    """Begin to work on a row; None if nothing is to be done, or another indexer is at work on its repository.

    A row over which indexers were lost again and again fails here.
    """
    known = models.Checkout.objects.filter(id=checkout_id).values_list("repository_id", flat=True).first()
    if known is None or not models.Repository.objects.select_for_update(no_key=True).filter(id=known).exists():
        return None
    rows = models.Checkout.objects.select_for_update(no_key=True, of=("self",)).select_related("repository")
    checkout = rows.filter(_IS_DUE, _IS_FREE, id=checkout_id).first()
    if checkout is None or _others(checkout).filter(lease_until__gt=Now()).exists():
        return None
    if checkout.crashes >= MAX_CRASHES:
        _give_up(checkout)
        return None
    changes: dict[str, object] = {"attempt": F("attempt") + 1, "crashes": F("crashes") + 1, "lease_until": _lease_end()}
    if checkout.state != models.CheckoutState.READY:
        changes |= {"state": models.CheckoutState.CLONING, **_NO_FAILURE, **_NO_PROGRESS}
    models.Checkout.objects.filter(id=checkout_id).update(**changes)
    return Work(checkout, checkout.attempt + 1, checkout.wanted)


def _give_up(checkout: models.Checkout) -> None:
    models.Checkout.objects.filter(id=checkout.id).update(
        state=models.CheckoutState.FAILED,
        done=checkout.wanted,
        lease_until=None,
        error_code=RepositoryError.code,
        error=f"The indexer was lost {MAX_CRASHES} times in a row while it worked on this repository.",
        next_step="See its log and the memory and disk of its host, then have it indexed again.",
        **_NO_PROGRESS,
    )


def keep(work: Work) -> bool:
    """Extend the lease; False if the row is not ours any more."""
    return _own(work).update(lease_until=_lease_end()) == 1


def report_progress(work: Work, progress: Progress) -> None:
    """Tell how far it is. What is ready is called so until something new is being indexed."""
    told: dict[str, object] = {
        "progress": progress.text[:200],
        "percent": progress.percent,
        "files_done": progress.files_done,
        "files_total": progress.files_total,
    }
    rows = _own(work)
    if progress.state == models.CheckoutState.CLONING:
        rows = rows.exclude(state=models.CheckoutState.READY)
    rows.update(state=progress.state, **told)


@transaction.atomic
def finish(work: Work, commit: str, size_bytes: int) -> None:
    """The revision can be read at `commit`. Requests that came meanwhile are served next."""
    row = _hold(work)
    if row is None:
        return
    _own(work).update(
        state=models.CheckoutState.READY,
        commit=commit,
        size_bytes=size_bytes,
        checked_at=Now(),
        ready_at=row.ready_at if row.commit == commit and row.ready_at else Now(),
        is_rebuild=False,
        **_ended(work),
        **_NO_FAILURE,
    )
    models.Repository.objects.filter(id=row.repository_id).update(failures=0)
    _go_on(row)


@transaction.atomic
def fail(work: Work, error: SahurError, cause: str) -> None:
    """It could not be done. Where only the remote was out of reach, what was ready stays ready, with the cause beside it."""
    row = _hold(work)
    if row is None:
        return
    is_stale = bool(row.commit) and error.code in STALE_IS_BETTER
    _own(work).update(
        state=models.CheckoutState.READY if is_stale else models.CheckoutState.FAILED,
        error_code=error.code,
        error=cause,
        next_step=error.next_step,
        **_ended(work),
    )
    models.Repository.objects.filter(id=row.repository_id, failures__lt=30).update(failures=F("failures") + 1)
    _go_on(row)


def put_back(work: Work) -> None:
    """Nothing came of it and nobody is to blame: the row is due again."""
    _own(work).update(lease_until=None, crashes=0)


def _ended(work: Work) -> dict[str, object]:
    return {"done": work.wanted, "lease_until": None, "crashes": 0, **_NO_PROGRESS}


def _go_on(row: models.Checkout) -> None:
    """The next of the repository's rows that waits; its own hint found the repository taken."""
    rows = models.Checkout.objects.filter(_IS_DUE, _IS_FREE, repository_id=row.repository_id, host=row.host)
    for checkout_id in rows.order_by("requested_at").values_list("id", flat=True)[:1]:
        _hint_after_commit(checkout_id, row.host, FIRST)


def _hold(work: Work) -> models.Checkout | None:
    """The row while it is ours, its repository locked: whoever asks for the row next has that one first, too."""
    models.Repository.objects.select_for_update(no_key=True).filter(id=work.checkout.repository_id).first()
    return _own(work).first()


def _own(work: Work) -> QuerySet[models.Checkout]:
    return models.Checkout.objects.filter(id=work.checkout.id, attempt=work.attempt, lease_until__isnull=False)


def _others(checkout: models.Checkout) -> QuerySet[models.Checkout]:
    rows = models.Checkout.objects.filter(repository_id=checkout.repository_id, host=checkout.host)
    return rows.exclude(id=checkout.id)


def _lease_end() -> object:
    return Now() + timedelta(seconds=settings.INDEX_LEASE_SECONDS)


def kept_commits(work: Work) -> set[str]:
    """The commits whose indexes are still wanted on the row's host. Also its own one of before: a run may begin on it now."""
    row = work.checkout
    rows = models.Checkout.objects.filter(repository_id=row.repository_id, host=row.host).exclude(commit="")
    recent = models.Run.objects.filter(issue__repository_id=row.repository_id, created_at__gt=Now() - KEPT_FOR)
    used = recent.exclude(commit="").values_list("commit", flat=True)
    return {*rows.values_list("commit", flat=True), *used, *_live_commits(row.repository_id)}


def _live_commits(repository_id: UUID) -> list[str]:
    live = [status.value for status in RunStatus if not status.is_terminal]
    runs = models.Run.objects.filter(issue__repository_id=repository_id, status__in=live).exclude(commit="")
    return list(runs.values_list("commit", flat=True).distinct())


# --- The reaper's side ------------------------------------------------------------------------------------------------


def due_count(host: str) -> int:
    """Rows of a host that wait for an indexer."""
    return models.Checkout.objects.filter(_IS_DUE, _IS_FREE, host=host).count()


@transaction.atomic
def take_unhinted(host: str, seconds: float, limit: int) -> list[UUID]:
    """Due rows that no hint was sent for in so many seconds, oldest first; they count as hinted from now on."""
    rows = models.Checkout.objects.select_for_update(skip_locked=True, no_key=True)
    waiting = rows.filter(_IS_DUE, _IS_FREE, host=host, hinted_at__lt=Now() - timedelta(seconds=seconds))
    ids = list(waiting.order_by("hinted_at").values_list("id", flat=True)[: max(0, limit)])
    models.Checkout.objects.filter(id__in=ids).update(hinted_at=Now())
    return ids
