"""What an event of Slack means: what it asks of `sahur.batch.actions`, in one transaction and idempotent.

Whoever may write in a connected workspace may report and steer, for the team of the place (`sahur.slack.places`).
What is refused is told to the person in the thread, after Slack has its answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from slack_bolt import BoltContext

from sahur.batch import actions
from sahur.issues import models
from sahur.issues.services import reports, slack_people, slack_threads
from sahur.issues.services.reports import Delivery
from sahur.issues.services.slack_threads import Place
from sahur.slack import threads
from sahur.slack.help import asks_for_help, help_text
from sahur.slack.listeners import alerts, replies
from sahur.slack.listeners.guard import own_users
from sahur.slack.listeners.reporting import Reported, submit
from sahur.slack.listeners.telling import tell_alone, tell_thread
from sahur.slack.places import actor_of_slack_user, team_of
from sahur.slack.reading import File, as_word, files_of, is_of_app, is_stop, text_of
from sahur.slack.report_source import Source as Rest

# A person's own words have no subtype, or one of these; the others tell of edits, joins and bots.
SPOKEN_SUBTYPES = {None, "file_share", "thread_broadcast"}
HOW_TO_STOP = (
    "Which investigation shall I stop? Write `stop` in its thread, press *Stop* on its card, or react with :x: to its report."
)
SAY_IT_HERE = (
    "The report is empty. Say here, in this thread, what went wrong; paste the error or traceback. You need not mention me again."
)


@dataclass(frozen=True)
class Said:
    """A message in Slack. `thread_ts` is the root of its thread, which for a first message is the message itself."""

    event_id: str
    workspace: str
    channel: str
    ts: str
    thread_ts: str
    user: str
    words: str
    is_addressed: bool
    """Said to SAHUR: a mention, or a direct message."""
    files: tuple[File, ...] = ()
    own_users: tuple[str, ...] = ()
    began_by: str = ""
    """Who said the first message of the thread, where Slack tells it."""

    @property
    def place(self) -> Place:
        return Place(self.workspace, self.channel, self.thread_ts, self.user)

    @property
    def text(self) -> str:
        """As a word to a run."""
        return as_word(self.words, self.files)

    @property
    def is_reply(self) -> bool:
        return self.thread_ts != self.ts

    @property
    def is_stop(self) -> bool:
        return is_stop(self.text)


def on_mention(body: dict[str, Any], context: BoltContext) -> None:
    """What people say to us. Other apps are not answered: two that mention each other would never end.

    Slack tells of edits with a mention, too. Where the thread is one of ours already, the first words were taken, and other
    ones for them are `on_edit`'s; else the edit is what called us, or what was refused before in its first words.
    """
    event = body["event"]
    if is_of_app(event):
        return
    message = said(body, context, is_addressed=True)
    if "edited" in event and threads.thread_at(message.workspace, message.channel, message.thread_ts) is not None:
        return
    take(message, context)


def on_message(body: dict[str, Any], context: BoltContext) -> None:
    """Direct messages, and replies in threads. What mentions us in a channel comes as `app_mention`, too."""
    event = body["event"]
    if event.get("subtype") == replies.CHANGED:
        replies.on_edit(body, context)
    elif event.get("subtype") == replies.DELETED:
        replies.on_delete(body, context)
    is_mention = any(f"<@{user}" in (event.get("text") or "") for user in own_users(body))
    if (not is_mention or is_of_app(event)) and alerts.take_alert(body, context):
        return
    if event.get("subtype") not in SPOKEN_SUBTYPES or "bot_id" in event or "edited" in event:
        return
    is_direct = event.get("channel_type") == "im"
    message = said(body, context, is_addressed=is_direct)
    if is_direct or (message.is_reply and not is_mention):
        take(message, context)


def is_copy_of_mention(body: dict[str, Any]) -> bool:
    """Whether this message of a person says in a channel what its mention says, which comes as an event of its own."""
    event = body["event"]
    if event.get("type") != "message" or event.get("channel_type") == "im" or event.get("subtype") not in SPOKEN_SUBTYPES:
        return False
    text = event.get("text")
    is_mention = isinstance(text, str) and any(f"<@{user}" in text for user in own_users(body))
    return is_mention and not is_of_app(event) and "bot_id" not in event


def take(message: Said, context: BoltContext) -> None:
    """A new report, a word to a live run, a stop, or, if SAHUR is addressed, a further run."""
    thread = threads.thread_at(message.workspace, message.channel, message.thread_ts)
    if thread is None and not message.is_stop and (message.is_addressed or _is_awaited(message)):
        _report(message, context)
        return
    if thread is None and message.is_reply and _is_young(message):
        with transaction.atomic():
            if slack_threads.note_early_reply(message.place, message.ts):
                if message.is_stop and message.is_addressed:
                    tell_thread(context, message.place, HOW_TO_STOP)
                return
        thread = threads.thread_at(message.workspace, message.channel, message.thread_ts)
    # The first message of a thread that is told already: a reply was the report, and the effect has read this one with it.
    if thread is not None and message.is_reply:
        _reply(message, thread, context)
    elif thread is None and message.is_stop and message.is_addressed:
        _stop(message, context)


def _stop(message: Said, context: BoltContext) -> None:
    """Said in no thread that tells an issue: with one person alone it is plain which run is meant, if there is but one."""
    if reports.find_delivery(Delivery("slack", message.event_id)) is not None:
        return
    runs = threads.live_runs_in(message.workspace, message.channel) if message.channel.startswith("D") else []
    if len(runs) != 1:
        tell_thread(context, message.place, HOW_TO_STOP)
        return
    actor = actor_of_slack_user(message.workspace, message.user, runs[0].issue.team)
    with transaction.atomic():
        if reports.note_delivery(runs[0].issue, Delivery("slack", message.event_id)):
            actions.stop_run(actor, runs[0].id)


def _reply(message: Said, thread: models.SlackThread, context: BoltContext) -> None:
    issue = thread.issue
    if reports.find_delivery(replies.deletion_of(thread, message.ts)) is not None:
        return
    # Not in the transaction: that Slack is asked who they are holds also where they are refused.
    actor = actor_of_slack_user(message.workspace, message.user, issue.team)
    with transaction.atomic():
        # The run that was meant may have ended, and another begun, since an earlier delivery of the same words.
        if reports.note_delivery(issue, Delivery("slack", message.event_id)):
            told = replies.take_reply(actor, thread, message)
            if told:
                tell_alone(context, message.place, told)


def _report(message: Said, context: BoltContext) -> None:
    if asks_for_help(message.words, is_reply=message.is_reply) and not message.files:
        tell_thread(context, message.place, help_text())
        return
    if not message.is_reply and not message.words.strip() and not message.files:
        # Raises where nobody could report anything.
        team_of(message.workspace, message.channel)
        slack_threads.await_report(message.place)
        tell_thread(context, message.place, SAY_IT_HERE)
        return
    # Without a mention, the thread has nothing but our question.
    rest = Rest(message.ts, message.ts, message.is_reply and message.is_addressed, message.own_users, files=message.files)
    submit(Reported(message.place, message.user, message.words, message.event_id, rest))


def _is_awaited(message: Said) -> bool:
    """Whether these are the words that a mention alone was asked for, by the same person."""
    is_theirs = message.is_reply and message.began_by in ("", message.user) and not message.is_stop
    return is_theirs and slack_threads.awaits_report(message.place)


def _is_young(message: Said) -> bool:
    """Whether the message that began the thread may still be on its way to us, by Slack's own times."""
    try:
        return float(message.ts) - float(message.thread_ts) < slack_threads.YOUNG.total_seconds()
    except ValueError:
        return False


def said(body: dict[str, Any], context: BoltContext, *, is_addressed: bool) -> Said:
    """The message of an event, as plain text, with what it forwards."""
    event = body["event"]
    own = own_users(body)
    return Said(
        event_id=body["event_id"],
        workspace=context.team_id or "",
        channel=event["channel"],
        ts=event["ts"],
        thread_ts=event.get("thread_ts") or event["ts"],
        user=event.get("user") or event.get("bot_id", ""),
        words=slack_people.with_names(context.team_id or "", text_of(event, without_users=own)),
        is_addressed=is_addressed,
        files=tuple(files_of(event)),
        own_users=tuple(sorted(own)),
        began_by=str(event.get("parent_user_id") or ""),
    )
