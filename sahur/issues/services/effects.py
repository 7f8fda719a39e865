"""Side effects as rows, written in the transaction of the event that causes them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Q, When
from django.db.models.functions import Now

from sahur.accounts.models import new_id
from sahur.celery import send_hint
from sahur.issues import events, models
from sahur.issues.redaction import clean_text
from sahur.issues.services import slack_threads
from sahur_core.events import (
    TERMINAL_KINDS,
    EffectFinished,
    EventPayload,
    HypothesisStated,
    InputAnswered,
    InputExpired,
    InputRequested,
    InputSuperseded,
    MessageCarriedOver,
    MessageQueued,
    MessageTakenIn,
    MessageWithdrawn,
    RunCanceled,
    RunQueued,
    RunWaiting,
    StageFinished,
    StepFinished,
    StepStarted,
    ToolCallFinished,
    ToolCallStarted,
)
from sahur_core.issues import MessageStatus, RunStatus

RETRY_SECONDS = (2, 5, 15, 60, 300, 900)
"""Pauses between deliveries that failed but may be tried again; the last one repeats."""
GIVE_UP_AFTER = timedelta(hours=24)
"""So long a delivery is tried: the other side may be away for hours, and its reader would never hear of the run."""
CARD_PAUSE = 3.0
"""Seconds between two edits of a card that show progress, at least."""
EDIT_SECONDS = 2.4
"""What each card that is live in a workspace adds to that pause: Slack takes 50 edits a minute of all of them together, and
ends, answers and what people are asked need some."""
MAX_PAUSE = timedelta(hours=1)
"""The longest pause that the other side may ask for."""


@transaction.atomic(savepoint=False)
def plan(run: models.Run, payload: EventPayload) -> None:
    """Write the effects that this event causes. Call it in the event's transaction; `run.issue` is at hand."""
    if isinstance(payload, MessageQueued | MessageTakenIn | MessageCarriedOver):
        _acknowledge(run, payload)
    threads = slack_threads.threads_of(run.issue_id)
    store([effect for thread in threads for effect in _told(run, thread, payload)])
    if isinstance(payload, SHOWN_SOON) and threads:
        _show_soon(run, threads)


def plan_all(run: models.Run, payloads: Sequence[EventPayload]) -> None:
    """The same for a batch of an attempt's events: its progress is shown once, however much of it there is."""
    told = [payload for payload in payloads if not isinstance(payload, PROGRESS)]
    for payload in [*told, *[payload for payload in payloads if isinstance(payload, PROGRESS)][-1:]]:
        plan(run, payload)


PROGRESS = (StepStarted, StepFinished, ToolCallStarted, ToolCallFinished)
"""What only the card shows, when its time has come."""
CAUSES_OF_EFFECTS = (HypothesisStated, *PROGRESS)
"""Events that attempts tell by themselves, and that cause effects."""
SHOWN_SOON = (
    *PROGRESS,
    HypothesisStated,
    StageFinished,
    RunWaiting,
    InputRequested,
    InputAnswered,
    InputExpired,
    InputSuperseded,
    MessageQueued,
    MessageTakenIn,
    MessageCarriedOver,
    MessageWithdrawn,
)


def _told(run: models.Run, thread: models.SlackThread, payload: EventPayload) -> list[models.Effect]:
    kind = getattr(payload, "kind", "")
    if kind not in TERMINAL_KINDS and slack_threads.is_told_in_short(thread):
        return []
    if isinstance(payload, RunQueued):
        return [new_effect(run, thread, "slack.card", "card", {})]
    if isinstance(payload, HypothesisStated):
        return [new_effect(run, thread, "slack.card_update", "card:hypothesis", {})]
    if isinstance(payload, InputRequested):
        asked = payload.input_request.id
        return [new_effect(run, thread, "slack.input", f"input:{asked}", {"input_request": asked})]
    if isinstance(payload, InputAnswered | InputExpired | InputSuperseded):
        asked = payload.input_request_id
        return [new_effect(run, thread, "slack.input_update", f"input:{asked}:closed", {"input_request": asked})]
    if kind not in TERMINAL_KINDS:
        return []
    ended: dict[str, object] = {"event": payload.model_dump(mode="json")}
    answer = [new_effect(run, thread, "slack.answer", "answer", ended)]
    if slack_threads.is_told_in_short(thread):
        return answer
    end = [new_effect(run, thread, "slack.card_update", "card:end", ended)]
    return end if isinstance(payload, RunCanceled) and payload.joined else [*end, *answer]


