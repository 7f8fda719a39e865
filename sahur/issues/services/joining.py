"""One problem, many reporters: a report that joins the issue of the same problem, and leaves it again.

Locks: the team's row first (whoever opens an issue holds it, so that of equal reports in the same moment one is the first),
then the joining run and its issue, then the run and the issue that it joins. Nobody holds the latter and waits for the former:
what may still join is never joined itself.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from sahur.accounts import audit
from sahur.accounts.models import Team
from sahur.issues import events, fingerprints, models
from sahur.issues.services import effects, inputs, messages, notices, report_context, reports, runs, slack_channels, slack_threads
from sahur.issues.services.locks import lock_run
from sahur_core import issues
from sahur_core.events import InputAnswered, RunCanceled, RunSucceeded, RunWaiting
from sahur_core.issues import Decision, InputKind, IssueStatus, MessageStatus, Role, RunStatus, Source, Verdict

LIVE = [RunStatus.QUEUED.value, RunStatus.RUNNING.value, RunStatus.WAITING.value]
PROMPT = (
    "{key} has {shared}, and is being investigated already. If this joins it, its progress and answer come here, too, and "
    "what is said here goes to it."
)
DEFAULT = "it is investigated by itself"
RESOLUTION = "The same problem as {key}"
TOLD = "{reporter} has reported the same problem elsewhere, as {key}. That report says:\n\n{report}"
TOLD_FACT = "Somebody else has reported the same problem."
TOLD_ID = "joined:"
"""How the `client_id` of such a message begins."""
RECOVERY_FACT = "An alert tool tells elsewhere that this alert is over."
FACTS = frozenset({TOLD_FACT, RECOVERY_FACT})
"""Said in words of our own, they show nothing of the place that they come from."""
MAX_TOLD = 5
"""So many further reports become messages to the investigation; more say nothing new."""
MAX_TOLD_CHARS = 8_000


@dataclass(frozen=True)
class Joined:
    """Whether a run has joined, and which run goes on for both; None if that one has ended."""

    is_joined: bool
    live: models.Run | None = None


def lock_reports(team_id: int) -> None:
    """Be the only one who opens or completes a report of the team. Take it before any other lock."""
    Team.objects.select_for_update(no_key=True).get(pk=team_id)


def note_fingerprints(issue: models.Issue) -> None:
    """Of a report that was completed, as it is now."""
    issue.fingerprints = fingerprints.fingerprints_of(issue.title, issue.body)
    models.Issue.objects.filter(id=issue.id).update(fingerprints=issue.fingerprints)


def same_problem(issue: models.Issue) -> models.Run | None:
    """The run of the same team that investigates the same problem; of several the first.

    What waits and has not begun may yet join another one itself.
    """
    shared = fingerprints.strong(issue.fingerprints)
    return live_with(issue.team_id, shared, repository_id=issue.repository_id, except_for=issue.id)


def live_with(
    team_id: int, shared: list[str], *, repository_id: UUID | int | None = None, except_for: UUID | None = None
) -> models.Run | None:
    """The first run of the team that goes on about something that has one of these strong fingerprints."""
    if not shared:
        return None
    live = models.Run.objects.filter(
        issue__team_id=team_id,
        issue__status=IssueStatus.OPEN.value,
        issue__fingerprints__overlap=shared,
        status__in=LIVE,
        lease__stop_requested_by="",
    )
    live = live.exclude(status=RunStatus.WAITING.value, started_at=None)
    if except_for is not None:
        live = live.exclude(issue_id=except_for)
    if repository_id is not None:
        # The same error in another code base is another one.
        live = live.filter(Q(issue__repository=None) | Q(issue__repository_id=repository_id))
    return live.select_related("issue__team").order_by("created_at", "id").first()


@transaction.atomic
def consider(run: models.Run) -> bool:
    """Whether a new run may start; not if its report is one of a problem that is being investigated.

    People are asked then. Where nobody can answer, it joins at once: in a transaction of its own (`notices.join_at_once`),
    since in this one all other reports of the team wait. Call it with the report's fingerprints stored, and its issue at
    hand; again is a no-op. It locks (see above).
    """
    issue = run.issue
    is_told = bool(fingerprints.strong(issue.fingerprints)) and not report_context.is_awaited(issue)
    if issue.source != Source.SLACK or not is_told or settings.JOIN_OFFER_SECONDS <= 0:
        return True
    lock_reports(issue.team_id)
    own = lock_run(run.id)
    if own.status != RunStatus.QUEUED or own.started_at is not None:
        return own.status == RunStatus.QUEUED
    other = same_problem(issue) if own.number == 1 and not own.input_requests.exists() else None
    if other is None:
        return True
    if slack_threads.is_unattended(issue):
        for thread in slack_threads.threads_of(issue.id)[:1]:
            notices.join_at_once(own, thread, other.id)
        models.Run.objects.filter(id=own.id).update(status=RunStatus.WAITING.value, status_since=Now())
    else:
        _offer(own, issue, other)
    return False


def _offer(run: models.Run, issue: models.Issue, other: models.Run) -> None:
    shared = set(issue.fingerprints) & set(other.issue.fingerprints)
    request = issues.InputRequest(
        id=str(uuid.uuid5(run.id, "join")),
        kind=InputKind.JOIN,
        prompt=PROMPT.format(key=other.issue.key, shared=fingerprints.words_for(sorted(shared))),
        arguments={"issue": other.issue.key, "run": str(other.id)},
        default=DEFAULT,
        expires_at=timezone.now() + timedelta(seconds=settings.JOIN_OFFER_SECONDS),
    )
    inputs.open_request(run, request, None)
    models.Run.objects.filter(id=run.id).update(status=RunStatus.WAITING.value, status_since=Now())
    events.record(run, RunWaiting(input_request_ids=[request.id]))


@transaction.atomic
def join(run: models.Run, other: models.Run, *, by: str) -> Joined:
    """End a run that has not begun, and tell the other one in its thread; not if that one has ended without an answer."""
    own = lock_run(run.id)
    if RunStatus(own.status).is_terminal or own.started_at is not None:
        return Joined(own.issue.joined_id is not None)
    target = lock_run(other.id)
    is_live = not RunStatus(target.status).is_terminal
    if not is_live and target.status != RunStatus.SUCCEEDED:
        return Joined(is_joined=False)
    threads = slack_threads.threads_of(own.issue_id)
    _close_offer(own, by)
    if is_live:
        _pass_on(own, target, threads)
    runs.end(own, RunStatus.CANCELED, RunCanceled(asked_by=by, facts=[], joined=target.issue.key))
    _link(own.issue, target.issue, by)
    ended = None if is_live else RunSucceeded(verdict=Verdict(target.verdict))
    for thread in threads:
        thread.issue, thread.joined_from = target.issue, own.issue
        thread.save(update_fields=["issue", "joined_from"])
        notices.tell_in_joined(target, thread, ended)
    events.announce(run_id=target.id, issue_id=target.issue_id, team_id=target.issue.team_id)
    return Joined(is_joined=True, live=target if is_live else None)


def _close_offer(run: models.Run, by: str) -> None:
    """Answered, also where the answer was somebody's who did not wait for the question."""
    for request in models.InputRequest.objects.filter(run=run, kind=InputKind.JOIN.value, answered_at__isnull=True):
        models.InputRequest.objects.filter(id=request.id).update(
            decision=Decision.APPROVE.value, answered_by=by, answered_at=timezone.now()
        )
        answered = InputAnswered(input_request_id=str(request.id), decision=Decision.APPROVE, answered_by=by)
        events.record(run, answered, key=f"input:{request.id}:closed")
        effects.plan(run, answered)


