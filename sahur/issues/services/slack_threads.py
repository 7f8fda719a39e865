"""In which threads of Slack an issue is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import connection
from django.db.models import F, Q
from django.db.models.functions import Now

from sahur.issues import models


@dataclass(frozen=True)
class Place:
    """A thread in Slack, and who spoke there. `root_ts` is empty where our own message is yet to begin it."""

    workspace_id: str
    channel_id: str
    root_ts: str
    user_id: str = ""
    is_alert: bool = False
    """Whether an app posted it in a channel of alerts: nobody stands by to answer for it."""

    def as_reference(self) -> dict[str, str | bool]:
        """As the issue keeps where it came from."""
        where: dict[str, str | bool] = {"team": self.workspace_id, "channel": self.channel_id, "thread_ts": self.root_ts}
        return {**where, "user": self.user_id, **({"alert": True} if self.is_alert else {})}


def open_thread(issue: models.Issue, place: Place) -> models.SlackThread:
    """Tell the issue there, too. Raises `IntegrityError` if the thread tells another one."""
    if place.root_ts:
        _lock_thread(place)
    return models.SlackThread.objects.create(
        issue=issue,
        workspace_id=place.workspace_id,
        channel_id=place.channel_id,
        root_ts=place.root_ts,
        user_id=place.user_id,
    )


def begin(thread: models.SlackThread, channel_id: str, root_ts: str) -> None:
    """Our own first message stands there: from now on it is the thread."""
    not_begun = models.SlackThread.objects.filter(id=thread.id, root_ts="")
    not_begun.update(channel_id=channel_id, root_ts=root_ts)


def threads_of(issue_id: UUID) -> list[models.SlackThread]:
    """The oldest first: where it was reported."""
    rows = models.SlackThread.objects.filter(issue_id=issue_id).select_related("joined_from")
    return list(rows.order_by("created_at", "id"))


ALERT = "alert"
"""In `Issue.source_ref`: a post in a channel of alerts. An app's has no user, who could be asked."""
TOLD_IN_SHORT = Q(joined_from__source_ref__alert=True, joined_from__source_ref__user="")
"""`is_told_in_short`, for queries of threads."""


def is_unattended(issue: models.Issue) -> bool:
    """Whether an app reported it among alerts: nobody stands by who could be asked."""
    return bool(issue.source_ref.get(ALERT)) and not issue.source_ref.get("user")


def is_told_in_short(thread: models.SlackThread) -> bool:
    """Whether it is an app's alert that joined another issue: a storm of them would tell all of it over and over."""
    return thread.joined_from is not None and is_unattended(thread.joined_from)


YOUNG = timedelta(minutes=15)
"""Slack tries so long to deliver an event (at once, after one minute, after five): a thread's beginning may be that late."""


def note_early_reply(place: Place, ts: str) -> bool:
    """A reply came to a thread that tells no issue: remember that it is there, in case that its beginning is on its way.

    False if the thread tells one by now. Call it in a transaction.
    """
    _lock_thread(place)
    here = {"workspace_id": place.workspace_id, "channel_id": place.channel_id, "root_ts": place.root_ts}
    if models.SlackThread.objects.filter(**here).exists():
        return False
    models.SlackEarlyReply.objects.filter(received_at__lt=Now() - YOUNG).exclude(ts=F("root_ts")).delete()
    models.SlackEarlyReply.objects.bulk_create([models.SlackEarlyReply(**here, ts=ts)], ignore_conflicts=True)
    return True


def take_early_replies(thread: models.SlackThread) -> list[str]:
    """The times of the replies that came before their thread, oldest first. Call it in the transaction that opens the thread."""
    rows = models.SlackEarlyReply.objects.filter(
        workspace_id=thread.workspace_id, channel_id=thread.channel_id, root_ts=thread.root_ts
    )
    times = sorted(rows.values_list("ts", flat=True))
    if times:
        rows.delete()
    return [ts for ts in times if ts != thread.root_ts]


PATIENCE = timedelta(days=1)
"""So long the words that were asked for are awaited."""


def await_report(place: Place) -> None:
    """Whoever began the thread has called us and said nothing: their next words there are the report.

    It is kept as a reply that is the root of its thread, which no other reply is.
    """
    asked = models.SlackEarlyReply.objects.filter(ts=F("root_ts"))
    asked.filter(received_at__lt=Now() - PATIENCE).delete()
    here = {"workspace_id": place.workspace_id, "channel_id": place.channel_id, "root_ts": place.root_ts}
    models.SlackEarlyReply.objects.bulk_create([models.SlackEarlyReply(**here, ts=place.root_ts)], ignore_conflicts=True)


def awaits_report(place: Place) -> bool:
    """Whether a report was asked for there (`await_report`); opening the thread ends it."""
    here = {"workspace_id": place.workspace_id, "channel_id": place.channel_id, "root_ts": place.root_ts}
    return models.SlackEarlyReply.objects.filter(**here, ts=place.root_ts, received_at__gte=Now() - PATIENCE).exists()


def _lock_thread(place: Place) -> None:
    """To the end of the transaction: a reply and the beginning of its thread, stored at the same moment, know each other."""
    name = f"slack thread {place.workspace_id} {place.channel_id} {place.root_ts}"
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