MARKS = {
    MessageStatus.QUEUED: "eyes",
    MessageStatus.TAKEN_IN: "white_check_mark",
    MessageStatus.CARRIED_OVER: "arrow_right_hook",
}
"""Emoji under what was said in Slack: it waits, the model has it, it is kept for the next run. Only the last one stays."""
REACTIONS = {
    MessageQueued: MARKS[MessageStatus.QUEUED],
    MessageTakenIn: MARKS[MessageStatus.TAKEN_IN],
    MessageCarriedOver: MARKS[MessageStatus.CARRIED_OVER],
}
QUIET_KINDS = frozenset(
    {
        "slack.answer_part",
        "slack.card_update",
        "slack.cause",
        "slack.cause_update",
        "slack.reaction",
        "slack.hint",
        "slack.join",
    }
)
"""Their success is no news for readers of the run."""


def _acknowledge(run: models.Run, payload: MessageQueued | MessageTakenIn | MessageCarriedOver) -> None:
    """Only in the thread where it was said, under the message that it is; what was read of a whole thread is none."""
    said = models.Message.objects.filter(id=payload.message_id).values_list("slack", flat=True).first() or {}
    thread = models.SlackThread.objects.filter(id=said["thread"]).first() if said.get("ts") else None
    if thread is None:
        return
    name = REACTIONS[type(payload)]
    told = {"ts": said["ts"], "name": name, "message": payload.message_id}
    add(run, thread, "slack.reaction", f"reaction:{payload.message_id}:{name}", told)


def hint_follow_up(run: models.Run, thread: models.SlackThread, user_id: str) -> None:
    """Tell who spoke in the thread of an ended run, once and only them, how to start the next one."""
    add(run, thread, "slack.hint", f"hint:{user_id}", {"user": user_id})


def read_report(run: models.Run, thread: models.SlackThread, payload: dict[str, object]) -> None:
    """Have the rest of the report read, which stands in Slack (`report_context`)."""
    add(run, thread, "slack.report", "report", payload)


def begin_thread(run: models.Run, thread: models.SlackThread) -> None:
    """Have our own first message posted, where the report was none."""
    add(run, thread, "slack.root", "root", {})


def _show_soon(run: models.Run, threads: list[models.SlackThread]) -> None:
    """Have the cards edited after a pause, once for all that happens until then: what they show is read when they are edited.

    An edit that waits is locked, so that it is not made before this transaction is over. Nobody waits for a lock here: two
    that come at the same moment may write two rows, and the first one that is delivered finishes the other.
    """
    cards = models.Effect.objects.filter(run=run, thread__in=threads, kind__in=("slack.card", "slack.card_update"))
    waiting = cards.filter(state=models.EffectState.PENDING).select_for_update(skip_locked=True, no_key=True)
    with_edit = set(waiting.values_list("thread_id", flat=True))
    posted = cards.filter(kind="slack.card").exclude(state=models.EffectState.FAILED).values_list("thread_id", "result")
    with_card = {thread_id for thread_id, result in posted if not result.get("is_gone")} - with_edit
    if not with_card:
        return
    workspaces = {thread.workspace_id for thread in threads}
    live = models.SlackThread.objects.filter(workspace_id__in=workspaces, issue__runs__status=RunStatus.RUNNING)
    counts = Counter(live.values_list("workspace_id", flat=True))
    edits = []
    for thread in threads:
        if thread.id in with_card:
            pause = timedelta(seconds=max(CARD_PAUSE, counts[thread.workspace_id] * EDIT_SECONDS))
            edits.append(new_effect(run, thread, "slack.card_update", f"card:live:{new_id()}", {"is_live": True}, after=pause))
    store(edits)


def overtake(effect: models.Effect) -> None:
    """This edit of a card is about to be made: it shows what all that wait would show, so they are done."""
    waiting = models.Effect.objects.filter(
        run=effect.run, thread=effect.thread, kind="slack.card_update", state=models.EffectState.PENDING
    )
    waiting.exclude(id=effect.id).update(
        state=models.EffectState.DONE, result={"shown_by": str(effect.id)}, last_error="", finished_at=Now()
    )


