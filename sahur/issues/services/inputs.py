"""Questions, approvals and budgets: opened by a run, answered by the first person, or by the default in time."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from sahur.accounts.actor import Actor
from sahur.issues import events, models
from sahur.issues.services import effects
from sahur.issues.services.locks import lock_run
from sahur_core import issues
from sahur_core.errors import Conflict, InputError
from sahur_core.events import EventPayload, InputAnswered, InputExpired, InputRequested
from sahur_core.issues import Decision, InputKind, RunStatus

DECISIONS = {
    InputKind.QUESTION: {Decision.RESPOND},
    InputKind.APPROVAL: {Decision.APPROVE, Decision.EDIT, Decision.REJECT},
    InputKind.BUDGET: {Decision.APPROVE, Decision.REJECT},
}


@transaction.atomic
def open_request(run: models.Run, request: issues.InputRequest, attempt: int) -> None:
    """Ask. The same request again is a no-op. Raises `AttemptFenced`."""
    row, is_new = models.InputRequest.objects.get_or_create(
        id=request.id,
        defaults={
            "run": run,
            "kind": request.kind.value,
            "prompt": request.prompt,
            "tool": request.tool,
            "arguments": request.arguments,
            "arguments_hash": request.arguments_hash,
            "default": request.default,
            "expires_at": request.expires_at,
        },
    )
    if is_new:
        _tell(run, InputRequested(input_request=request), attempt=attempt, key=f"input:{row.id}:requested")


@transaction.atomic
def answer(
    request: models.InputRequest, decision: Decision, actor: Actor, *, text: str = "", arguments: dict[str, Any] | None = None,
    arguments_hash: str = "",
) -> models.InputRequest:  # fmt: skip
    """The first answer wins. Raises `Conflict` for a later one and `InputError` for a decision that does not fit."""
    kind = InputKind(request.kind)
    if decision not in DECISIONS[kind]:
        fitting = ", ".join(sorted(DECISIONS[kind]))
        raise InputError(
            f"A request of kind {kind} cannot be answered with {decision}.", next_step=f"Use: {fitting}.", field="decision"
        )
    if decision == Decision.RESPOND and not text.strip():
        raise InputError("The answer is empty.", next_step="Write an answer.", field="answer")
    run = lock_run(request.run_id)
    changes: dict[str, Any] = {}
    if decision == Decision.EDIT:
        if arguments is None:
            raise InputError("An edited approval needs its arguments.", next_step="Send the arguments to use.", field="arguments")
        changes = {"arguments": arguments, "arguments_hash": arguments_hash}
    won = models.InputRequest.objects.filter(id=request.id, answered_at__isnull=True).update(
        decision=decision.value,
        answer=text,
        answered_by=actor.name,
        answered_by_user_id=actor.user_id,
        answered_at=timezone.now(),
        **changes,
    )
    request.refresh_from_db()
    if won != 1:
        is_same = request.decision == decision and request.answered_by_user_id == actor.user_id and request.answer == text
        if is_same and (decision != Decision.EDIT or request.arguments_hash == arguments_hash):
            return request
        raise _too_late(request, run)
    payload = InputAnswered(input_request_id=str(request.id), decision=decision, answer=text, answered_by=actor.name)
    _tell(run, payload, key=f"input:{request.id}:closed")
    return request


def _tell(run: models.Run, payload: EventPayload, *, key: str, attempt: int | None = None) -> None:
    events.record(run, payload, attempt=attempt, key=key)
    effects.plan(run, payload)


def _too_late(request: models.InputRequest, run: models.Run) -> Conflict:
    """Who or what was first."""
    if request.decision:
        return Conflict(f"{request.answered_by} has already answered this.", next_step="Reload to see the answer.")
    if RunStatus(run.status).is_terminal:
        return Conflict("The run has ended; it no longer needs this.", next_step="Start another run to go on.")
    return Conflict(
        f"Nobody answered this in time. What holds now: {request.default or 'go on without it'}",
        next_step="Say it to the run as a message.",
    )


def unanswered_in_time(limit: int = 100) -> list[models.InputRequest]:
    """Requests whose time is over."""
    rows = models.InputRequest.objects.filter(answered_at__isnull=True, expires_at__lte=Now())
    return list(rows.order_by("expires_at")[:limit])


@transaction.atomic
def expire(request: models.InputRequest) -> bool:
    """Let the stated default hold. False if somebody was first, or has the run locked right now: the next time, then."""
    rows = models.Run.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    run = rows.select_related("issue__team").filter(id=request.run_id).first()
    if run is None:
        return False
    expired = models.InputRequest.objects.filter(id=request.id, answered_at__isnull=True).update(
        answer=request.default, answered_by="nobody in time", answered_at=timezone.now()
    )
    if expired == 1:
        payload = InputExpired(input_request_id=str(request.id), default=request.default)
        _tell(run, payload, key=f"input:{request.id}:closed")
    return expired == 1
