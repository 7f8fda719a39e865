"""Questions, approvals and budgets: opened by a run, answered by the first person, or by the default in time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from sahur.accounts.actor import Actor
from sahur.accounts.models import MemberRole
from sahur.issues import events, mapping, models
from sahur.issues.services import effects
from sahur.issues.services.locks import lock_run
from sahur_core import issues
from sahur_core.errors import Conflict, InputError
from sahur_core.events import EventPayload, InputAnswered, InputExpired, InputRequested, InputSuperseded, NoticeRaised
from sahur_core.issues import Decision, InputKind, RunStatus
from sahur_core.tools.arguments import ArgumentChecker
from sahur_core.tools.decisions import allowed_on
from sahur_core.tools.policy import arguments_hash

NOBODY = "nobody in time"
"""In whose name a request is closed that nobody answered."""
MAX_REASON_CHARS = 200
_checker = ArgumentChecker()


@transaction.atomic
def open_request(run: models.Run, request: issues.InputRequest, attempt: int | None) -> None:
    """Ask, through an attempt or (None) for a run that has not begun. Again is a no-op. Raises `AttemptFenced`."""
    row, is_new = models.InputRequest.objects.get_or_create(
        id=request.id,
        defaults={
            "run": run,
            "kind": request.kind.value,
            "prompt": request.prompt,
            "tool": request.tool,
            "arguments": request.arguments,
            "arguments_hash": request.arguments_hash,
            "arguments_schema": request.arguments_schema,
            "allowed_decisions": [decision.value for decision in allowed_on(request)],
            "answerable_by": request.answerable_by,
            "default": request.default,
            "expires_at": request.expires_at,
        },
    )
    if is_new:
        _tell(run, InputRequested(input_request=request), attempt=attempt, key=f"input:{row.id}:requested")


@dataclass(frozen=True)
class Answer:
    """What a person decides. `arguments` are those of an edit; `seen_hash` is of the arguments that the person was shown."""

    decision: Decision
    text: str = ""
    arguments: dict[str, Any] | None = None
    seen_hash: str = ""


@transaction.atomic
def answer(request: models.InputRequest, given: Answer, actor: Actor) -> models.InputRequest:
    """The first answer wins; the same one again is taken for a repetition.

    Raises `Conflict` for a later one, or one about other arguments than the request has now, `InputError` for one that does
    not fit, and `NotPermitted` for a person whose role is too low for this request.
    """
    # The row's fields are read under the lock: a request may be closed between its being shown and being answered.
    run = lock_run(request.run_id)
    request.refresh_from_db()
    actor.require(run.issue.team_id, MemberRole(request.answerable_by))
    changes = _checked(request, given)
    if request.answered_at is not None:
        if _is_same(request, given, actor, changes):
            return request
        raise _too_late(request, run)
    if given.seen_hash and given.seen_hash != request.arguments_hash:
        raise Conflict(
            "The arguments are not those that you were shown.", next_step="Reload, look at the arguments again, and decide then."
        )
    models.InputRequest.objects.filter(id=request.id).update(
        decision=given.decision.value,
        answer=given.text,
        answered_by=actor.name,
        answered_by_user_id=actor.user_id,
        answered_at=timezone.now(),
        **changes,
    )
    request.refresh_from_db()
    payload = InputAnswered(input_request_id=str(request.id), decision=given.decision, answer=given.text, answered_by=actor.name)
    _tell(run, payload, key=f"input:{request.id}:closed")
    return request


def _checked(request: models.InputRequest, given: Answer) -> dict[str, Any]:
    """The columns that this answer changes besides the decision. Raises `InputError` for one that does not fit."""
    allowed = allowed_on(mapping.input_request(request))
    if given.decision not in allowed:
        raise InputError(
            f"This {request.kind} cannot be answered with {given.decision}.",
            next_step=f"Use: {', '.join(sorted(allowed))}.",
            field="decision",
        )
    if given.decision == Decision.RESPOND and not given.text.strip():
        raise InputError("The answer is empty.", next_step="Write an answer.", field="answer")
    if given.decision != Decision.EDIT:
        return {}
    if given.arguments is None:
        raise InputError("An edit needs its arguments.", next_step="Send the arguments to use.", field="arguments")
    # Of a budget only the amount can be edited; what is not sent stays as it was.
    is_budget = request.kind == InputKind.BUDGET
    arguments = {**request.arguments, **given.arguments} if is_budget else given.arguments
    if problem := _checker.problem(request.arguments_schema, arguments):
        raise InputError(problem, next_step="Mend the arguments and send them again.", field="arguments")
    return {"arguments": arguments, "arguments_hash": arguments_hash(arguments)}


def _is_same(request: models.InputRequest, given: Answer, actor: Actor, changes: dict[str, Any]) -> bool:
    """Whether this very answer was stored before: somebody clicked twice, or never saw the acknowledgement."""
    stored = (request.decision, request.answered_by_user_id, request.answer)
    if actor.user_id is None and request.answered_by != actor.name:
        # People of Slack without an account have only their name here.
        return False
    same_arguments = not changes or changes["arguments_hash"] == request.arguments_hash
    return stored == (given.decision, actor.user_id, given.text) and same_arguments


@transaction.atomic
def supersede(run: models.Run, request_id: UUID | str, reason: str, attempt: int | None = None) -> bool:
    """Close a request that no longer matters, and tell readers why. False if it was closed already. Raises `AttemptFenced`."""
    locked = lock_run(run.id)
    rows = models.InputRequest.objects.filter(id=request_id, run=locked, answered_at__isnull=True)
    closed = rows.update(
        answered_by=issues.SUPERSEDED_BY, answered_at=timezone.now(), superseded_reason=reason[:MAX_REASON_CHARS]
    )
    if closed == 1:
        payload = InputSuperseded(input_request_id=str(request_id), reason=reason[:MAX_REASON_CHARS])
        _tell(locked, payload, attempt=attempt, key=f"input:{request_id}:closed")
    return closed == 1


def supersede_open(run: models.Run, reason: str, attempt: int | None = None) -> None:
    """Close all that is still asked. Call it in the transaction that makes it pointless."""
    rows = models.InputRequest.objects.filter(run=run, answered_at__isnull=True).order_by("created_at", "id")
    for request_id in list(rows.values_list("id", flat=True)):
        supersede(run, request_id, reason, attempt)


def close_open(run: models.Run, told: Collection[str], attempt: int) -> None:
    """The run goes on to its answer: nothing is asked any more, and a call approved too late for it is not made.

    Call it in the transaction that finishes the stage.
    """
    supersede_open(run, "The run went on to its answer without it.", attempt)
    late = models.InputRequest.objects.filter(
        run=run, kind=InputKind.APPROVAL.value, decision__in=[Decision.APPROVE.value, Decision.EDIT.value]
    )
    for request in late.exclude(id__in=list(told)).order_by("created_at", "id"):
        notice = NoticeRaised(
            level="warning",
            message=f"{request.answered_by} approved the call of {request.tool}, but the run had nothing left to spend on it.",
            next_step="It was not made. Start another run if it is still needed.",
        )
        events.record(run, notice, attempt=attempt, key=f"input:{request.id}:unused")


def has_untold(run_id: UUID, told: Collection[str]) -> bool:
    """Whether people have decided something of which the model has not been told. `told` are the ids it knows of."""
    decided = models.InputRequest.objects.filter(run_id=run_id, answered_at__isnull=False, superseded_reason="")
    return decided.exclude(kind=InputKind.JOIN.value).exclude(id__in=list(told)).exists()


def may_join(run_id: UUID) -> bool:
    """Whether people are being asked if the run, which has not begun, joins another one. No model ever hears of that."""
    return models.InputRequest.objects.filter(run_id=run_id, kind=InputKind.JOIN.value, answered_at__isnull=True).exists()


def _tell(run: models.Run, payload: EventPayload, *, key: str, attempt: int | None = None) -> None:
    events.record(run, payload, attempt=attempt, key=key)
    effects.plan(run, payload)


def _too_late(request: models.InputRequest, run: models.Run) -> Conflict:
    """Who or what was first."""
    if request.decision:
        return Conflict(f"{request.answered_by} has already answered this.", next_step="Reload to see the answer.")
    if request.superseded_reason:
        return Conflict(
            f"This no longer needs an answer: {request.superseded_reason}",
            next_step="If it matters, say it to the run.",
        )
    is_over = RunStatus(run.status).is_terminal
    if request.answered_by != NOBODY:
        return Conflict("The run has ended; it no longer needs this.", next_step="Start another run to go on.")
    return Conflict(
        f"Nobody answered this in time. What holds now: {request.default or 'go on without it'}",
        next_step="Start another run to go on." if is_over else "Say it to the run as a message.",
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
        answer=request.default, answered_by=NOBODY, answered_at=timezone.now()
    )
    if expired == 1:
        payload = InputExpired(input_request_id=str(request.id), default=request.default)
        _tell(run, payload, key=f"input:{request.id}:closed")
    return expired == 1