@transaction.atomic
def plan_answer_parts(answer: models.Effect, count: int) -> None:
    """The further messages of an answer that is told in `count` of them, all at once; they are posted in their order."""
    if answer.run is None or answer.thread is None:
        return
    run, thread, after = answer.run, answer.thread, timedelta(seconds=1)
    payloads = {part: {**answer.payload, "part": part} for part in range(2, count + 1)}
    store([new_effect(run, thread, "slack.answer_part", f"answer:{n}", part, after=after) for n, part in payloads.items()])


def note_of_post(posted: models.Effect, **facts: object) -> None:
    """What an edit has found out about the message, such as that somebody deleted it: kept with what posted it."""
    models.Effect.objects.filter(id=posted.id).update(result={**posted.result, **facts})


def key_of(run: models.Run, thread: models.SlackThread, what: str) -> str:
    return f"{run.id}:{thread.id}:{what}"


def add(run: models.Run, thread: models.SlackThread, kind: str, what: str, payload: dict[str, object]) -> None:
    """Write one (`new_effect`) if it is new."""
    store([new_effect(run, thread, kind, what, payload)])


def new_effect(
    run: models.Run,
    thread: models.SlackThread,
    kind: str,
    what: str,
    payload: dict[str, object],
    *,
    after: timedelta = timedelta(0),
) -> models.Effect:
    """One that is not stored yet. `what` tells the effects of a run in a thread apart: of the same name it is the same."""
    # Due by the clock that it is compared with: a host whose clock is ahead would hold its posts back.
    return models.Effect(
        key=key_of(run, thread, what),
        kind=kind,
        issue=run.issue,
        run=run,
        thread=thread,
        payload=payload,
        due_at=Now() + after if after else Now(),
        created_at=Now(),
    )


def store(made: list[models.Effect]) -> None:
    """Write those that are new. What is not due yet is sent by the reaper, when it is."""
    keys = {effect.key for effect in made}
    known = set(models.Effect.objects.filter(key__in=keys).values_list("key", flat=True)) if made else set()
    new = [effect for effect in made if effect.key not in known]
    models.Effect.objects.bulk_create(new, ignore_conflicts=True)
    for effect in new:
        if isinstance(effect.due_at, Now):
            hint(effect.id)


def plan_once(kind: str, what: str, payload: Mapping[str, object], *, after: timedelta | None = None) -> None:
    """Have something done that belongs to no run: once for each `what`, however often it is asked for.

    At once; with `after` when that time is over and the reaper comes by, which costs no hint.
    """
    effect = models.Effect(
        key=f"{kind}:{what}", kind=kind, payload=dict(payload), due_at=Now() + after if after else Now(), created_at=Now()
    )
    if models.Effect.objects.filter(key=effect.key).exists():
        return
    models.Effect.objects.bulk_create([effect], ignore_conflicts=True)
    if after is None:
        hint(effect.id)


def hint(effect_id: UUID) -> None:
    """Ask a worker of the `effects` queue to deliver it, after the commit. Lost hints are the reaper's."""
    transaction.on_commit(partial(send_hint, "sahur.batch.tasks.deliver_effect", str(effect_id), queue="effects"), robust=True)


def start(effect_id: UUID) -> models.Effect | None:
    """Claim a due effect for one delivery; None if it is not due, or somebody else has it."""
    due = models.Effect.objects.filter(_IS_DUE, id=effect_id)
    # A delivery that says nothing for so long was lost with its worker.
    lost_at = Now() + timedelta(seconds=settings.EFFECT_LEASE_SECONDS)
    if due.update(state=models.EffectState.STARTED, attempt=F("attempt") + 1, due_at=lost_at) != 1:
        return None
    return models.Effect.objects.select_related("issue__team", "run__issue", "thread").get(id=effect_id)


def finish(effect: models.Effect, result: dict[str, object]) -> None:
    """The delivery worked. A second finish is a no-op."""
    _end(effect, models.EffectState.DONE, result=result, error="")


