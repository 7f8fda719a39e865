"""The life of a run. Every change of state is a conditional update together with its event and its effects.

Leases and waits are times of the database's clock (`Now()`), so it does not matter whether the clocks of the hosts agree.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max, Q
from django.db.models.functions import Now

from sahur.issues import events, models, spending
from sahur.issues.redaction import without_secrets
from sahur.issues.services import effects, inputs, messages
from sahur.issues.services.locks import lock_run
from sahur.issues.services.standing import standing
from sahur_core import errors
from sahur_core import events as kinds
from sahur_core.issues import ForkKind, InputKind, MessageStatus, RunStatus, Stage, Verdict

ENDED = "run.ended"
"""Key of the last event, whichever it is: a run ends once."""
ENDED_REASONS = {
    RunStatus.SUCCEEDED: "The run has given its answer.",
    RunStatus.FAILED: "The run has failed.",
    RunStatus.CANCELED: "The run was stopped.",
}
"""Why what is still asked of people is closed when a run ends."""
LOST = "lost"
"""Owner of a lease that was taken from a worker which had not been heard of."""
MAX_DOUBLINGS = 5
"""How often the pause between two hints for the same queued run is doubled."""


@dataclass(frozen=True)
class Claim:
    """One worker's ownership of a run: `attempt` is the fencing token."""

    run: models.Run
    stage: Stage
    attempt: int


class Outcome(Enum):
    """What a finished stage means for the chain."""

    NEXT = "next"
    ENDED = "ended"
    WAITING = "waiting"
    AGAIN = "again"


@dataclass(frozen=True)
class Asked:
    """Who asked for a run. The same `client_id` is the same request."""

    by: str
    user_id: int | None
    trace_id: str
    client_id: str = ""
    wanted_model: str = ""
    """In place of the configured one. A run that goes on from another one keeps that one's."""


@dataclass(frozen=True)
class ForkPoint:
    """Where a run goes on from another one of its issue: at `checkpoint`, when `finished_stage` was over.

    `stage` is the one that comes next. Without a checkpoint the run begins at the report.
    """

    source: models.Run
    kind: ForkKind
    checkpoint: str
    finished_stage: str
    stage: Stage


@transaction.atomic
def create_run(
    issue: models.Issue, *, asked_by: str, user_id: int | None, trace_id: str, client_id: str = "", wanted_model: str = ""
) -> models.Run:
    """Queue a new run. What people said to earlier runs too late is said to this one."""
    run = insert_run(issue, Asked(asked_by, user_id, trace_id, client_id, wanted_model))
    late = models.Message.objects.filter(run__issue=issue, status=MessageStatus.CARRIED_OVER.value).order_by("created_at")
    for message in late:
        messages.carry_into(run, message)
    return run


@transaction.atomic
def insert_run(issue: models.Issue, asked: Asked, point: ForkPoint | None = None) -> models.Run:
    """The row of a new run, its lease and its first event."""
    models.Issue.objects.select_for_update(no_key=True).get(id=issue.id)
    number = (models.Run.objects.filter(issue=issue).aggregate(last=Max("number"))["last"] or 0) + 1
    run = models.Run(
        issue=issue,
        number=number,
        asked_by=asked.by,
        asked_by_user_id=asked.user_id,
        trace_id=asked.trace_id,
        client_id=asked.client_id or None,
        wanted_model=point.source.wanted_model if point else asked.wanted_model,
    )
    told = kinds.RunQueued(number=number, asked_by=asked.by)
    if point is not None:
        run.forked_from, run.fork_kind, run.fork_checkpoint = point.source, point.kind.value, point.checkpoint
        run.fork_stage, run.stage, run.commit = point.finished_stage, point.stage.value, point.source.commit
        origin = {"forked_from": str(point.source.id), "forked_from_number": point.source.number, "fork_kind": point.kind}
        told = told.model_copy(update=origin)
    run.save(force_insert=True)
    models.RunLease.objects.create(run=run)
    _tell(run, told, key="run.queued")
    return run


