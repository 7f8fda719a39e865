"""Rows to plain data of the core, and nothing else."""

from __future__ import annotations

from datetime import datetime

from sahur.issues import models
from sahur_core import events, issues


def event(run_id: str, first_seq: int, seq: int, attempt: int, at: datetime, payload: str) -> events.Event:
    """`payload` as the JSON text that is stored."""
    return events.Event(
        run_id=run_id,
        first_seq=first_seq,
        seq=seq,
        attempt=attempt,
        at=at,
        payload=events.payload_adapter.validate_json(payload),
    )


def report(issue: models.Issue, repository: issues.RepositoryRef | None) -> issues.Report:
    return issues.Report(
        issue_key=issue.key,
        title=issue.title,
        body=issue.body,
        source=issues.Source(issue.source),
        repository=repository,
        severity=issues.Severity(issue.severity) if issue.severity else None,
        reported_at=issue.created_at,
    )


def closing(issue: models.Issue) -> issues.Closing | None:
    """None for an issue that is open."""
    if issue.status != issues.IssueStatus.CLOSED or issue.closed_at is None:
        return None
    told = issue.activity.filter(kind="issue.closed").order_by("number").last()
    outcome = issues.IssueOutcome.model_validate(issue.outcome)
    return issues.Closing(at=issue.closed_at, by=told.actor if told else "", resolution=issue.resolution, outcome=outcome)


def person_message(row: models.Message) -> issues.PersonMessage:
    return issues.PersonMessage(
        id=str(row.id), author=row.author_name, text=row.text, said_at=row.created_at, is_urgent=row.is_urgent
    )


def transcript_message(row: models.Message) -> issues.TranscriptMessage:
    return issues.TranscriptMessage(id=str(row.id), role=issues.Role(row.role), body=row.body)


def tool_call(row: models.ToolCall) -> issues.ToolCall:
    return issues.ToolCall(
        id=row.id.split("/", 1)[1],
        step_id=row.step_id,
        tool=row.tool,
        arguments=row.arguments,
        status=issues.ToolResultStatus(row.status),
        text=row.text,
        receipt_id=str(row.receipt_id or ""),
        duration_ms=row.duration_ms,
    )


def evidence(row: models.Evidence) -> issues.Evidence:
    return issues.Evidence(
        id=str(row.id),
        number=row.number,
        statement=row.statement,
        excerpt=row.excerpt,
        receipt_id=str(row.receipt_id),
        tool=row.tool,
        path=row.path,
        line=row.line,
        commit=row.commit,
    )


def input_request(row: models.InputRequest) -> issues.InputRequest:
    return issues.InputRequest(
        id=str(row.id),
        kind=issues.InputKind(row.kind),
        prompt=row.prompt,
        tool=row.tool,
        arguments=row.arguments,
        arguments_hash=row.arguments_hash,
        arguments_schema=row.arguments_schema,
        default=row.default,
        expires_at=row.expires_at,
        allowed_decisions=[issues.Decision(decision) for decision in row.allowed_decisions],
        answerable_by=row.answerable_by,
        decision=issues.Decision(row.decision) if row.decision else None,
        answer=row.answer,
        answered_by=row.answered_by,
        superseded_reason=row.superseded_reason,
    )


def solution(row: models.Solution) -> issues.Solution:
    return issues.Solution.model_validate(row.body)
