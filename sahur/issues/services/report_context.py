"""The rest of a report that is read after it was filed, before its first run begins: a thread of Slack, and files.

The run is held back meanwhile, for a bounded time: nothing that keeps the rest away keeps the run away. What is read after
the run has begun is said to it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from sahur.issues import events, models
from sahur.issues.redaction import without_secrets
from sahur.issues.services import effects, messages, redactions, slack_threads
from sahur.issues.services.locks import lock_run
from sahur.issues.services.reports import MAX_TITLE_CHARS
from sahur_core.issues import RunStatus

STATE = "context"
"""In `Issue.source_ref`: a `Context`, where there is a rest to read."""
CLIENT_ID = "slack.report"
CUT = "\n[… cut]"
AWAITED_NOTE = "(What stands in {what} is still to be read from Slack.)"
MISSING_NOTE = "(What stands in {what} could not be read from Slack: {reason})"
LATE_NOTE = "(What stands in {what} was read after the investigation had begun: it is a message to it.)"
MAX_MESSAGE_CHARS = 20_000


class Context(StrEnum):
    """Where the rest of a report is. `MISSING`: it is not read any more."""

    AWAITED = "awaited"
    READ = "read"
    MISSING = "missing"


class Completed(StrEnum):
    """What came of the rest: it was there before the run began, it was said to the run, or there was nothing to do."""

    IN_TIME = "in_time"
    SAID = "said"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Awaited:
    """A rest to be read. `what` names it for people, such as "the thread"; `payload` is what its reader needs."""

    what: str
    payload: dict[str, Any] = field(default_factory=dict)
    is_untitled: bool = False
    """Nothing was typed: title and text are placeholders, for what will be read."""


@transaction.atomic(savepoint=False)
def expect(run: models.Run, awaited: Awaited | None) -> None:
    """Have the rest of a new report read, and replies that came before the report. `run.issue` is at hand.

    The reaper starts the run anyway when twice its usual patience is over.
    """
    issue = run.issue
    thread = models.SlackThread.objects.filter(issue=issue).first()
    if thread is None:
        return
    if not thread.root_ts:
        effects.begin_thread(run, thread)
    early = slack_threads.take_early_replies(thread) if thread.root_ts else []
    if awaited is None and not early:
        return
    payload: dict[str, Any] = {"early": early}
    if awaited is not None:
        typed = "" if awaited.is_untitled else issue.body
        payload |= {"source": awaited.payload, "typed": typed, "what": awaited.what, "is_untitled": awaited.is_untitled}
        body = _joined(typed, AWAITED_NOTE.format(what=awaited.what))
        issue.body, issue.source_ref = body, {**issue.source_ref, STATE: Context.AWAITED.value}
        models.Issue.objects.filter(id=issue.id).update(body=issue.body, source_ref=issue.source_ref)
        held_until = Now() + timedelta(seconds=settings.RUN_RESEND_SECONDS)
        models.Run.objects.filter(id=run.id).update(dispatched_at=held_until)
    effects.read_report(run, thread, payload)


@transaction.atomic
def complete(effect: models.Effect, found: str, title: str) -> Completed:
    """Make `found` part of the report, or say it to the run that has begun without it. A second time changes nothing."""
    run, issue = _locked(effect)
    if not is_awaited(issue):
        return Completed.NOTHING
    payload = effect.payload
    cleaned, secrets = without_secrets({"found": found, "title": title})
    redactions.tell(run, secrets, f"{payload['what']} in Slack", key="context")
    if run.started_at is None:
        heading = cleaned["title"][:MAX_TITLE_CHARS] if payload["is_untitled"] else ""
        _write(issue, _joined(payload["typed"], cleaned["found"]), Context.READ, heading)
        return Completed.IN_TIME if run.status == RunStatus.QUEUED else Completed.NOTHING
    _write(issue, _joined(payload["typed"], LATE_NOTE.format(what=payload["what"])), Context.READ, "")
    if not cleaned["found"]:
        return Completed.NOTHING
    text = _cut(cleaned["found"], MAX_MESSAGE_CHARS)
    # Without it, this would count as told to the whole team.
    where = {"thread": str(effect.thread_id)}
    messages.say(run, text, author_name=run.asked_by, author_id=run.asked_by_user_id, client_id=CLIENT_ID, slack=where)
    return Completed.SAID


@transaction.atomic
def do_without(effect: models.Effect, reason: str, *, for_good: bool) -> bool:
    """The report says what is missing. Whether the run is still to be started. What is not missing for good may come later."""
    run, issue = _locked(effect)
    if not is_awaited(issue):
        return False
    note = MISSING_NOTE.format(what=effect.payload["what"], reason=reason)
    _write(issue, _joined(effect.payload["typed"], note), Context.MISSING if for_good else Context.AWAITED, "")
    return run.started_at is None and run.status == RunStatus.QUEUED


def _locked(effect: models.Effect) -> tuple[models.Run, models.Issue]:
    if effect.run_id is None or effect.issue_id is None:
        raise ValueError(f"The effect {effect.id} belongs to no run.")
    # The run first, as where it ends: nobody who holds an issue waits for its run.
    run = lock_run(effect.run_id)
    return run, models.Issue.objects.select_for_update(no_key=True, of=("self",)).get(id=effect.issue_id)


def is_awaited(issue: models.Issue) -> bool:
    """Whether a rest of the report may still come, before its run begins."""
    return bool(issue.source_ref.get(STATE) == Context.AWAITED)


def _write(issue: models.Issue, body: str, state: Context, title: str) -> None:
    changed: dict[str, Any] = {"body": body, "source_ref": {**issue.source_ref, STATE: state.value}}
    if title:
        changed["title"] = title
    models.Issue.objects.filter(id=issue.id).update(**changed, updated_at=timezone.now())
    events.announce(run_id=None, issue_id=issue.id, team_id=issue.team_id)


def _joined(*parts: str) -> str:
    return _cut("\n\n".join(part for part in parts if part), settings.MAX_REPORT_CHARS)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - len(CUT)] + CUT
