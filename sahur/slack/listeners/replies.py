"""What people say and do in the thread of an issue: steer its run, stop it, start the next one."""

from __future__ import annotations

from typing import Any, Protocol

from django.db import transaction
from slack_bolt import BoltContext

from sahur.accounts.actor import Actor, system_actor
from sahur.batch import actions, message_actions
from sahur.issues import models
from sahur.issues.services import effects, messages, reports, slack_people
from sahur.issues.services.reports import Delivery
from sahur.issues.services.slack_threads import Place
from sahur.slack import threads
from sahur.slack.listeners.guard import is_known, own_users
from sahur.slack.listeners.interactions import action_of, actor_at, place_of, run_at
from sahur.slack.listeners.telling import tell_alone
from sahur.slack.markup import escape
from sahur.slack.reading import as_word, files_of, text_of
from sahur_core.errors import SahurError

STOP_REACTION = "x"
CHANGED = "message_changed"
MENTION = "@SAHUR"
"""What somebody has said who only mentioned SAHUR."""
DELETED = "message_deleted"
READ_ALREADY = "I had read your earlier words by then: say it again, in your new words, so that I know of it."
DELETED_LATE = "I had read what was deleted by then: it stays said, and stands on the issue's page."
SLACK = "Slack"
"""In whose name something is done that Slack tells, and not of whom."""
UNKNOWN = (
    "In a channel shared with other companies Slack does not say whose people set an emoji, and I do not know you yet: nothing "
    "was stopped. Press *Stop* on the card, or write `stop` in the thread."
)
ENDED = "There is nothing to stop: the investigation has ended."


class Reply(Protocol):
    """A message in the thread, as far as it matters here."""

    @property
    def channel(self) -> str: ...

    @property
    def ts(self) -> str: ...

    @property
    def user(self) -> str: ...

    @property
    def text(self) -> str: ...

    @property
    def is_addressed(self) -> bool: ...

    @property
    def is_stop(self) -> bool: ...


def take_reply(actor: Actor, thread: models.SlackThread, message: Reply) -> str:
    """Words for the run: it stops, it is steered, or it has ended; then a further one starts if SAHUR is addressed.

    What is said without addressing SAHUR after the end is kept for the next run, and its author is told so, once. What is to
    be told the author alone now, or nothing.
    """
    run = threads.latest_run(thread.issue)
    if message.is_stop:
        if threads.is_live(run):
            actions.stop_run(actor, run.id)
            return ""
        return ENDED if message.is_addressed else ""
    # A direct message need not mention SAHUR; a mention among people means that it shall hear it now.
    is_urgent = message.is_addressed and threads.is_live(run) and not message.channel.startswith("D")
    # A mention alone after the end is how the next run is started, as the hint says, and all that was said.
    is_start = message.is_addressed and not threads.is_live(run) and not message.text.strip()
    if run is not None:
        said_at = {"thread": str(thread.id), "ts": message.ts}
        text = MENTION if is_start else message.text
        actions.send_message(actor, run.id, text, client_id=message.ts, is_urgent=is_urgent, slack=said_at)
    if threads.is_live(run):
        return ""
    if message.is_addressed:
        # The ended run has carried over what was said, and the next one starts with it.
        actions.start_run(actor, thread.issue.key, client_id=message.ts)
    elif run is not None:
        effects.hint_follow_up(run, thread, message.user)
    return ""


