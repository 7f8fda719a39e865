"""What people say to a run, and what became of it. Nothing is ever dropped but what its author takes back unread."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from sahur.issues import events, models
from sahur.issues.services import effects
from sahur.issues.services.locks import lock_run
from sahur_core.errors import Conflict
from sahur_core.events import (
    EventPayload,
    MessageCarriedOver,
    MessageEdited,
    MessageMadeUrgent,
    MessageQueued,
    MessageTakenIn,
    MessageWithdrawn,
)
from sahur_core.issues import MessageStatus, Role, RunStatus

CARRIED = "carried:"
"""How the `client_id` of a message begins that was said to an earlier run, too late for it."""
UNREAD = (MessageStatus.QUEUED.value, MessageStatus.CARRIED_OVER.value)


@transaction.atomic
def say(
    run: models.Run,
    text: str,
    *,
    author_name: str,
    author_id: int | None,
    client_id: str = "",
    is_urgent: bool = False,
    slack: Mapping[str, str] | None = None,
) -> models.Message:
    """Store what somebody said. The same `client_id` again gives the same message; an ended run carries it over.

    An urgent one is used now: the model call under way is given up for it. What was sent before may become urgent while it
    waits. `slack` says where it was said (`Message.slack`), so that it is acknowledged there.
    Raises `Conflict` if that `client_id` belongs to other words: acknowledging them would lose them.
    """
    locked = lock_run(run.id)
    if client_id:
        known = models.Message.objects.filter(run=run, client_id=client_id).first()
        if known and (known.author_id, known.text) != (author_id, text):
            raise Conflict("This client_id is that of another message.", next_step="Send it again with a new client_id.")
        if known:
            return make_urgent(known, author_name) if is_urgent else known
    message = models.Message.objects.create(
        run=locked,
        role=Role.USER.value,
        status=MessageStatus.QUEUED.value,
        author_id=author_id,
        author_name=author_name,
        text=text,
        client_id=client_id or None,
        is_urgent=is_urgent,
        slack=dict(slack or {}),
    )
    _tell_queued(locked, message)
    if RunStatus(locked.status).is_terminal:
        carry_over_queued(locked)
        message.refresh_from_db()
    return message


@transaction.atomic
def make_urgent(message: models.Message, by: str) -> models.Message:
    """Somebody does not want to wait any longer. One that does not wait (any more) stays as it is; asking again is a no-op."""
    lock_run(message.run_id)
    waiting = models.Message.objects.filter(id=message.id, status=MessageStatus.QUEUED.value, is_urgent=False)
    if waiting.update(is_urgent=True):
        payload = MessageMadeUrgent(message_id=str(message.id), asked_by=by)
        events.record(message.run, payload, key=_urgent_key(message.id))
    message.refresh_from_db(fields=["status", "is_urgent", "taken_in_at_step"])
    return message


@transaction.atomic
def edit(message: models.Message, text: str, edit_id: str) -> bool:
    """Take other words of its author, in every run that it is kept for; False if the model has them already.

    The same edit is a no-op, and so is an earlier one that comes after a later one: `edit_id` is its time in Slack.
    """
    unread = _unread(message)
    for each in unread:
        made = models.Event.objects.filter(run=each.run_id, key__startswith=f"message:{each.id}:edited:")
        if any(str(key).rpartition(":")[2] >= edit_id for key in made.values_list("key", flat=True)):
            continue
        models.Message.objects.filter(id=each.id).update(text=text)
        payload = MessageEdited(message_id=str(each.id), text=text)
        events.record(each.run, payload, key=f"message:{each.id}:edited:{edit_id}")
    return bool(unread)


@transaction.atomic
def withdraw(message: models.Message) -> bool:
    """Its author takes it back: no run is told of it, and its words are kept nowhere. False if the model has it already."""
    unread = _unread(message)
    for each in unread:
        models.Message.objects.filter(id=each.id).update(status=MessageStatus.WITHDRAWN.value, text="")
        events.forget_words(each.run_id, each.id)
        _tell(each.run, MessageWithdrawn(message_id=str(each.id)), key=f"message:{each.id}:withdrawn")
    return bool(unread) or models.Message.objects.filter(id=message.id, status=MessageStatus.WITHDRAWN.value).exists()


def said_at(thread: models.SlackThread, ts: str) -> list[models.Message]:
    """What was said there, in each run that was told of it, the oldest first."""
    # Also the issue that the thread has left: it was told of its runs.
    told = models.Effect.objects.filter(thread=thread).exclude(issue=None).values_list("issue_id", flat=True).distinct()
    issues = {thread.issue_id, *told}
    rows = models.Message.objects.select_related("run__issue").filter(run__issue__in=issues)
    return list(rows.filter(slack={"thread": str(thread.id), "ts": ts}).order_by("created_at", "id"))


def _unread(message: models.Message) -> list[models.Message]:
    """The message wherever it waits, locked; none if the last run that was told of it has read it."""
    thread = models.SlackThread.objects.filter(id=message.slack["thread"]).first() if message.slack.get("ts") else None
    for run_id in sorted({each.run_id for each in _copies(message, thread)}):
        lock_run(run_id)
    # A further run, which takes over what waits, begins with its issue.
    models.Issue.objects.select_for_update(no_key=True).get(id=message.run.issue_id)
    rows = models.Message.objects.select_for_update(of=("self",), no_key=True).select_related("run__issue")
    # A model that is being handed them is waited for: their status is what it is by then.
    copies = list(rows.filter(id__in=[each.id for each in _copies(message, thread)]).order_by("created_at", "id"))
    if not copies or copies[-1].status not in UNREAD:
        return []
    return [each for each in copies if each.status in UNREAD]


def _copies(message: models.Message, thread: models.SlackThread | None) -> list[models.Message]:
    return said_at(thread, message.slack["ts"]) if thread else [message]


def carry_into(run: models.Run, earlier: models.Message) -> models.Message:
    """Say to a new run what came too late for an earlier one. Call it in the transaction that makes the run."""
    message, is_new = models.Message.objects.get_or_create(
        run=run,
        client_id=f"{CARRIED}{earlier.id}",
        defaults={
            "role": Role.USER.value,
            "status": MessageStatus.QUEUED.value,
            "author_id": earlier.author_id,
            "author_name": earlier.author_name,
            "text": earlier.text,
            "slack": earlier.slack,
        },
    )
    if is_new:
        _tell_queued(run, message)
    return message


def is_follow_up(run_id: UUID) -> bool:
    """Whether the run goes on from what people said about an earlier one."""
    carried = models.Message.objects.filter(run_id=run_id, client_id__startswith=CARRIED)
    return carried.exclude(status=MessageStatus.WITHDRAWN.value).exists()


def urgent_author(run_id: UUID) -> str | None:
    """Who wants a message used now that the run has not taken in yet; None if nobody does."""
    waiting = models.Message.objects.filter(run_id=run_id, status=MessageStatus.QUEUED.value, is_urgent=True)
    first = waiting.order_by("created_at", "id").values_list("id", "author_name").first()
    if first is None:
        return None
    message_id, author = first
    made = models.Event.objects.filter(run_id=run_id, key=_urgent_key(message_id)).values_list("payload", flat=True).first()
    return made["asked_by"] if made else author


def _urgent_key(message_id: UUID) -> str:
    return f"message:{message_id}:made_urgent"


def has_queued(run_id: UUID) -> bool:
    return models.Message.objects.filter(run_id=run_id, status=MessageStatus.QUEUED.value).exists()


@transaction.atomic
def take_in(run: models.Run, attempt: int, step: int) -> list[models.Message]:
    """Hand out what was said since. What this step was given before a crash is handed out again. Raises `AttemptFenced`."""
    rows = models.Message.objects.select_for_update(no_key=True).filter(run=run, role=Role.USER.value)
    queued = list(rows.filter(status=MessageStatus.QUEUED.value).order_by("created_at", "id"))
    again = list(rows.filter(status=MessageStatus.TAKEN_IN.value, taken_in_at_step=step).order_by("created_at", "id"))
    for message in queued:
        models.Message.objects.filter(id=message.id).update(status=MessageStatus.TAKEN_IN.value, taken_in_at_step=step)
        payload = MessageTakenIn(message_id=str(message.id), step=step, author=message.author_name)
        _tell(run, payload, attempt=attempt, key=f"message:{message.id}:taken_in")
    return again + queued


def carry_over_queued(run: models.Run) -> None:
    """The run cannot take in more: mark what is queued, so that a follow-up run starts from it."""
    for message in models.Message.objects.filter(run=run, status=MessageStatus.QUEUED.value).order_by("created_at"):
        models.Message.objects.filter(id=message.id).update(status=MessageStatus.CARRIED_OVER.value)
        _tell(run, MessageCarriedOver(message_id=str(message.id)), key=f"message:{message.id}:carried_over")


def _tell_queued(run: models.Run, message: models.Message) -> None:
    payload = MessageQueued(
        message_id=str(message.id),
        client_id=message.client_id or "",
        author=message.author_name,
        text=message.text,
        is_urgent=message.is_urgent,
    )
    _tell(run, payload, key=f"message:{message.id}:queued")


def _tell(run: models.Run, payload: EventPayload, *, key: str, attempt: int | None = None) -> None:
    events.record(run, payload, attempt=attempt, key=key)
    effects.plan(run, payload)