def claim(run_id: UUID, stage: Stage, *, owner: str, lease_seconds: float, team_limit: int, model: str = "") -> Claim | None:
    """Own the queued run for this stage; None if it is not there to be claimed. A stop that came in between ends it."""
    with transaction.atomic():
        run = (
            models.Run.objects.select_for_update(of=("self",), no_key=True)
            .select_related("issue__team")
            .filter(id=run_id)
            .first()
        )
        if run is None or run.status != RunStatus.QUEUED or run.stage != stage:
            return None
        lease = models.RunLease.objects.get(run_id=run_id)
        if lease.stop_requested_by:
            _end_canceled(run, lease.stop_requested_by)
            return None
        active = models.Run.objects.filter(issue__team_id=run.issue.team_id, status=RunStatus.RUNNING.value)
        if active.count() >= team_limit:
            # Its hint was not lost: it is sent again at the usual pace, until the team has a place.
            models.Run.objects.filter(id=run_id).update(resends=0, dispatched_at=Now())
            return None
        run.model = run.wanted_model or model or run.model
        models.Run.objects.filter(id=run_id).update(
            status=RunStatus.RUNNING.value, status_since=Now(), started_at=run.started_at or Now(), resends=0, model=run.model
        )
        models.RunLease.objects.filter(run_id=run_id).update(
            attempt=F("attempt") + 1, lease_until=Now() + timedelta(seconds=lease_seconds), owner=owner
        )
        attempt = lease.attempt + 1
        started: list[kinds.EventPayload] = [kinds.StageStarted(stage=stage)]
        if lease.owner == LOST:
            started.insert(0, kinds.AttemptRestarted(stage=stage, lost_attempt=lease.attempt))
        events.record(run, *started, attempt=attempt)
    run.status, run.resends = RunStatus.RUNNING.value, 0
    return Claim(run, stage, attempt)


def extend_lease(run_id: UUID, attempt: int, lease_seconds: float) -> bool:
    """False if the attempt no longer owns the run."""
    owned = models.RunLease.objects.filter(run_id=run_id, attempt=attempt, lease_until__isnull=False)
    return owned.update(lease_until=Now() + timedelta(seconds=lease_seconds)) == 1


def stop_requested_by(run_id: UUID, attempt: int) -> str | None:
    """Who asked this attempt to stop, empty if nobody; None if it no longer owns the run."""
    owned = models.RunLease.objects.filter(run_id=run_id, attempt=attempt, lease_until__isnull=False)
    return owned.values_list("stop_requested_by", flat=True).first()


@transaction.atomic
def finish_stage(claim: Claim, *, can_go_back: bool, told: Collection[str] = ()) -> Outcome:
    """The stage's work is stored: move on, or go back to the model if somebody has said or decided something meanwhile.

    `can_go_back` is False when the run's budget is spent: the messages are carried over then. `told` are the ids of the
    requests whose outcome the model knows. AGAIN changes nothing: the attempt still owns the run. Raises `AttemptFenced`.
    """
    run = _owned_run(claim)
    listens = claim.stage in (Stage.ANALYZE, Stage.PROPOSE_SOLUTION)
    if listens and can_go_back and (messages.has_queued(run.id) or inputs.has_untold(run.id, told)):
        return Outcome.AGAIN
    if listens:
        inputs.close_open(run, told, claim.attempt)
    if listens and not can_go_back:
        messages.carry_over_queued(run)
    _tell(run, kinds.StageFinished(stage=claim.stage), attempt=claim.attempt)
    following = claim.stage.next
    if following is None:
        solution = models.Solution.objects.get(run=run)
        models.Run.objects.filter(id=run.id).update(verdict=solution.verdict)
        end(run, RunStatus.SUCCEEDED, kinds.RunSucceeded(verdict=Verdict(solution.verdict)), attempt=claim.attempt)
        return Outcome.ENDED
    _give_up_lease(claim)
    models.Run.objects.filter(id=run.id).update(
        status=RunStatus.QUEUED.value, status_since=Now(), stage=following.value, crashes=0, dispatched_at=Now()
    )
    return Outcome.NEXT


@transaction.atomic
def finish_waiting(claim: Claim, told: Collection[str]) -> Outcome:
    """Nothing can be done until a person answers. AGAIN if there is news already (`has_news`)."""
    run = _owned_run(claim)
    if has_news(run.id, told):
        return Outcome.AGAIN
    open_requests = models.InputRequest.objects.filter(run=run, answered_at__isnull=True).values_list("id", flat=True)
    _tell(run, kinds.RunWaiting(input_request_ids=[str(request) for request in open_requests]), attempt=claim.attempt)
    _give_up_lease(claim)
    models.Run.objects.filter(id=run.id).update(status=RunStatus.WAITING.value, status_since=Now(), crashes=0)
    return Outcome.WAITING


