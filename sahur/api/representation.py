"""Rows to the shapes of the REST door."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings

from sahur.accounts import audit
from sahur.accounts.actor import Actor
from sahur.accounts.models import ApiToken, User
from sahur.accounts.selectors import list_memberships
from sahur.api import list_shapes, opinions, pagination, repository_shapes, shapes
from sahur.batch import fork_points
from sahur.batch.rechecks import Recheck
from sahur.issues import listing, mapping, models, reading, receipts, selectors, spending, summaries
from sahur.issues.services import budgets
from sahur_core.config import Budget
from sahur_core.evidence.difference import CallInShort, Line, difference
from sahur_core.issues import RunStatus, Severity, ToolResultStatus


def me(user: User | None, csrf_token: str) -> shapes.Me:
    if user is None:
        return shapes.Me(user=None, teams=[], csrf_token=csrf_token)
    person = shapes.Person(
        username=user.get_username(),
        name=user.get_full_name() or user.get_username(),
        must_change_password=user.must_change_password,
        is_staff=user.is_staff,
    )
    teams = [
        shapes.TeamOfMine.model_validate({"id": held.team.pk, "key": held.team.key, "name": held.team.name, "role": held.role})
        for held in list_memberships(user)
    ]
    return shapes.Me(user=person, teams=teams, csrf_token=csrf_token)


def issue_page(page: listing.Page, user_id: int) -> list_shapes.IssuePage:
    """`user_id` is who reads it."""
    seen = reading.seen_by(user_id, [row.id for row in page.rows])
    told = zip(page.rows, summaries.of_issues(page.rows), strict=True)
    return list_shapes.IssuePage(
        results=[list_shapes.ListedIssue.model_validate(summary | {"seen_at": seen[row.id]}) for row, summary in told],
        next=pagination.encode(page.end) if page.end else None,
    )


def run_summary(run: models.Run) -> shapes.RunSummary:
    return shapes.RunSummary.model_validate(summaries.run_summary(run))


def issue(row: models.Issue) -> shapes.Issue:
    runs = list(row.runs.select_related("spent").order_by("-number"))
    summary = summaries.issue_summary(row, runs[0] if runs else None, reading.news_of([row.id])[row.id])
    log = [
        shapes.Activity(number=each.number, kind=each.kind, actor=each.actor, detail=each.detail, at=each.at)
        for each in row.activity.order_by("number")
    ]
    return shapes.Issue(
        **shapes.IssueSummary.model_validate(summary).model_dump(),
        body=row.body,
        resolution=row.resolution,
        revision=row.revision,
        severity=Severity(row.severity) if row.severity else None,
        joined_by=[
            shapes.JoinedReport(key=each.key, title=each.title, reporter=each.reporter_name, where=where)
            for each, where in selectors.joined_reports(row)
        ],
        runs=[run_summary(run) for run in runs],
        activity=log,
    )


def message(row: models.Message) -> shapes.Message:
    return shapes.Message.model_validate(
        {
            "id": str(row.id),
            "author": row.author_name,
            "text": row.text,
            "status": row.status,
            "client_id": row.client_id or "",
            "is_urgent": row.is_urgent,
            "taken_in_at_step": row.taken_in_at_step,
            "created_at": row.created_at,
        }
    )


def run(row: models.Run, reader: Actor) -> shapes.Run:
    """`row` was read with its issue. What `reader` thinks of it is marked as theirs."""
    solution = models.Solution.objects.filter(run=row).first()
    # Only what people said has a status; the transcript of the model is not for readers.
    said = row.messages.exclude(status="").order_by("created_at", "id")
    return shapes.Run(
        **run_summary(row).model_dump(),
        issue=row.issue.key,
        asked_by=row.asked_by,
        failure=shapes.Failure.model_validate(row.failure) if row.failure else None,
        usage=shapes.RunUsage.model_validate(row.usage if row.ended_at else spending.of_run(row.id)),
        created_at=row.created_at,
        started_at=row.started_at,
        wanted_model=row.wanted_model,
        queue_position=selectors.queue_position(row),
        origin=_fork(row.forked_from) if row.forked_from else None,
        fork_stage=row.fork_stage or None,
        forks=[run_summary(each) for each in row.forks.select_related("spent").order_by("number")],
        branch_stages=fork_points.stages_of(row),
        solution=mapping.solution(solution) if solution else None,
        evidence=[mapping.evidence(each) for each in row.evidence.order_by("number")],
        input_requests=[mapping.input_request(each) for each in row.input_requests.order_by("created_at", "id")],
        messages=[message(each) for each in said],
        feedback=opinions.feedback_of(row, reader),
        last_seq=selectors.last_seq(row.id),
    )


def run_difference(first: models.Run, second: models.Run) -> shapes.RunDifference:
    """Both of one issue."""
    found = difference(_line(first), _line(second))
    return shapes.RunDifference(first=_compared(first), second=_compared(second), difference=found)


def _line(row: models.Run) -> Line:
    solution = models.Solution.objects.filter(run=row).first()
    calls = row.tool_calls.order_by("created_at", "id").values_list("tool", "arguments", "status", "receipt_id")
    return Line(
        solution=mapping.solution(solution) if solution else None,
        evidence=[mapping.evidence(each) for each in row.evidence.order_by("number")],
        tool_calls=[
            CallInShort(tool=tool, arguments=arguments, status=ToolResultStatus(status), receipt_id=str(receipt_id or ""))
            for tool, arguments, status, receipt_id in calls
        ],
    )


def _compared(row: models.Run) -> shapes.ComparedRun:
    return shapes.ComparedRun(**run_summary(row).model_dump(), usage=shapes.RunUsage.model_validate(row.usage))


def _fork(row: models.Run) -> shapes.Fork:
    return shapes.Fork(id=str(row.id), number=row.number, status=RunStatus(row.status))


def event_page(row: models.Run, after: int, limit: int) -> shapes.EventPage:
    """`is_ended` is read before the events: a run that ends in between is told with the next page, never too early."""
    is_ended = RunStatus(row.status).is_terminal
    last_seq = selectors.last_seq(row.id)
    return shapes.EventPage(events=selectors.read_events(row.id, after, limit), last_seq=last_seq, is_ended=is_ended)


def _call_facts(row: models.Receipt) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "run": str(row.run_id) if row.run_id else None,
        "issue": row.run.issue.key if row.run else None,
        "run_number": row.run.number if row.run else None,
        "attempt": row.attempt,
        "caller": row.caller,
        "upstream": row.upstream,
        "tool": row.tool,
        "status": row.status,
        "result_hash": row.result_hash,
        "result_bytes": row.result_bytes,
        "redactions": row.redactions,
        "is_cached": row.is_cached,
        "is_read": row.is_read,
        "repeats": str(row.repeats) if row.repeats else None,
        "duration_ms": row.duration_ms,
        "trace_id": row.trace_id,
        "called_at": row.called_at,
    }


def receipt_summary(row: models.Receipt) -> shapes.ReceiptSummary:
    """`row` was read by `receipts.list_receipts`, or whole."""
    start = getattr(row, "arguments_start", None)
    return shapes.ReceiptSummary.model_validate(
        _call_facts(row) | {"arguments_start": json.dumps(row.arguments)[: receipts.ARGUMENTS_SHOWN] if start is None else start}
    )


def receipt(row: models.Receipt, offset: int, limit: int | None) -> shapes.Receipt:
    """With the part of its result that starts at `offset`; without `limit` all that follows."""
    part, total = receipts.part_of_result(row, offset, limit)
    end = offset + len(part)
    return shapes.Receipt.model_validate(
        _call_facts(row)
        | {
            "arguments": row.arguments,
            "result": part,
            "total_chars": total,
            "next_offset": end if end < total else None,
            "repository": receipts.repository_name(row),
            "recheck_refusal": receipts.why_not_again(row),
        }
    )


def recheck(done: Recheck) -> shapes.Recheck:
    return shapes.Recheck(
        verdict=done.verdict.value, receipt=receipt_summary(done.receipt), diff=done.diff, is_diff_cut=done.is_diff_cut
    )


def repository(row: models.Repository) -> repository_shapes.Repository:
    """`row` was read by `selectors.list_repositories`."""
    credential: models.RepositoryCredential | None = getattr(row, "credential", None)
    # A host that is named no more has no indexer whose word would count.
    checkouts = [each for each in row.checkouts.all() if each.host in settings.INDEX_HOSTS]
    checkouts.sort(key=lambda each: (each.revision, each.host))
    return repository_shapes.Repository(
        id=str(row.id),
        team=row.team.key,
        name=row.name,
        source=row.source,
        default_branch=row.default_branch,
        poll_seconds=row.poll_seconds,
        test_command=row.test_command,
        created_at=row.created_at,
        credential=repository_shapes.RepositoryCredential.model_validate(credential, from_attributes=True)
        if credential
        else None,
        webhook=webhook(row),
        checkouts=[_checkout(each) for each in checkouts],
    )


def webhook(row: models.Repository) -> repository_shapes.RepositoryWebhook | None:
    if row.webhook_set_at is None:
        return None
    url = f"{settings.PUBLIC_URL}/webhooks/git/{row.id}/"
    return repository_shapes.RepositoryWebhook(url=url, set_at=row.webhook_set_at, used_at=row.webhook_used_at)


def _checkout(row: models.Checkout) -> repository_shapes.Checkout:
    told = {name: getattr(row, name) for name in repository_shapes.Checkout.model_fields if name != "is_asked_for"}
    return repository_shapes.Checkout.model_validate(told | {"is_asked_for": row.done < row.wanted})


def team_budget(own: models.TeamBudget) -> shapes.TeamBudget:
    """`own` may be one that was never saved."""
    limits = spending.in_force(own)
    fields = {name: getattr(own, name) for name in (*spending.LIMITS, "ask_at", "asks")}
    defaults = spending.in_force(models.TeamBudget())
    entry = audit.last_entry(own.team_id, budgets.CHANGED)
    held = {
        "run": _limits(limits.run),
        "day": _limits(limits.day),
        "defaults": {"run": _limits(defaults.run), "day": _limits(defaults.day)},
        "spent_today": spending.spent_by_team(own.team_id),
        "changed": shapes.LastChange(by=entry.actor, at=entry.at) if entry else None,
    }
    return shapes.TeamBudget.model_validate(fields | held)


def _limits(budget: Budget) -> shapes.Limits:
    return shapes.Limits.model_validate({name: getattr(budget, name) for name in shapes.Limits.model_fields})


def team_usage(rows: list[models.TeamUsage]) -> shapes.TeamUsage:
    days = [
        shapes.UsageOfDay.model_validate({name: getattr(row, name) for name in shapes.UsageOfDay.model_fields}) for row in rows
    ]
    return shapes.TeamUsage(results=days, total=spending.total_of(rows))


def token(row: ApiToken) -> shapes.Token:
    return shapes.Token.model_validate(
        {
            "id": str(row.pk),
            "name": row.name,
            "prefix": row.prefix,
            "role": row.role,
            "tools": row.tools,
            "created_at": row.created_at,
            "expires_at": row.expires_at,
            "last_used_at": row.last_used_at,
        }
    )