def on_edit(body: dict[str, Any], context: BoltContext) -> None:
    """Other words for what was said in a thread count while nobody has read the first ones. Slack also tells of previews."""
    event = body["event"]
    now, before = event.get("message") or {}, event.get("previous_message") or {}
    is_a_persons = "edited" in now and "bot_id" not in now and now.get("user") not in own_users(body)
    if not is_a_persons or now.get("text") == before.get("text"):
        return
    root = now.get("thread_ts") or now.get("ts", "")
    thread = threads.thread_at(context.team_id or "", event["channel"], root)
    if thread is None:
        return
    message = next(reversed(messages.said_at(thread, now["ts"])), None)
    if message is None:
        return
    # The preview of a link is nobody's word; what was forwarded is.
    forwarded = [each for each in now.get("attachments", []) if each.get("is_msg_unfurl")]
    words = text_of({**now, "attachments": forwarded}, without_users=own_users(body))
    text = as_word(slack_people.with_names(thread.workspace_id, words), files_of(now))
    place = Place(thread.workspace_id, thread.channel_id, thread.root_ts, now["user"])
    try:
        actor = actor_at(place, thread.issue)
        if not message_actions.edit_message(actor, message.run_id, message.id, text, edit_id=now["edited"]["ts"]):
            tell_alone(context, place, READ_ALREADY)
    except SahurError as refused:
        tell_alone(context, place, escape(str(refused)))


def on_delete(body: dict[str, Any], context: BoltContext) -> None:
    """What is deleted in a thread is read by nobody who has not read it yet; also where its own event comes after this one.

    Slack lets authors delete, and who looks after the workspace; it does not say who it was.
    """
    event = body["event"]
    before = event.get("previous_message") or {}
    ts, root = str(event.get("deleted_ts") or ""), str(before.get("thread_ts") or "")
    if not ts or root in ("", ts) or "bot_id" in before:
        return
    thread = threads.thread_at(context.team_id or "", event["channel"], root)
    if thread is None:
        return
    message = next(reversed(messages.said_at(thread, ts)), None)
    if message is None:
        reports.note_delivery(thread.issue, deletion_of(thread, ts))
    elif not message_actions.withdraw_message(system_actor(thread.issue.team, SLACK), message.run_id, message.id):
        tell_alone(context, Place(thread.workspace_id, thread.channel_id, thread.root_ts, before.get("user", "")), DELETED_LATE)


def deletion_of(thread: models.SlackThread, ts: str) -> Delivery:
    """By which is known that a message was deleted before anybody took it."""
    return Delivery("slack deleted", f"{thread.workspace_id}/{thread.channel_id}/{ts}")


def on_reaction(body: dict[str, Any], context: BoltContext) -> None:
    """:x: on the report or on its card stops the run."""
    event = body["event"]
    item = event.get("item") or {}
    if event.get("reaction") != STOP_REACTION or item.get("type") != "message" or not item.get("channel"):
        return
    thread = threads.thread_of_message(context.team_id or "", item["channel"], item["ts"])
    if thread is None:
        return
    if body.get("is_ext_shared_channel") and not is_known(thread.workspace_id, event["user"]):
        if threads.is_live(threads.latest_run(thread.issue)):
            tell_alone(context, Place(thread.workspace_id, thread.channel_id, thread.root_ts, event["user"]), UNKNOWN)
        return
    with transaction.atomic():
        run = threads.latest_run(thread.issue)
        if reports.note_delivery(thread.issue, Delivery("slack", body["event_id"])) and threads.is_live(run):
            _stop(context, thread, run, event["user"])


def _stop(context: BoltContext, thread: models.SlackThread, run: models.Run, user: str) -> None:
    """Who may not is told so alone: an emoji is no talk that others need an answer to."""
    place = Place(thread.workspace_id, thread.channel_id, thread.root_ts, user)
    try:
        actions.stop_run(actor_at(place, thread.issue), run.id)
    except SahurError as refused:
        tell_alone(context, place, escape(str(refused)))


def on_stop(body: dict[str, Any], context: BoltContext) -> None:
    """The button of the card. What became of it, the card tells."""
    place = place_of(body, context)
    run, _ = run_at(place, action_of(body)[1])
    was_live = threads.is_live(run)
    actions.stop_run(actor_at(place, run.issue), run.id)
    if not was_live:
        tell_alone(context, place, ENDED)