def has_news(run_id: UUID, told: Collection[str]) -> bool:
    """Whether a waiting run has something to go on with: a message, an answer, or nothing left to wait for.

    `told` are the ids of the requests whose outcome the model knows.
    """
    requests = models.InputRequest.objects.filter(run_id=run_id).exclude(kind=InputKind.JOIN.value)
    if requests.filter(answered_at__isnull=False).exclude(id__in=list(told)).exists():
        return True
    return messages.has_queued(run_id) or not requests.filter(answered_at__isnull=True).exists()


@transaction.atomic
def requeue(claim: Claim, stage: Stage) -> None:
    """Give the run back to the queue, at this stage (going back to the model; a worker that shuts down)."""
    run = _owned_run(claim)
    _give_up_lease(claim)
    models.Run.objects.filter(id=run.id).update(
        status=RunStatus.QUEUED.value, status_since=Now(), stage=stage.value, dispatched_at=Now()
    )
    events.announce(run_id=run.id, issue_id=run.issue_id, team_id=run.issue.team_id)


@transaction.atomic
def wake(run_id: UUID) -> bool:
    """Queue a waiting run again: a person said or answered something. False if it waits not, or whether to join another one."""
    if inputs.may_join(run_id):
        return False
    waiting = models.Run.objects.filter(id=run_id, status=RunStatus.WAITING.value)
    return waiting.update(status=RunStatus.QUEUED.value, status_since=Now(), dispatched_at=Now()) == 1


@transaction.atomic
def fail(claim: Claim, error: errors.SahurError) -> None:
    """End the run because its work cannot be done. Raises `AttemptFenced`."""
    _fail(_owned_run(claim), claim.stage, error, attempt=claim.attempt)


@transaction.atomic
def cancel(claim: Claim) -> None:
    """The owner has stopped, as asked. Raises `AttemptFenced`."""
    run = _owned_run(claim)
    asked_by = models.RunLease.objects.values_list("stop_requested_by", flat=True).get(run_id=run.id)
    _end_canceled(run, asked_by, attempt=claim.attempt)


@transaction.atomic
def request_stop(run_id: UUID, asked_by: str) -> models.Run:
    """Ask the run to stop. One that nobody works on ends at once; an ended one stays as it is."""
    run = lock_run(run_id)
    if RunStatus(run.status).is_terminal:
        return run
    models.RunLease.objects.filter(run_id=run_id, stop_requested_by="").update(stop_requested_by=asked_by)
    events.record(run, kinds.StopRequested(asked_by=asked_by), key="run.stop_requested")
    if run.status in (RunStatus.QUEUED, RunStatus.WAITING):
        _end_canceled(run, asked_by)
    run.refresh_from_db()
    return run


@transaction.atomic
def recover(run_id: UUID, max_crashes: int, checkpoint: str) -> RunStatus | None:
    """The lease ran out: queue the run again, or end it. None if it has moved on meanwhile.

    `checkpoint` names how far the run has come. Only attempts that are lost one after the other at the same checkpoint
    count against it: a long run may outlive any number of crashes, one that kills its workers may not.
    """
    run = (
        models.Run.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        .select_related("issue__team")
        .filter(id=run_id)
        .first()
    )
    if run is None or run.status != RunStatus.RUNNING:
        return None
    # Nobody is waited for: a worker that stands still may hold the row, and the other runs need the reaper.
    leases = models.RunLease.objects.select_for_update(no_key=True, skip_locked=True)
    expired = leases.filter(run_id=run_id, lease_until__lt=Now()).first()
    if expired is None:
        return None
    if expired.stop_requested_by:
        _end_canceled(run, expired.stop_requested_by)
        return RunStatus.CANCELED
    crashes = run.crashes + 1 if checkpoint == run.crashed_at else 1
    if crashes >= max_crashes:
        cause = errors.SahurError(
            f"The worker was lost {crashes} times in a row at the same place of this stage.",
            next_step="Look at the worker's log for the trace id of this run, then start another run.",
        )
        _fail(run, Stage(run.stage), cause)
        return RunStatus.FAILED
    # Without a lease the lost worker is fenced even if it wakes up; the next claim raises the number of the attempt.
    models.RunLease.objects.filter(run_id=run_id).update(lease_until=None, owner=LOST)
    models.Run.objects.filter(id=run_id).update(
        status=RunStatus.QUEUED.value, status_since=Now(), crashes=crashes, crashed_at=checkpoint, dispatched_at=Now()
    )
    return RunStatus.QUEUED


def expired_leases(limit: int = 100) -> list[UUID]:
    """Running runs whose owner has not been heard of in time."""
    rows = models.Run.objects.filter(status=RunStatus.RUNNING.value, lease__lease_until__lt=Now())
    return list(rows.values_list("id", flat=True)[:limit])