def _link(issue: models.Issue, target: models.Issue, by: str) -> None:
    now = timezone.now()
    models.Issue.objects.select_for_update(no_key=True).get(id=issue.id)
    models.Issue.objects.filter(id=issue.id).update(
        joined=target,
        status=IssueStatus.CLOSED.value,
        resolution=RESOLUTION.format(key=target.key),
        closed_at=now,
        updated_at=now,
    )
    reports.add_activity(issue, "issue.joined", by, {"issue": target.key})
    models.Issue.objects.select_for_update(no_key=True).get(id=target.id)
    models.Issue.objects.filter(id=target.id).update(updated_at=now)
    reports.add_activity(target, "issue.was_joined", by, {"issue": issue.key})
    audit.record(by, "issue.joined", issue.key, team_id=issue.team_id, detail={"issue": target.key})


def _pass_on(own: models.Run, target: models.Run, threads: list[models.SlackThread]) -> None:
    """What was reported, and said meanwhile, becomes messages to the run that goes on; no more than its readers may read."""
    issue, thread = own.issue, threads[0] if threads else None
    if models.SlackThread.objects.filter(issue_id=target.issue_id, joined_from__isnull=False).count() >= MAX_TOLD:
        return
    where = {"thread": str(thread.id), "ts": thread.root_ts} if thread else {}
    is_private = thread is not None and is_more_private(thread, target.issue_id)
    report = f"{issue.title}\n\n{issue.body}" if issue.title not in issue.body else issue.body
    told = TOLD.format(reporter=issue.reporter_name, key=issue.key, report=report[:MAX_TOLD_CHARS])
    messages.say(
        target,
        TOLD_FACT if is_private else told,
        author_name="SAHUR" if is_private else issue.reporter_name,
        author_id=None if is_private else issue.reporter_id,
        client_id=f"{TOLD_ID}{own.id}",
        slack=where,
    )
    if not is_private:
        for message in own.messages.filter(status=MessageStatus.QUEUED.value).order_by("created_at", "id"):
            messages.carry_into(target, message)


