"""Reads, scoped to what the actor may see."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from sahur.accounts.actor import Actor
from sahur.accounts.models import MemberRole
from sahur.issues import mapping, models
from sahur.issues.services import slack_channels
from sahur_core.errors import NotFound
from sahur_core.events import Event
from sahur_core.issues import RunStatus

MISSING = "There is no such thing here, or it belongs to a team you are not in."


def get_issue(actor: Actor, key: str) -> models.Issue:
    """By its key, in any case of letters. Raises `NotFound`, also for what is no key."""
    rows = models.Issue.objects.select_related("team", "repository").filter(key=key.upper())
    # PostgreSQL takes no NUL in a text, not even to find nothing.
    issue = rows.first() if key.isprintable() else None
    if issue is None:
        raise NotFound(MISSING)
    actor.require(issue.team_id, MemberRole.VIEWER)
    return issue


def get_run(actor: Actor, run_id: UUID | str) -> models.Run:
    """Raises `NotFound`, also for a malformed id."""
    run = models.Run.objects.select_related("issue__team", "issue__repository").filter(id=_uuid(run_id)).first()
    if run is None:
        raise NotFound(MISSING)
    actor.require(run.issue.team_id, MemberRole.VIEWER)
    return run


def get_receipt(actor: Actor, receipt_id: UUID | str) -> models.Receipt:
    """Its result is read when it is asked for: it may have megabytes."""
    rows = models.Receipt.objects.select_related("run__issue").defer("result")
    receipt = rows.filter(id=_uuid(receipt_id)).first()
    if receipt is None:
        raise NotFound(MISSING, next_step="A receipt arrives some seconds after its call: try again.")
    actor.require(receipt.team_id, MemberRole.VIEWER)
    return receipt


def get_input_request(actor: Actor, input_request_id: UUID | str) -> models.InputRequest:
    request = models.InputRequest.objects.select_related("run__issue__team").filter(id=_uuid(input_request_id)).first()
    if request is None:
        raise NotFound(MISSING)
    actor.require(request.run.issue.team_id, MemberRole.VIEWER)
    return request


def get_message(actor: Actor, run_id: UUID | str, message_id: UUID | str) -> models.Message:
    """What a person said to this run. Raises `NotFound`, also for a message of the model or of another run."""
    rows = models.Message.objects.select_related("run__issue__team").exclude(status="")
    message = rows.filter(id=_uuid(message_id), run_id=_uuid(run_id)).first()
    if message is None:
        raise NotFound(MISSING)
    actor.require(message.run.issue.team_id, MemberRole.VIEWER)
    return message


def latest_runs(issues: list[models.Issue]) -> dict[UUID, models.Run]:
    """The latest run of each issue with what it has spent, by the issue's id."""
    rows = models.Run.objects.filter(issue__in=issues).order_by("issue_id", "-number").distinct("issue_id")
    rows = rows.select_related("spent")
    return {run.issue_id: run for run in rows}


def list_repositories(actor: Actor) -> QuerySet[models.Repository]:
    """With their teams, credentials (without what is sealed) and checkouts."""
    rows = models.Repository.objects.filter(team_id__in=actor.roles).select_related("team", "credential")
    return rows.defer("webhook_secret", "credential__sealed").prefetch_related("checkouts").order_by("name", "id")


def get_repository(actor: Actor, repository_id: UUID | str) -> models.Repository:
    """Raises `NotFound`, also for a malformed id."""
    repository = models.Repository.objects.select_related("team").filter(id=_uuid(repository_id)).first()
    if repository is None:
        raise NotFound(MISSING)
    actor.require(repository.team_id, MemberRole.VIEWER)
    return repository


def read_events(run_id: UUID | str, after: int, limit: int = 200) -> list[Event]:
    """Events with a number above `after`, in order. The caller has checked that the actor may see the run."""
    # A replay reads thousands of rows: half of its time would go into row objects, and into payloads read as JSON twice.
    told = Cast("payload", TextField())
    rows = models.Event.objects.filter(run_id=run_id, seq__gt=after).order_by("seq")
    facts = rows.values_list("first_seq", "seq", "attempt", "at", told)[:limit]
    return [mapping.event(str(run_id), *row) for row in facts]


def last_seq(run_id: UUID | str) -> int:
    """The number of the newest event, 0 before the first."""
    return models.RunLease.objects.filter(run_id=run_id).values_list("next_seq", flat=True).get() - 1


def moved_runs(cursors: Mapping[UUID, int]) -> set[UUID]:
    """Which of the runs have events after their cursor: one query, whatever their number."""
    if not cursors:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select lease.run_id from issues_runlease lease
            join unnest(%s::uuid[], %s::bigint[]) as watched (run_id, seq) on watched.run_id = lease.run_id
            where lease.next_seq > watched.seq + 1
            """,
            [list(cursors), list(cursors.values())],
        )
        return {row[0] for row in cursor.fetchall()}


def queue_position(run: models.Run) -> int | None:
    """How many runs are before this one, over all teams; None if it does not wait for a worker."""
    if run.status != RunStatus.QUEUED:
        return None
    return models.Run.objects.filter(status=RunStatus.QUEUED.value, created_at__lt=run.created_at).count() + 1


def _uuid(value: UUID | str) -> UUID:
    try:
        return value if isinstance(value, UUID) else UUID(value)
    except ValueError:
        raise NotFound(MISSING) from None


def who_separated(issue: models.Issue) -> str:
    """Who undid last that it had joined another one; empty if nobody has."""
    undone = models.Activity.objects.filter(issue=issue, kind="issue.separated").order_by("-number")
    return undone.values_list("actor", flat=True).first() or ""


def joined_reports(issue: models.Issue) -> list[tuple[models.Issue, str]]:
    """The reports that have joined it, with where they were made in Slack; the first one first."""
    threads = models.SlackThread.objects.filter(issue=issue, joined_from__isnull=False).select_related("joined_from")
    # Its texts are long.
    told = [f"joined_from__{name}" for name in ("key", "title", "reporter_name")]
    rows = list(threads.only("workspace_id", "channel_id", *told).order_by("created_at", "id"))
    names = slack_channels.names_of({(row.workspace_id, row.channel_id) for row in rows})
    return [(row.joined_from, names[row.workspace_id, row.channel_id]) for row in rows if row.joined_from is not None]
