"""What a running attempt finds: transcript, tool calls, evidence, solution. Repeating any of these is harmless."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from sahur.issues import events, models
from sahur.issues.services.locks import hold_lease
from sahur_core import issues
from sahur_core.events import EvidenceFound, SolutionProposed
from sahur_core.tools.storable import storable


@transaction.atomic
def add_transcript(run: models.Run, new: Sequence[tuple[issues.Role, dict[str, Any]]], attempt: int) -> list[UUID]:
    """Store messages of the conversation with the model. Rows that no checkpoint names are never read again.

    Raises `AttemptFenced`.
    """
    rows = [models.Message(run=run, role=role.value, body=storable(body)) for role, body in new]
    models.Message.objects.bulk_create(rows)
    hold_lease(run.id, attempt)
    return [row.id for row in rows]


@transaction.atomic
def add_tool_call(run: models.Run, call: issues.ToolCall, attempt: int) -> None:
    """Raises `AttemptFenced`."""
    models.ToolCall.objects.update_or_create(
        id=f"{run.id}/{call.id}",
        defaults={
            "run": run,
            "step_id": call.step_id,
            "tool": call.tool,
            "arguments": storable(call.arguments),
            "status": call.status.value,
            "text": storable(call.text),
            "receipt_id": call.receipt_id or None,
            "duration_ms": call.duration_ms,
        },
    )
    hold_lease(run.id, attempt)


@transaction.atomic
def add_evidence(run: models.Run, evidence: issues.Evidence, attempt: int) -> None:
    """Raises `AttemptFenced`."""
    values = storable(evidence.model_dump(exclude={"id", "number"}))
    _, is_new = models.Evidence.objects.get_or_create(run=run, number=evidence.number, defaults={"id": evidence.id, **values})
    if is_new:
        events.record(run, EvidenceFound(evidence=evidence), attempt=attempt, key=f"evidence:{evidence.number}")


def note_hypothesis(run_id: UUID) -> None:
    """The run has stated one. The time of the first one stays; what was copied from another run is not its own."""
    models.Run.objects.filter(id=run_id, first_hypothesis_at__isnull=True, fork_kind="").update(first_hypothesis_at=Now())


@transaction.atomic
def save_solution(run: models.Run, solution: issues.Solution, attempt: int) -> None:
    """Raises `AttemptFenced`. A later solution of the same run replaces the earlier one; both were told."""
    body = storable(solution.model_dump(mode="json"))
    known = models.Solution.objects.filter(run=run).values_list("body", flat=True).first()
    if known == body:
        return
    models.Solution.objects.update_or_create(
        run=run, defaults={"verdict": solution.verdict.value, "summary": body["summary"], "body": body}
    )
    events.record(run, SolutionProposed(solution=issues.Solution.model_validate(body)), attempt=attempt)
