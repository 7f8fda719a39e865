"""What an event of Slack means: what it asks of `sahur.batch.actions`, in one transaction and idempotent.

Whoever may write in the connected workspace may report and steer, for the one team that the workspace stands for.
What is refused is told to the person in the thread, after Slack has its answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from slack_bolt import BoltContext

from sahur.accounts.actor import Actor, system_actor
from sahur.accounts.models import Team
from sahur.batch import actions
from sahur.batch.actions import Submission
from sahur.issues.services import reports
from sahur.issues.services.reports import Delivery
from sahur.issues.services.slack_threads import Place
from sahur.slack import threads
from sahur.slack.earlier import earlier_in_thread
from sahur.slack.listeners import replies
from sahur.slack.listeners.guard import own_users
from sahur.slack.markup import parse_report, to_plain
from sahur.slack.places import actor_of_slack_user
from sahur_core.errors import NotFound
from sahur_core.issues import Source

# A person's own words have no subtype, or one of these; the others tell of edits, joins and bots.
SPOKEN_SUBTYPES = {None, "file_share", "thread_broadcast"}
STOP_WORDS = {"stop", "cancel", "abort"}


@dataclass(frozen=True)
class Said:
    """A message in Slack. `thread_ts` is the root of its thread, which for a first message is the message itself."""

    event_id: str
    workspace: str
    channel: str
    ts: str
    thread_ts: str
    user: str
    text: str
    is_addressed: bool
    """Said to SAHUR: a mention, or a direct message."""

    @property
    def is_reply(self) -> bool:
        return self.thread_ts != self.ts

    @property
    def is_stop(self) -> bool:
        return self.text.strip(" .!").casefold() in STOP_WORDS


def on_mention(body: dict[str, Any], context: BoltContext) -> None:
    event = body["event"]
    if "edited" not in event:
        take(said(body, context, is_addressed=True), earlier=lambda message: _earlier(body, context, message))


def on_message(body: dict[str, Any], context: BoltContext) -> None:
    """Direct messages, and replies in threads. What mentions us in a channel comes as `app_mention`, too."""
    event = body["event"]
    if event.get("subtype") == replies.CHANGED:
        replies.on_edit(body, context)
    if event.get("subtype") not in SPOKEN_SUBTYPES or "bot_id" in event or "edited" in event:
        return
    is_direct = event.get("channel_type") == "im"
    is_mention = any(f"<@{user}" in event.get("text", "") for user in own_users(body))
    message = said(body, context, is_addressed=is_direct)
    if is_direct or (message.is_reply and not is_mention):
        take(message, earlier=lambda message: _earlier(body, context, message))


def _earlier(body: dict[str, Any], context: BoltContext, message: Said) -> str:
    """What was said before in the thread of a report, in the same channel."""
    if not message.is_reply or context.client is None:
        return ""
    return earlier_in_thread(context.client, message.channel, message.thread_ts, message.ts, own_users(body))


def take(message: Said, *, earlier: Callable[[Said], str]) -> None:
    """A new report, a word to a live run, a stop, or, if SAHUR is addressed, a further run.

    A new report holds what `earlier` gives: what its thread said before it.
    """
    thread = threads.thread_at(message.workspace, message.channel, message.thread_ts) if message.is_reply else None
    if thread is None:
        if message.is_addressed:
            team = slack_team()
            submit(team, slack_actor(team, message.user), message, earlier(message))
        return
    issue = thread.issue
    with transaction.atomic():
        # The run that was meant may have ended, and another begun, since an earlier delivery of the same words.
        if reports.note_delivery(issue, Delivery("slack", message.event_id)):
            actor = actor_of_slack_user(message.workspace, message.user, issue.team)
            replies.take_reply(actor, thread, message)


def submit(team: Team, actor: Actor, message: Said, earlier: str) -> None:
    # Who only calls SAHUR into a thread means what stands there.
    report = parse_report(message.text or earlier.partition("\n")[2].partition(": ")[2])
    actions.submit_issue(
        actor,
        Submission(
            title=report.title,
            body="\n\n".join(part for part in (report.body if message.text else "", earlier) if part),
            source=Source.SLACK,
            team_id=team.pk,
            repository=report.repository or threads.only_repository(team),
            place=Place(message.workspace, message.channel, message.thread_ts, message.user),
            delivery=Delivery("slack", message.event_id),
        ),
    )


def said(body: dict[str, Any], context: BoltContext, *, is_addressed: bool) -> Said:
    """The message of an event, as plain text. Files are named by their address, since they are not fetched."""
    event = body["event"]
    text = to_plain(event.get("text") or "", without_users=own_users(body))
    files = [f"{file.get('name', 'file')}: {file['permalink']}" for file in event.get("files", []) if "permalink" in file]
    return Said(
        event_id=body["event_id"],
        workspace=context.team_id or "",
        channel=event["channel"],
        ts=event["ts"],
        thread_ts=event.get("thread_ts") or event["ts"],
        user=event.get("user") or event.get("bot_id", ""),
        text="\n".join([text, *(f"Attached in Slack: {file}" for file in files)]).strip(),
        is_addressed=is_addressed,
    )


def slack_team() -> Team:
    """The team that the workspace reports to. Raises `NotFound` if the setting names none."""
    team = Team.objects.filter(key=settings.SLACK_TEAM_KEY).first()
    if team is None:
        raise NotFound(
            "SAHUR does not know which team this Slack workspace reports to.",
            next_step="An admin sets SAHUR_SLACK_TEAM to the key of a team.",
        )
    return team


def slack_actor(team: Team, user: str) -> Actor:
    return system_actor(team, f"{user} via Slack")