def retry_later(effect: models.Effect, error: str, *, after: float | None = None) -> None:
    """The delivery failed and may be tried again; one that has failed for a day has failed for good."""
    if is_overdue(effect):
        fail(effect, error)
        return
    pause = timedelta(seconds=max(after or 0, RETRY_SECONDS[min(effect.attempt, len(RETRY_SECONDS)) - 1]))
    models.Effect.objects.filter(id=effect.id, attempt=effect.attempt, state="started").update(
        state=models.EffectState.PENDING, last_error=clean_text(error), due_at=Now() + min(pause, MAX_PAUSE)
    )


def put_back(effect: models.Effect, why: str, *, after: float) -> None:
    """Nothing was sent: it waits for its turn, and the next delivery is the one that this would have been."""
    if is_overdue(effect):
        fail(effect, effect.last_error or why)
        return
    models.Effect.objects.filter(id=effect.id, attempt=effect.attempt, state="started").update(
        state=models.EffectState.PENDING,
        attempt=F("attempt") - 1,
        last_error=clean_text(why),
        due_at=Now() + min(timedelta(seconds=after), MAX_PAUSE),
    )


def is_overdue(effect: models.Effect) -> bool:
    """Whether this effect has been tried for so long that it is given up."""
    return models.Effect.objects.filter(id=effect.id, created_at__lt=Now() - GIVE_UP_AFTER).exists()


def fail(effect: models.Effect, error: str) -> None:
    """The delivery failed for good."""
    _end(effect, models.EffectState.FAILED, result={}, error=error)


@transaction.atomic
def _end(effect: models.Effect, state: models.EffectState, *, result: dict[str, object], error: str) -> None:
    started = models.Effect.objects.filter(id=effect.id, attempt=effect.attempt, state="started")
    # What was said is stored where it belongs, or nowhere: these keep only that they were taken, or were not.
    forgotten: dict[str, object] = {"payload": {}} if effect.kind in ("slack.event", "slack.word") else {}
    if started.update(state=state, result=result, last_error=clean_text(error), finished_at=Now(), **forgotten) != 1:
        return
    if effect.run is None:
        return
    if effect.kind == "slack.root" and effect.thread is not None and state == models.EffectState.DONE:
        slack_threads.begin(effect.thread, str(result["channel"]), str(result["ts"]))
    if effect.kind in WAITED_FOR:
        _hasten(effect)
    if effect.kind not in QUIET_KINDS or state == models.EffectState.FAILED:
        status = "done" if state == models.EffectState.DONE else "failed"
        payload = EffectFinished(effect_id=str(effect.id), effect=effect.kind, status=status, detail=error)
        events.record(effect.run, payload, key=f"effect:{effect.id}")


WAITED_FOR = frozenset({"slack.root", "slack.card", "slack.answer", "slack.answer_part"})
"""What other posts of the run wait for in the same thread."""


def _hasten(posted: models.Effect) -> None:
    """What waited for this post need not wait for the end of its pause; what somebody holds is on its way already."""
    waiting = models.Effect.objects.filter(run=posted.run, thread=posted.thread, state=models.EffectState.PENDING)
    held = waiting.select_for_update(skip_locked=True, no_key=True).order_by("created_at", "id")
    hastened = list(held.values_list("id", flat=True))
    models.Effect.objects.filter(id__in=hastened).update(due_at=Now())
    for effect_id in hastened:
        hint(effect_id)


def forget(ended_for: timedelta, limit: int = 1_000) -> None:
    """Delete rows that ended so long ago and belong to no issue; what an issue's do proves that they are done."""
    ended = models.Effect.objects.filter(run=None, issue=None, thread=None, finished_at__lt=Now() - ended_for)
    models.Effect.objects.filter(id__in=list(ended.values_list("id", flat=True)[:limit])).delete()


def due(limit: int = 100) -> list[UUID]:
    """Effects whose time has come and that nobody delivers; what only shows progress comes last."""
    is_live = Case(When(payload__is_live=True, then=1), default=0)
    return list(models.Effect.objects.filter(_IS_DUE).order_by(is_live, "due_at").values_list("id", flat=True)[:limit])


# Due later than any pause lasts: the database's clock has jumped back.
_IS_DUE = Q(state__in=["pending", "started"]) & (Q(due_at__lte=Now()) | Q(due_at__gt=Now() + 2 * MAX_PAUSE))