def shorten_leases(lease_seconds: float) -> int:
    """Leases that end later than any can: the database's clock has jumped back. A living owner extends its own again."""
    latest = Now() + timedelta(seconds=lease_seconds)
    far = models.RunLease.objects.filter(
        run__status=RunStatus.RUNNING.value, lease_until__gt=Now() + timedelta(seconds=2 * lease_seconds)
    )
    return far.update(lease_until=latest)


def expire_lease(run_id: UUID, owner: str) -> None:
    """The process of this owner is known to be dead: do not wait for its lease to run out."""
    owned = models.RunLease.objects.filter(run_id=run_id, owner=owner, lease_until__isnull=False)
    owned.update(lease_until=Now() - timedelta(seconds=1))


def queued_count() -> int:
    """How many runs wait for a worker, over all teams."""
    return models.Run.objects.filter(status=RunStatus.QUEUED.value).count()


def take_unclaimed(after_seconds: float, limit: int = 100) -> list[models.Run]:
    """Queued runs whose hint seems lost; each is handed out once per wait, which doubles up to a limit."""
    # Sent in the future: the database's clock has jumped back.
    is_due = Q(dispatched_at__gt=Now() + timedelta(seconds=after_seconds))
    for resends in range(MAX_DOUBLINGS + 1):
        waited = Q(dispatched_at__lt=Now() - timedelta(seconds=after_seconds * 2**resends))
        is_due |= waited & (Q(resends=resends) if resends < MAX_DOUBLINGS else Q(resends__gte=resends))
    taken = []
    rows = models.Run.objects.filter(is_due, status=RunStatus.QUEUED.value).select_related("issue")
    for run in rows.order_by("dispatched_at")[:limit]:
        seen = models.Run.objects.filter(id=run.id, status=RunStatus.QUEUED.value, dispatched_at=run.dispatched_at)
        if seen.update(dispatched_at=Now(), resends=F("resends") + 1) == 1:
            taken.append(run)
    return taken


def note_commit(run_id: UUID, commit: str) -> None:
    """What the run reads of its repository, to its end. The first one stays."""
    models.Run.objects.filter(id=run_id, commit="").update(commit=commit)


def _owned_run(claim: Claim) -> models.Run:
    run = lock_run(claim.run.id)
    owned = models.RunLease.objects.filter(run_id=run.id, attempt=claim.attempt, lease_until__isnull=False)
    if run.status != RunStatus.RUNNING or not owned.exists():
        raise errors.AttemptFenced(f"Attempt {claim.attempt} no longer owns run {run.id}.")
    return run


def _give_up_lease(claim: Claim) -> None:
    models.RunLease.objects.filter(run_id=claim.run.id, attempt=claim.attempt).update(lease_until=None, owner="")


def _tell(run: models.Run, payload: kinds.EventPayload, *, attempt: int | None = None, key: str | None = None) -> None:
    events.record(run, payload, attempt=attempt, key=key)
    effects.plan(run, payload)


def _fail(run: models.Run, stage: Stage, error: errors.SahurError, *, attempt: int | None = None) -> None:
    failure = {"stage": stage.value, "code": error.code, "cause": error.message, "next_step": error.next_step}
    models.Run.objects.filter(id=run.id).update(failure=without_secrets(failure)[0])
    payload = kinds.RunFailed(stage=stage, code=error.code, cause=error.message, next_step=error.next_step)
    end(run, RunStatus.FAILED, payload, attempt=attempt)


def _end_canceled(run: models.Run, asked_by: str, *, attempt: int | None = None) -> None:
    knew = standing(run)
    told = kinds.RunCanceled(asked_by=asked_by, facts=knew.facts, hypotheses=knew.hypotheses, would_look_at=knew.would_look_at)
    end(run, RunStatus.CANCELED, told, attempt=attempt)


def end(run: models.Run, status: RunStatus, payload: kinds.EventPayload, *, attempt: int | None = None) -> None:
    """The last event of a locked run, and all that follows from it."""
    messages.carry_over_queued(run)
    inputs.supersede_open(run, ENDED_REASONS[status], attempt)
    _tell(run, payload, attempt=attempt, key=ENDED)
    models.RunLease.objects.filter(run_id=run.id).update(lease_until=None, owner="")
    models.Run.objects.filter(id=run.id).update(
        status=status.value, status_since=Now(), ended_at=Now(), usage=spending.of_run(run.id)
    )
    models.Issue.objects.filter(id=run.issue_id).update(updated_at=Now())
