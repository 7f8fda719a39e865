"""What threads in Slack are told besides what the events of a run cause: silence, floods, joining, the real cause."""

from __future__ import annotations

import time
from datetime import timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from sahur.accounts.models import new_id
from sahur.issues import models
from sahur.issues.services import effects, slack_threads
from sahur_core.events import EventPayload
from sahur_core.issues import RunStatus

CAUSE_PAUSE = timedelta(seconds=3)
"""Before what was told of a real cause is edited: people press several times."""
UNCLAIMED_AFTER = timedelta(minutes=5)
"""So long a run may wait for its first worker before its threads are told so."""


def tell_flood(run: models.Run, thread: models.SlackThread, limit: int, hour: int) -> None:
    """Say in the channel, once in that hour, that its further alerts start no runs."""
    effect = effects.new_effect(run, thread, "slack.flood", "", {"limit": limit})
    effect.key = f"flood:{thread.workspace_id}:{thread.channel_id}:{hour}"
    effects.store([effect])


def tell_unclaimed(limit: int = 100) -> None:
    """Say in the threads of runs that nobody has begun for long that they still wait for a worker: once for each run."""
    told = models.Effect.objects.filter(run=OuterRef("pk"), kind="slack.unclaimed")
    waiting = models.Run.objects.filter(
        ~Exists(told),
        Exists(models.SlackThread.objects.filter(issue=OuterRef("issue")).exclude(slack_threads.TOLD_IN_SHORT)),
        status=RunStatus.QUEUED,
        started_at=None,
        created_at__lt=Now() - UNCLAIMED_AFTER,
    )
    for run in waiting.select_related("issue").order_by("created_at")[:limit]:
        threads = [each for each in slack_threads.threads_of(run.issue_id) if not slack_threads.is_told_in_short(each)]
        effects.store([effects.new_effect(run, thread, "slack.unclaimed", "unclaimed", {}) for thread in threads])


def tell_away(effect: models.Effect, reason: str) -> None:
    """The thread can never be posted in: have who reported there told directly, once for each kind of post."""
    if effect.run is not None and effect.thread is not None and effect.thread.user_id:
        told = {**effect.payload, "instead_of": effect.kind, "reason": reason}
        effects.add(effect.run, effect.thread, "slack.away", f"away:{effect.kind}", told)


def join_at_once(run: models.Run, thread: models.SlackThread, other_run: UUID) -> None:
    """Have the run join the other one as soon as this transaction is over."""
    effects.add(run, thread, "slack.join", "join", {"run": str(other_run)})


def tell_in_joined(run: models.Run, thread: models.SlackThread, ended: EventPayload | None) -> None:
    """Catch up in a thread that has joined the run's issue: its card, what it asks, and its answer if it has `ended`.

    Where nobody stands by (an app's alert) its own card says which issue it is, and the answer is all that follows.
    """
    if not slack_threads.is_told_in_short(thread):
        _catch_up(run, thread)
    if ended is not None:
        effects.add(run, thread, "slack.answer", "answer", {"event": ended.model_dump(mode="json")})


def _catch_up(run: models.Run, thread: models.SlackThread) -> None:
    if models.Effect.objects.filter(key=effects.key_of(run, thread, "card")).exists():
        # The thread joins for the second time: its card had stopped to follow.
        update_card(run, thread, f"joined:{time.time_ns()}")
    else:
        effects.add(run, thread, "slack.card", "card", {})
    for asked in models.InputRequest.objects.filter(run=run, answered_at__isnull=True).order_by("created_at", "id"):
        effects.add(run, thread, "slack.input", f"input:{asked.id}", {"input_request": str(asked.id)})


def update_card(run: models.Run, thread: models.SlackThread, why: str) -> None:
    """Bring the run's card to how things stand; `why` tells this update from others."""
    effects.add(run, thread, "slack.card_update", f"card:{why}", {})


def update_requests(runs: list[models.Run], thread: models.SlackThread, why: str) -> None:
    """Bring what these runs have asked in the thread to how things stand; `why` tells this update from others."""
    asked = models.Effect.objects.filter(run__in=runs, thread=thread, kind="slack.input").select_related("run__issue")
    updates = []
    for each in asked:
        request = str(each.payload["input_request"])
        if each.run is not None:
            what = f"input:{request}:{why}"
            updates.append(effects.new_effect(each.run, thread, "slack.input_update", what, {"input_request": request}))
    effects.store(updates)


def tell_cause(given: models.Feedback, said_in: str) -> None:
    """Somebody has said what it really was: each thread of the issue is told so in one message, which follows what they say
    later (`follow_cause`).

    `said_in` is the channel, empty for the page. Call it in the transaction that stores it; again is a no-op.
    """
    run = given.run
    payload: dict[str, object] = {"feedback": str(given.id), "author": given.author, "said_in": said_in}
    causes = _causes(run, given.id, "slack.cause")
    causes.update(payload=payload)
    # Told nowhere, for it had been taken back by then: it is to be told now.
    causes.filter(state=models.EffectState.DONE, result={}).delete()
    threads = slack_threads.threads_of(run.issue_id)
    effects.store([effects.new_effect(run, thread, "slack.cause", f"cause:{given.id}", payload) for thread in threads])


def follow_cause(run: models.Run, feedback_id: UUID) -> None:
    """A vote has changed or was taken back: bring what the threads were told of its real cause, if anything, to what holds.

    After a pause, once for all that happens until then. What waits is locked, so that it is not sent before this is stored.
    """
    payload: dict[str, object] = {"feedback": str(feedback_id)}
    waiting = _causes(run, feedback_id, "slack.cause", "slack.cause_update").filter(state=models.EffectState.PENDING)
    with_word = set(waiting.select_for_update(skip_locked=True, no_key=True).values_list("thread_id", flat=True))
    updates = []
    for told in _causes(run, feedback_id, "slack.cause").select_related("thread"):
        if told.thread is not None and told.thread_id not in with_word:
            what = f"cause:{new_id()}"
            updates.append(effects.new_effect(run, told.thread, "slack.cause_update", what, payload, after=CAUSE_PAUSE))
    effects.store(updates)


def _causes(run: models.Run, feedback_id: UUID, *kinds: str) -> QuerySet[models.Effect]:
    return models.Effect.objects.filter(run=run, kind__in=kinds, payload__feedback=str(feedback_id))
