"""Runs that go on from a checkpoint of another one of their issue, and their own copies of what that one had found.

The other run stays as it is. Rows are copied under ids that follow from the new run and the old id, so copying them twice
is copying them once; receipts are shared.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from sahur.issues import events, mapping, models
from sahur.issues.services import messages, runs
from sahur.issues.services.locks import hold_lease, lock_run
from sahur_core.errors import Conflict
from sahur_core.events import (
    EventPayload,
    EvidenceFound,
    HypothesisStated,
    InputAnswered,
    InputExpired,
    InputRequested,
    InputSuperseded,
    NoticeRaised,
    RunForked,
    SolutionProposed,
)
from sahur_core.issues import SUPERSEDED_BY, Evidence, ForkKind, Hypothesis, InputKind, MessageStatus, RunStatus, Stage

TAKEN = "This client_id is that of another request."
NOT_OPEN_HERE = "It was asked in run {number} and is not open here; it has to be asked again if it still matters."


@dataclass(frozen=True)
class Copied:
    """What of the source belongs to a checkpoint: ids of its rows, and the ids that they have in the new run."""

    source: models.Run
    transcript: Sequence[str]
    tool_calls: Collection[str]
    evidence: Mapping[str, str]
    inputs: Mapping[str, str]
    told_inputs: Collection[str]
    hypotheses: Sequence[Hypothesis]
    finished_stage: str
    position: int


@transaction.atomic
def resume(point: runs.ForkPoint, asked: runs.Asked) -> tuple[models.Run, bool]:
    """Go on from where a stopped or failed run was; False if somebody has done so already: there is one such run at most.

    What people said to it too late is said to the new one. Raises `Conflict` for a run that can still go on by itself.
    """
    source = _lock(point.source)
    known = models.Run.objects.filter(forked_from=source, fork_kind=ForkKind.RESUME.value).select_related("issue").first()
    if known is not None:
        return known, False
    if source.status not in (RunStatus.CANCELED, RunStatus.FAILED):
        raise Conflict(
            f"The run is {source.status}; only a stopped or failed one can be resumed.",
            next_step="Send it a message, or branch from one of its stages.",
        )
    if asked.client_id and models.Run.objects.filter(issue=source.issue, client_id=asked.client_id).exists():
        raise Conflict(TAKEN, next_step="Send it again with a new client_id.")
    run = _insert(point, asked)
    late = models.Message.objects.filter(run=source, status=MessageStatus.CARRIED_OVER.value)
    for message in late.order_by("created_at", "id"):
        messages.carry_into(run, message)
    return run, True


@transaction.atomic
def branch(point: runs.ForkPoint, asked: runs.Asked, text: str) -> tuple[models.Run, bool]:
    """Try another line from the end of a stage, with what its author says about it; False if this request was made before.

    Raises `Conflict` if the `client_id` belongs to another request.
    """
    source = _lock(point.source)
    known = models.Run.objects.filter(issue=source.issue, client_id=asked.client_id).select_related("issue").first()
    if known is not None and asked.client_id:
        is_same = known.forked_from_id == source.id and known.fork_kind == ForkKind.BRANCH
        first = models.Message.objects.filter(run=known, client_id=asked.client_id).first()
        if not is_same or first is None or first.text != text:
            raise Conflict(TAKEN, next_step="Send it again with a new client_id.")
        return known, False
    run = _insert(point, asked)
    messages.say(run, text, author_name=asked.by, author_id=asked.user_id, client_id=asked.client_id)
    return run, True


def _lock(source: models.Run) -> models.Run:
    """The source as it is now. The lock of its issue keeps two requests from making two runs.

    The source comes first: it is told of the new run, and while it ends it holds its lease and waits for its issue.
    """
    locked = lock_run(source.id)
    models.Issue.objects.select_for_update(no_key=True).get(id=source.issue_id)
    return locked


def _insert(point: runs.ForkPoint, asked: runs.Asked) -> models.Run:
    run = runs.insert_run(point.source.issue, asked, point)
    told = RunForked(fork_id=str(run.id), fork_number=run.number, fork_kind=point.kind, asked_by=asked.by)
    events.record(point.source, told, key=f"run:{run.id}:forked")
    return run


def copied_id(run_id: UUID, row_id: str) -> str:
    """The id of the copy of a row, where nothing else decides it."""
    return str(uuid.uuid5(run_id, row_id))


@transaction.atomic
def copy_findings(run: models.Run, copied: Copied, attempt: int) -> None:
    """Give the new run what the checkpoint knows of, and tell readers. Again is a no-op. Raises `AttemptFenced`."""
    _copy_transcript(run, copied)
    _copy_tool_calls(run, copied)
    facts = _copy_evidence(run, copied)
    requests = _copy_inputs(run, copied)
    if run.fork_kind == ForkKind.RESUME:
        _carry_what_was_not_kept(run, copied)
    opening = NoticeRaised(level="info", message=_opening(run, copied, len(facts)))
    events.record(run, opening, attempt=attempt, key="fork:opening")
    for fact in facts:
        events.record(run, EvidenceFound(evidence=fact), attempt=attempt, key=f"evidence:{fact.number}")
    for request in requests:
        _tell_request(run, request, attempt)
    for hypothesis in copied.hypotheses:
        told = HypothesisStated(hypothesis=hypothesis)
        events.record(run, told, attempt=attempt, key=f"hypothesis:fork:{hypothesis.id}"[:200])
    if run.fork_kind == ForkKind.RESUME and copied.finished_stage in (Stage.PROPOSE_SOLUTION, Stage.PUBLISH):
        _copy_solution(run, copied.source, attempt)
    hold_lease(run.id, attempt)


def _copy_transcript(run: models.Run, copied: Copied) -> None:
    rows = models.Message.objects.filter(run=copied.source).in_bulk([UUID(row_id) for row_id in copied.transcript])
    copies = [
        models.Message(id=copied_id(run.id, str(row.id)), run=run, role=row.role, body=row.body, created_at=row.created_at)
        for row in rows.values()
    ]
    models.Message.objects.bulk_create(copies, ignore_conflicts=True)


def _copy_tool_calls(run: models.Run, copied: Copied) -> None:
    rows = models.ToolCall.objects.filter(id__in=[f"{copied.source.id}/{call}" for call in copied.tool_calls])
    copies = []
    for row in rows:
        row.id, row.run = f"{run.id}/{row.id.split('/', 1)[1]}", run
        copies.append(row)
    models.ToolCall.objects.bulk_create(copies, ignore_conflicts=True)


def _copy_evidence(run: models.Run, copied: Copied) -> list[Evidence]:
    copies = []
    for row in models.Evidence.objects.filter(run=copied.source, id__in=copied.evidence).order_by("number"):
        row.id, row.run = UUID(copied.evidence[str(row.id)]), run
        copies.append(row)
    models.Evidence.objects.bulk_create(copies, ignore_conflicts=True)
    return [mapping.evidence(row) for row in copies]


def _copy_inputs(run: models.Run, copied: Copied) -> list[models.InputRequest]:
    """An outcome that the model knows, or an answer, holds here, too. What is open, or was granted and not used, does not."""
    copies = []
    for row in models.InputRequest.objects.filter(run=copied.source, id__in=copied.inputs):
        is_known = str(row.id) in copied.told_inputs
        is_answer = bool(row.decision) and row.kind == InputKind.QUESTION
        row.id, row.run = UUID(copied.inputs[str(row.id)]), run
        if not is_known and not is_answer:
            row.decision, row.answer, row.answered_by_user = "", "", None
            row.answered_by, row.answered_at = SUPERSEDED_BY, timezone.now()
            row.superseded_reason = NOT_OPEN_HERE.format(number=copied.source.number)
        copies.append(row)
    models.InputRequest.objects.bulk_create(copies, ignore_conflicts=True)
    return copies


def _tell_request(run: models.Run, row: models.InputRequest, attempt: int) -> None:
    """That it was asked and what became of it, as readers of the other run were told."""
    request = mapping.input_request(row)
    asked = InputRequested(input_request=request)
    events.record(run, asked, attempt=attempt, key=f"input:{request.id}:requested")
    closed: EventPayload = InputExpired(input_request_id=request.id, default=request.default)
    if request.superseded_reason:
        closed = InputSuperseded(input_request_id=request.id, reason=request.superseded_reason)
    elif request.decision is not None:
        closed = InputAnswered(
            input_request_id=request.id, decision=request.decision, answer=request.answer, answered_by=request.answered_by
        )
    events.record(run, closed, attempt=attempt, key=f"input:{request.id}:closed")


def _carry_what_was_not_kept(run: models.Run, copied: Copied) -> None:
    """Messages that the source took in at a step which it was stopped in: no checkpoint knows of them."""
    lost = models.Message.objects.filter(
        run=copied.source, status=MessageStatus.TAKEN_IN.value, taken_in_at_step__gt=copied.position
    )
    for message in lost.order_by("created_at", "id"):
        messages.carry_into(run, message)


def _copy_solution(run: models.Run, source: models.Run, attempt: int) -> None:
    solution = models.Solution.objects.filter(run=source).first()
    if solution is None:
        return
    values = {"verdict": solution.verdict, "summary": solution.summary, "body": solution.body}
    _, is_new = models.Solution.objects.get_or_create(run=run, defaults=values)
    if is_new:
        told: EventPayload = SolutionProposed(solution=mapping.solution(solution))
        events.record(run, told, attempt=attempt)


def _opening(run: models.Run, copied: Copied, facts: int) -> str:
    number = run.forked_from.number if run.forked_from else copied.source.number
    where = "from where it was" if run.fork_kind == ForkKind.RESUME else f"from the end of its stage {run.fork_stage}"
    calls = len(copied.tool_calls)
    return (
        f"This run goes on from run {number}, {where}: it has its {calls} tool call{'' if calls == 1 else 's'} "
        f"and {facts} fact{'' if facts == 1 else 's'}."
    )
