"""The rows behind the ids in the workflow's state, for one attempt (`RunStore` of the core)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

from django.db import close_old_connections

from sahur.batch.engine.attempt import Attempt
from sahur.batch.patience import patient
from sahur.issues import mapping, models
from sahur.issues.services import checkouts, findings, inputs, messages
from sahur_core import errors, issues
from sahur_core.events import NoticeRaised

P = ParamSpec("P")
T = TypeVar("T")
POLL_SECONDS = 0.1
RESEND_SECONDS = 15.0
FAILURES: dict[str, type[errors.SahurError]] = {
    kind.code: kind
    for kind in (errors.RepositoryMissing, errors.RepositoryEmpty, errors.RevisionMissing, errors.RepositoryRefused)
}


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

    def prepare_repository(self) -> issues.RepositoryRef | None:
        issue = self._issue()
        if issue.repository is None:
            return None
        told = ""
        resend_at = time.monotonic() + RESEND_SECONDS
        checkout = self._checkout(issue.repository, issue.revision)
        while checkout.state == models.CheckoutState.PENDING:
            if checkout.progress and checkout.progress != told:
                told = checkout.progress
                self._attempt.emit(NoticeRaised(level="info", message=told))
            if time.monotonic() > resend_at:
                checkouts.request(issue.repository, issue.revision)
                resend_at = time.monotonic() + RESEND_SECONDS
            self._attempt.sleep(POLL_SECONDS)
            checkout = self._checkout(issue.repository, issue.revision)
        if checkout.state == models.CheckoutState.FAILED:
            failure = FAILURES.get(checkout.error_code, errors.RepositoryError)
            raise failure(checkout.error, next_step="Check the address and the revision, then start another run.")
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
    def input_requests(self) -> list[issues.InputRequest]:
        rows = models.InputRequest.objects.filter(run=self._run).order_by("created_at")
        return [mapping.input_request(row) for row in rows]

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
    def _checkout(self, repository: models.Repository, revision: str) -> models.Checkout:
        found = models.Checkout.objects.filter(repository=repository, revision=revision).first()
        return found or checkouts.request(repository, revision)

    @stored
    def _prepared(self, issue: models.Issue) -> issues.RepositoryRef | None:
        if issue.repository is None:
            return None
        checkout = models.Checkout.objects.filter(repository=issue.repository, revision=issue.revision).first()
        commit = checkout.commit if checkout else ""
        return issues.RepositoryRef(id=str(issue.repository.id), name=issue.repository.name, commit=commit)