def is_more_private(thread: models.SlackThread, issue_id: UUID) -> bool:
    """Whether others read the issue than those who read this thread, which is not open to them."""
    others = models.SlackThread.objects.filter(issue_id=issue_id).exclude(channel_id=thread.channel_id)
    workspaces = set(others.values_list("workspace_id", flat=True))
    if workspaces - {thread.workspace_id}:
        return True
    return bool(workspaces) and not slack_channels.open_among(thread.workspace_id, {thread.channel_id})


@transaction.atomic
def separate(issue: models.Issue, by: str) -> bool:
    """Undo the joining: the issue is open again and told in its own thread, and what was said there waits for its next run.

    False if it had not joined.
    """
    own = issue.runs.order_by("-number").first()
    if issue.joined_id is None or own is None:
        return False
    lock_run(own.id)
    locked = models.Issue.objects.select_for_update(no_key=True).get(id=issue.id)
    if locked.joined_id is None:
        return False
    target = models.Issue.objects.select_for_update(no_key=True).get(id=locked.joined_id)
    models.Issue.objects.filter(id=issue.id).update(
        joined=None, status=IssueStatus.OPEN.value, resolution="", closed_at=None, updated_at=timezone.now()
    )
    reports.add_activity(locked, "issue.separated", by, {"issue": target.key})
    reports.add_activity(target, "issue.was_left", by, {"issue": issue.key})
    told = list(models.Run.objects.select_related("issue").filter(issue__in=[issue, target]).order_by("-number"))
    why = f"separated:{timezone.now().timestamp():.6f}"
    for thread in models.SlackThread.objects.filter(joined_from=issue):
        models.SlackThread.objects.filter(id=thread.id).update(issue=issue, joined_from=None)
        _take_along(own, target, thread)
        for run in told:
            if models.Effect.objects.filter(run=run, thread=thread, kind="slack.card").exists():
                notices.update_card(run, thread, why)
        notices.update_requests(told, thread, why)
    issue.refresh_from_db()
    return True


def _take_along(own: models.Run, target: models.Issue, thread: models.SlackThread) -> None:
    """What was said in the thread while it told the other issue; what was said before then is the own run's all the same."""
    said = models.Message.objects.filter(run__issue=target, role=Role.USER.value, slack__thread=str(thread.id))
    said = said.exclude(client_id__startswith=messages.CARRIED).exclude(client_id__startswith=TOLD_ID)
    for each in said.exclude(status=MessageStatus.WITHDRAWN.value).order_by("created_at", "id"):
        messages.say(
            own,
            each.text,
            author_name=each.author_name,
            author_id=each.author_id,
            client_id=f"left:{each.id}",
            slack=each.slack,
        )


def offers_of_ended() -> list[models.InputRequest]:
    """Open offers whose other run has ended meanwhile."""
    rows = models.InputRequest.objects.filter(kind=InputKind.JOIN.value, answered_at__isnull=True).select_related("run")
    offers = list(rows.order_by("expires_at"))
    named = {each.arguments["run"] for each in offers}
    live = {str(each) for each in models.Run.objects.filter(id__in=named, status__in=LIVE).values_list("id", flat=True)}
    return [each for each in offers if each.arguments["run"] not in live]


def withdraw(request: models.InputRequest) -> bool:
    """The other run has ended: there is nothing to join any more. False if the offer was closed already."""
    other = models.Run.objects.select_related("issue").get(id=request.arguments["run"])
    reason = f"{other.issue.key} ended without an answer."
    if other.status == RunStatus.SUCCEEDED:
        reason = f"{other.issue.key} has its answer: {other.issue.address}"
    return inputs.supersede(request.run, request.id, reason)
