"""Reads of receipts, scoped to what the actor may see: lists without results, and results a part at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet, TextField
from django.db.models.functions import Cast, Left, Length, Substr

from sahur.accounts.actor import Actor
from sahur.accounts.models import Team
from sahur.issues import models
from sahur.issues.lines import ids_in_line
from sahur_core.issues import ToolResultStatus
from sahur_core.redaction.marks import has_redactions
from sahur_core.tools.wire import GET_PROMPT, READ_RESOURCE, RUN_SUBJECT

ARGUMENTS_SHOWN = 300
"""What a list shows of a call's arguments, in characters of their JSON."""


@dataclass(frozen=True)
class Wanted:
    """Which receipts; what is empty does not count."""

    run: UUID | None = None
    issue: str = ""
    upstream: str = ""
    tool: str = ""
    status: str = ""
    caller: str = ""
    since: datetime | None = None
    repeats: UUID | None = None

    def condition(self) -> Q:
        narrowed = Q()
        if self.issue:
            # Looked up first: joined, PostgreSQL may walk through all receipts of the team for the few of an issue.
            narrowed &= Q(run_id__in=list(models.Run.objects.filter(issue__key=self.issue.upper()).values_list("id", flat=True)))
        if self.caller.startswith(f"{RUN_SUBJECT}:") and (run := _as_id(self.caller.partition(":")[2])):
            # The same, and there is an index of runs.
            narrowed &= Q(run_id=run)
        fields = {
            "run_id": self.run,
            "upstream": self.upstream,
            "tool": self.tool,
            "status": self.status,
            "caller": self.caller,
            "called_at__gte": self.since,
            "repeats": self.repeats,
        }
        return narrowed & Q(**{name: value for name, value in fields.items() if value})


@dataclass(frozen=True)
class CallCount:
    """Calls of an upstream's tools, and those that ended in an error."""

    calls: int = 0
    errors: int = 0
    last_called_at: datetime | None = None


def calls_by_upstream(actor: Actor, since: datetime) -> dict[str, CallCount]:
    """How the upstreams fared since then with the calls of the actor's teams; of all teams, if it is staff."""
    # By team in each case: the index begins with it.
    teams = list(Team.objects.values_list("pk", flat=True)) if actor.is_staff else list(actor.roles)
    rows = models.Receipt.objects.filter(team_id__in=teams, called_at__gte=since).values("upstream")
    failed = Count("id", filter=Q(status=ToolResultStatus.ERROR.value))
    counted = rows.annotate(calls=Count("id"), errors=failed, last=Max("called_at")).order_by("upstream")
    return {row["upstream"]: CallCount(row["calls"], row["errors"], row["last"]) for row in counted}


def _as_id(text: object) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None


def list_receipts(
    actor: Actor, wanted: Wanted, *, before: tuple[datetime, UUID] | None = None, limit: int = 50
) -> list[models.Receipt]:
    """Newest first, with `arguments_start` in place of arguments and results; `before` is the last of the page before."""
    narrowed = wanted.condition()
    if before:
        at, last = before
        # The first condition is the one that an index can start at.
        narrowed &= Q(called_at__lte=at) & (Q(called_at__lt=at) | Q(id__lt=last))
    ids = [row[0] for row in _newest(list(actor.roles), narrowed)[:limit]]
    rows = models.Receipt.objects.filter(id__in=ids, team_id__in=actor.roles).select_related("run__issue")
    start = Left(Cast("arguments", TextField()), ARGUMENTS_SHOWN)
    return list(rows.annotate(arguments_start=start).defer("result", "arguments").order_by("-called_at", "-id"))


def _newest(teams: list[int], narrowed: Q) -> QuerySet[models.Receipt, tuple[UUID, datetime]]:
    """Over several teams: each team's own index gives its newest, and the lists are merged."""
    ids = models.Receipt.objects.filter(narrowed).order_by("-called_at", "-id").values_list("id", "called_at")
    if len(teams) < 2:
        return ids.filter(team_id__in=teams)
    first, *others = [ids.filter(team_id=team)[:101] for team in teams]
    return first.union(*others, all=True).order_by("-called_at", "-id")


def part_of_result(receipt: models.Receipt, offset: int, limit: int | None) -> tuple[str, int]:
    """The characters of the kept result from `offset` on, at most `limit`, and how many there are in all."""
    part = Substr("result", offset + 1, limit)
    rows = models.Receipt.objects.filter(pk=receipt.pk).annotate(total=Length("result"), part=part)
    text, total = rows.values_list("part", "total").get()
    return text, total


def repository_name(receipt: models.Receipt) -> str:
    """What people call the repository that the arguments name by its id; empty if they name none of the team's."""
    named = _as_id(receipt.arguments.get("repository", ""))
    if named is None:
        return ""
    rows = models.Repository.objects.filter(pk=named, team_id=receipt.team_id)
    return rows.values_list("name", flat=True).first() or ""


def kept_result(receipt_id: UUID, team_id: int, run_id: UUID | None) -> models.Receipt | None:
    """For the gateway: the receipt, if it is one of this team and, where a run is named, of this run or its origins."""
    rows = models.Receipt.objects.filter(pk=receipt_id, team_id=team_id)
    return (rows.filter(run_id__in=ids_in_line(run_id)) if run_id else rows).first()


def why_not_again(receipt: models.Receipt) -> str:
    """Why the call of this receipt may not be made again, empty if it may. `arguments` must have been read."""
    if receipt.is_read is None:
        return "It is not known whether this call only reads, so it is not made again."
    if not receipt.is_read:
        return "This call may change something, and such a call is never made again."
    if has_redactions(receipt.arguments):
        return "A secret was taken out of the arguments of this call, so nobody can make the same call again."
    if receipt.tool.rpartition("__")[2] in (READ_RESOURCE, GET_PROMPT):
        return "This read a resource or a prompt; only calls of tools are made again."
    if receipt.upstream == "receipts":
        return "This call read a kept result, which never changes. Check the call that it came from."
    return ""
