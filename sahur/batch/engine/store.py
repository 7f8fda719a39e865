"""The rows behind the ids in the workflow's state, for one attempt (`RunStore` of the core)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

from django.db import close_old_connections

from sahur.batch.engine.attempt import Attempt
from sahur.batch.engine.repository_wait import RepositoryWait
from sahur.batch.patience import patient
from sahur.issues import mapping, models, spending
from sahur.issues.services import findings, inputs, messages, runs
from sahur_core import issues
from sahur_core.linked.remotes import remote_of

P = ParamSpec("P")
T = TypeVar("T")


def stored(method: Callable[Concatenate[AttemptStore, P], T]) -> Callable[Concatenate[AttemptStore, P], T]:
    """Bridge a short absence of the database. A parallel node's thread gives its connection back; the stage's keeps it."""

    @wraps(method)
    def call(self: AttemptStore, /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return patient(lambda: method(self, *args, **kwargs))
        finally:
            if threading.get_ident() != self._attempt.thread_id:
                close_old_connections()

    return call


class AttemptStore:
    """Every method is its own transaction; those that tell readers something are fenced by the attempt."""

    def __init__(self, attempt: Attempt) -> None:
        self._attempt = attempt
        self._run = attempt.claim.run

    @stored
    def report(self) -> issues.Report:
        issue = self._issue()
        return mapping.report(issue, self._prepared(issue))

    @stored
    def earlier_answer(self) -> issues.EarlierAnswer | None:
        if not messages.is_follow_up(self._run.id):
            return None
        rows = models.Solution.objects.select_related("run").filter(
            run__issue=self._run.issue_id, run__number__lt=self._run.number
        )
        row = rows.order_by("-run__number").first()
        if row is None:
            return None
        closing = mapping.closing(self._issue())
        return issues.EarlierAnswer(run_number=row.run.number, solution=mapping.solution(row), closing=closing)

    def prepare_repository(self) -> issues.RepositoryRef | None:
        issue = self._issue()
        if issue.repository is None:
            return None
        if not self._run.commit:
            wait = RepositoryWait(self._attempt, issue.repository, issue.revision)
            self._pin(wait.commit())
        return self._prepared(issue)

    @stored
    def add_transcript(self, messages: Sequence[tuple[issues.Role, dict[str, Any]]]) -> list[str]:
        return [str(row_id) for row_id in findings.add_transcript(self._run, messages, self._attempt.claim.attempt)]

    @stored
    def transcript(self, ids: Sequence[str]) -> list[issues.TranscriptMessage]:
        rows = models.Message.objects.filter(run=self._run).in_bulk([UUID(row_id) for row_id in ids])
        return [mapping.transcript_message(rows[UUID(row_id)]) for row_id in ids]

    @stored
    def take_in_messages(self, step: int) -> list[issues.PersonMessage]:
        # What was streamed before comes first, so that readers see the message at its place.
        self._attempt.flush()
        taken = messages.take_in(self._run, self._attempt.claim.attempt, step)
        return [mapping.person_message(row) for row in taken]

    @stored
    def add_tool_call(self, call: issues.ToolCall) -> None:
        findings.add_tool_call(self._run, call, self._attempt.claim.attempt)

    @stored
    def tool_calls(self) -> list[issues.ToolCall]:
        rows = models.ToolCall.objects.filter(run=self._run).order_by("created_at", "id")
        return [mapping.tool_call(row) for row in rows]

    @stored
    def add_evidence(self, evidence: issues.Evidence) -> None:
        self._attempt.flush()
        findings.add_evidence(self._run, evidence, self._attempt.claim.attempt)

    @stored
    def evidence(self) -> list[issues.Evidence]:
        return [mapping.evidence(row) for row in models.Evidence.objects.filter(run=self._run).order_by("number")]

    @stored
    def open_input_request(self, request: issues.InputRequest) -> None:
        self._attempt.flush()
        inputs.open_request(self._run, request, self._attempt.claim.attempt)

    @stored
    def supersede_input_request(self, request_id: str, reason: str) -> bool:
        self._attempt.flush()
        return inputs.supersede(self._run, request_id, reason, self._attempt.claim.attempt)

    @stored
    def input_requests(self) -> list[issues.InputRequest]:
        rows = models.InputRequest.objects.filter(run=self._run).exclude(kind=issues.InputKind.JOIN.value).order_by("created_at")
        return [mapping.input_request(row) for row in rows]

    @stored
    def spent(self, scope: issues.BudgetScope) -> issues.Spent:
        # What was just spent counts from the moment on when it is stored.
        self._attempt.flush()
        if scope is issues.BudgetScope.TEAM:
            return spending.spent_by_team(self._run.issue.team_id)
        return spending.spent_by_run(self._run.id)

    @stored
    def save_solution(self, solution: issues.Solution) -> None:
        self._attempt.flush()
        findings.save_solution(self._run, solution, self._attempt.claim.attempt)

    @stored
    def solution(self) -> issues.Solution | None:
        row = models.Solution.objects.filter(run=self._run).first()
        return mapping.solution(row) if row else None

    @stored
    def _issue(self) -> models.Issue:
        return models.Issue.objects.select_related("repository").get(id=self._run.issue_id)

    @stored
    def _pin(self, commit: str) -> None:
        """What the run reads stays the same however often somebody pushes meanwhile."""
        runs.note_commit(self._run.id, commit)
        self._run.commit = commit

    @stored
    def _prepared(self, issue: models.Issue) -> issues.RepositoryRef | None:
        if issue.repository is None:
            return None
        commit = self._run.commit
        if not commit:
            rows = models.Checkout.objects.filter(repository=issue.repository, revision=issue.revision).order_by("host")
            commit = rows.values_list("commit", flat=True).first() or ""
        row = issue.repository
        return issues.RepositoryRef(id=str(row.id), name=row.name, commit=commit, remote=remote_of(row.source))
