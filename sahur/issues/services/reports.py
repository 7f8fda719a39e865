"""Issues: opened, closed, opened again; and the repositories they are about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils import timezone

from sahur.accounts.actor import Actor
from sahur.accounts.models import Team
from sahur.issues import events, models
from sahur.issues.services import slack_channels, slack_threads
from sahur.issues.services.slack_threads import Place
from sahur_core.context.framing import written_out
from sahur_core.errors import Conflict, ReportError
from sahur_core.issues import IssueOutcome, IssueStatus, Source
from sahur_core.tools.storable import is_storable

MAX_TITLE_CHARS = 300
_CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Delivery:
    """What tells a repeated delivery: the sender's own id, and a hash of what was asked for under it."""

    source: str
    external_id: str
    request_hash: str = ""


@dataclass(frozen=True)
class NewIssue:
    title: str
    body: str
    source: Source
    reporter_name: str
    reporter_id: int | None = None
    place: Place | None = None
    """The thread in Slack that it was reported in."""
    severity: str = ""
    fingerprints: tuple[str, ...] = ()
    repository: models.Repository | None = None
    revision: str = ""


def check_report(title: str, body: str, max_chars: int) -> tuple[str, str]:
    """Title and body, cleaned; a missing title is the first line of the body. No letter of a title is hidden.

    Raises `ReportError` for an empty, binary or enormous report: nothing is stored then, so the sender must keep it.
    """
    text = body.replace("\r\n", "\n").strip()
    heading = written_out(" ".join(title.split()))
    if not text and not heading:
        raise ReportError("The report is empty.", next_step="Say what went wrong; paste the error or traceback.", field="body")
    if len(text) > max_chars:
        raise ReportError(
            f"The report has {len(text):,} characters; {max_chars:,} is the limit.",
            next_step="Keep the error and the lines around it; link to the rest.",
            field="body",
        )
    for name, value in (("title", heading), ("body", text)):
        if not is_storable(value) or len(_CONTROL.findall(value)) > max(8, len(value) // 20):
            raise ReportError("The report looks like binary data, not text.", next_step="Paste it as text.", field=name)
    if len(heading) > MAX_TITLE_CHARS:
        raise ReportError(
            f"The title is longer than {MAX_TITLE_CHARS} characters.", next_step="Move the details to the body.", field="title"
        )
    return heading or written_out(text.splitlines()[0])[:MAX_TITLE_CHARS], text or heading


def find_delivery(delivery: Delivery) -> models.Issue | None:
    """The issue that an earlier delivery of the same thing became. Raises `Conflict` if it asked for something else."""
    row = (
        models.Inbound.objects.select_related("issue__team")
        .filter(source=delivery.source, external_id=delivery.external_id)
        .first()
    )
    if row is None:
        return None
    if row.request_hash != delivery.request_hash:
        raise Conflict("This idempotency key was used for another report.", next_step="Use a new key for a new report.")
    return row.issue


def note_delivery(issue: models.Issue, delivery: Delivery) -> bool:
    """Remember, in the caller's transaction, that this delivery was acted on; False if an earlier one of it was."""
    _, is_new = models.Inbound.objects.get_or_create(
        source=delivery.source, external_id=delivery.external_id, defaults={"issue": issue, "request_hash": delivery.request_hash}
    )
    return is_new


@transaction.atomic
def open_issue(team: Team, new: NewIssue, delivery: Delivery | None = None) -> models.Issue:
    """Store the issue under the team's next number. Raises `IntegrityError` if the delivery was stored meanwhile."""
    Team.objects.filter(pk=team.pk).update(next_issue_number=F("next_issue_number") + 1)
    number = Team.objects.values_list("next_issue_number", flat=True).get(pk=team.pk) - 1
    issue = models.Issue.objects.create(
        team=team,
        number=number,
        key=f"{team.key}-{number}",
        title=new.title,
        body=new.body,
        source=new.source.value,
        source_ref=new.place.as_reference() if new.place else {},
        severity=new.severity,
        fingerprints=list(new.fingerprints),
        reporter_id=new.reporter_id,
        reporter_name=new.reporter_name,
        repository=new.repository,
        revision=new.revision,
    )
    if delivery is not None:
        models.Inbound.objects.create(
            source=delivery.source, external_id=delivery.external_id, request_hash=delivery.request_hash, issue=issue
        )
    if new.place is not None:
        slack_threads.open_thread(issue, new.place)
        slack_channels.ask_for_report(new.place.workspace_id, new.place.channel_id)
    add_activity(issue, "issue.opened", new.reporter_name, {})
    return issue


def add_activity(issue: models.Issue, kind: str, actor: str, detail: dict[str, Any]) -> None:
    """Append to the issue's own log. The issue's row must be locked or new in this transaction."""
    last = models.Activity.objects.filter(issue=issue).aggregate(last=Max("number"))["last"] or 0
    models.Activity.objects.create(issue=issue, number=last + 1, kind=kind, actor=actor, detail=detail)
    events.announce(run_id=None, issue_id=issue.id, team_id=issue.team_id)


def set_repository(issue_id: UUID, repository: models.Repository | None, actor: str) -> models.Repository | None:
    """Lock the issue and give it a repository if it has none; the one that it has then.

    Raises `Conflict` if it has another: its runs have read that one.
    """
    issue = models.Issue.objects.select_for_update(no_key=True, of=("self",)).select_related("repository").get(id=issue_id)
    if repository is None or issue.repository_id == repository.id:
        return issue.repository
    if issue.repository is not None:
        raise Conflict(
            f"The issue is about the repository {issue.repository.name} already.",
            next_step="Report a new issue for the other one.",
        )
    models.Issue.objects.filter(id=issue_id).update(repository=repository, updated_at=timezone.now())
    add_activity(issue, "issue.repository_set", actor, {"repository": repository.name})
    return repository


@transaction.atomic
def set_status(
    issue: models.Issue, status: IssueStatus, actor: Actor, resolution: str = "", outcome: IssueOutcome | None = None
) -> models.Issue:
    """Close or reopen. The same again is a no-op.

    Closed again, it takes on what had been left out. Raises `Conflict` for another resolution or outcome: what a person
    has said is not replaced behind their back.
    """
    locked = models.Issue.objects.select_for_update(no_key=True).get(id=issue.id)
    told = outcome.model_dump(exclude_defaults=True) if outcome else {}
    if locked.status == status == IssueStatus.CLOSED:
        resolution, told = _told_again(locked, resolution, told)
    if locked.status == status and locked.resolution == resolution and locked.outcome == told:
        return issue
    now = timezone.now()
    closed_at = locked.closed_at or now if status == IssueStatus.CLOSED else None
    models.Issue.objects.filter(id=issue.id).update(
        status=status.value, resolution=resolution, outcome=told, closed_at=closed_at, updated_at=now
    )
    kind = "issue.closed" if status == IssueStatus.CLOSED else "issue.reopened"
    detail = {"resolution": resolution, "outcome": told}
    add_activity(locked, kind, actor.name, {name: value for name, value in detail.items() if value})
    issue.refresh_from_db()
    return issue


def _told_again(closed: models.Issue, resolution: str, outcome: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Resolution and outcome of an issue that is closed once more. Raises `Conflict`."""
    told = ((closed.resolution, resolution), (closed.outcome, outcome))
    if any(before and now and before != now for before, now in told):
        raise Conflict(
            f"{closed.key} is closed already, with another resolution or outcome.",
            next_step="Read what is there. To replace it, reopen the issue and close it again.",
        )
    return resolution or closed.resolution, outcome or closed.outcome


def add_repository(team: Team, source: str, name: str = "") -> models.Repository:
    """The team's repository with this source, made if there is none. Its name is made unique within the team."""
    found = models.Repository.objects.filter(team=team, source=source).first()
    if found:
        return found
    base = name or re.sub(r"\.git$", "", source.rstrip("/").rsplit("/", 1)[-1].rsplit(":", 1)[-1]) or "repository"
    for attempt in range(1, 100):
        candidate = base if attempt == 1 else f"{base}-{attempt}"
        try:
            with transaction.atomic():
                return models.Repository.objects.create(team=team, name=candidate[:200], source=source)
        except IntegrityError:
            raced = models.Repository.objects.filter(team=team, source=source).first()
            if raced:
                return raced
    raise Conflict(f"The team has too many repositories named {base}.", next_step="Give this one a name of its own.")
