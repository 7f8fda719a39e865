"""What an event of Slack means: what it asks of `sahur.batch.actions`, in one transaction and idempotent.

Whoever may write in the connected workspace may report and steer, for the one team that the workspace stands for.
What is refused is told to the person in the thread, after Slack has its answer.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from slack_bolt import App, BoltContext, BoltRequest
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from sahur.accounts.actor import Actor, system_actor
from sahur.accounts.models import Team
from sahur.batch import actions
from sahur.batch.actions import Submission
from sahur.issues import models
from sahur.issues.services import reports
from sahur.issues.services.reports import Delivery
from sahur.issues.storage import STORAGE_FAILURES, storage_error
from sahur.slack import threads
from sahur.slack.earlier import earlier_in_thread
from sahur.slack.markup import escape, parse_report, to_plain
from sahur_core.errors import NotFound, SahurError
from sahur_core.issues import Source
from sahur_core.trace import current_trace_id, trace

log = logging.getLogger(__name__)

# A person's own words have no subtype, or one of these; the others tell of edits, joins and bots.
SPOKEN_SUBTYPES = {None, "file_share", "thread_broadcast"}
STOP_WORDS = {"stop", "cancel", "abort"}
STOP_REACTION = "x"
REFUSAL = "refusal"
LAST_RETRY = 3
"""Slack delivers an event three times more (https://docs.slack.dev/apis/events-api, "Error handling")."""


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


def register(app: App) -> None:
    """Connect the listeners; each is followed by `tell_refusal`, which runs after the answer."""
    for event, listener in (("app_mention", on_mention), ("message", on_message), ("reaction_added", on_reaction)):
        app.event(event)(ack=_guarded(listener), lazy=[tell_refusal])
    # Whatever else the Slack app is subscribed to: without an answer Slack would deliver it four times.
    app.event(re.compile(".+"))(ignore)


Listener = Callable[[dict[str, Any], BoltContext], None]


def _guarded(listener: Listener) -> Callable[[dict[str, Any], BoltContext, BoltRequest], None]:
    """Refusals are kept for `tell_refusal`; other errors become a 500, and Slack delivers the event again.

    If what was said to SAHUR cannot be stored even at the last delivery, that is a refusal too: nobody would ever hear of it
    otherwise.
    """

    def run(body: dict[str, Any], context: BoltContext, request: BoltRequest) -> None:
        # Over HTTP the request has an id; Socket Mode's threads start one.
        with trace(current_trace_id()):
            event = body["event"]
            if is_own(body) or is_foreign(body, context):
                log.info("Slack event %s of type %s is not for us", body.get("event_id"), event.get("type"))
                return
            try:
                listener(body, context)
            except SahurError as error:
                _refuse(body, context, error)
            except STORAGE_FAILURES as failure:
                # Whether a thread or a message is about an issue, nobody knows now: talk among people is left alone.
                if _retry_number(request) < LAST_RETRY or not _is_addressed(event):
                    raise
                log.exception("Slack event %s could not be stored, and Slack delivers it no more", body.get("event_id"))
                _refuse(body, context, storage_error(failure))

    return run


def _is_addressed(event: dict[str, Any]) -> bool:
    return event.get("type") == "app_mention" or event.get("channel_type") == "im"


def _refuse(body: dict[str, Any], context: BoltContext, error: SahurError) -> None:
    log.info("Slack event %s was refused: %s", body.get("event_id"), error)
    event = body["event"]
    place = event.get("item", event)
    thread_ts = event.get("thread_ts") or place.get("ts", "")
    context[REFUSAL] = {"channel": place.get("channel", ""), "thread_ts": thread_ts, "text": escape(str(error))}


def _retry_number(request: BoltRequest) -> int:
    """How often Slack has delivered this event before; Bolt gives the same header in Socket Mode."""
    number = (request.headers.get("x-slack-retry-num") or ["0"])[0]
    return int(number) if number.isdecimal() and len(number) < 4 else 0


def ignore() -> None:
    """Answer and do nothing."""


def is_own(body: dict[str, Any]) -> bool:
    """Whether the event comes from this app itself, such as its answer in the thread."""
    event = body["event"]
    app_id = event.get("app_id") or event.get("bot_profile", {}).get("app_id")
    return event.get("user") in _own_users(body) or (app_id is not None and app_id == body.get("api_app_id"))


def is_foreign(body: dict[str, Any], context: BoltContext) -> bool:
    """Whether somebody of another company speaks, in a channel shared over Slack Connect."""
    return bool(body.get("is_ext_shared_channel")) and context.actor_team_id != context.team_id


def on_mention(body: dict[str, Any], context: BoltContext) -> None:
    event = body["event"]
    if "edited" not in event:
        take(said(body, context, is_addressed=True), earlier=lambda message: _earlier(body, context, message))


def on_message(body: dict[str, Any], context: BoltContext) -> None:
    """Direct messages, and replies in threads. What mentions us in a channel comes as `app_mention`, too."""
    event = body["event"]
    if event.get("subtype") not in SPOKEN_SUBTYPES or "bot_id" in event or "edited" in event:
        return
    is_direct = event.get("channel_type") == "im"
    is_mention = any(f"<@{user}" in event.get("text", "") for user in _own_users(body))
    message = said(body, context, is_addressed=is_direct)
    if is_direct or (message.is_reply and not is_mention):
        take(message, earlier=lambda message: _earlier(body, context, message))


def _earlier(body: dict[str, Any], context: BoltContext, message: Said) -> str:
    """What was said before in the thread of a report, in the same channel."""
    if not message.is_reply or context.client is None:
        return ""
    return earlier_in_thread(context.client, message.channel, message.thread_ts, message.ts, _own_users(body))


def on_reaction(body: dict[str, Any], _context: BoltContext) -> None:
    """:x: on the report or on its card stops the run."""
    event = body["event"]
    item = event["item"]
    if event["reaction"] != STOP_REACTION or item.get("type") != "message":
        return
    team = slack_team()
    issue = threads.issue_of_message(team, item["channel"], item["ts"])
    if issue is None:
        return
    with transaction.atomic():
        run = threads.latest_run(issue)
        if reports.note_delivery(issue, Delivery("slack", body["event_id"])) and threads.is_live(run):
            actions.stop_run(slack_actor(team, event["user"]), run.id)


def take(message: Said, *, earlier: Callable[[Said], str]) -> None:
    """A new report, a word to a live run, a stop, or, if SAHUR is addressed, a further run.

    A new report holds what `earlier` gives: what its thread said before it.
    """
    team = slack_team()
    actor = slack_actor(team, message.user)
    issue = threads.issue_of_thread(team, message.channel, message.thread_ts) if message.is_reply else None
    if issue is None:
        if message.is_addressed:
            submit(team, actor, message, earlier(message))
        return
    with transaction.atomic():
        # The run that was meant may have ended, and another begun, since an earlier delivery of the same words.
        if reports.note_delivery(issue, Delivery("slack", message.event_id)):
            take_reply(actor, issue, message)


def take_reply(actor: Actor, issue: models.Issue, message: Said) -> None:
    """What is said in the thread of an issue."""
    run = threads.latest_run(issue)
    if message.is_stop:
        if threads.is_live(run):
            actions.stop_run(actor, run.id)
    elif threads.is_live(run):
        actions.send_message(actor, run.id, message.text, client_id=message.ts)
    elif message.is_addressed:
        if run is not None:
            # The ended run carries it over, and the next one starts with it.
            actions.send_message(actor, run.id, message.text, client_id=message.ts)
        actions.start_run(actor, issue.key, client_id=message.ts)


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
            source_ref={
                "team": message.workspace,
                "channel": message.channel,
                "thread_ts": message.thread_ts,
                "user": message.user,
            },
            delivery=Delivery("slack", message.event_id),
        ),
    )


def said(body: dict[str, Any], context: BoltContext, *, is_addressed: bool) -> Said:
    """The message of an event, as plain text. Files are named by their address, since they are not fetched."""
    event = body["event"]
    text = to_plain(event.get("text") or "", without_users=_own_users(body))
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


def tell_refusal(context: BoltContext, client: WebClient) -> None:
    """Say in the thread why nothing happened. Runs after the answer to Slack; lost with the process, which is fine."""
    refusal = context.get(REFUSAL)
    if refusal is None:
        return
    try:
        client.chat_postMessage(**refusal, unfurl_links=False, unfurl_media=False)
    except (SlackClientError, OSError) as error:
        log.warning("a refusal could not be told in Slack: %s", error)


def _own_users(body: dict[str, Any]) -> frozenset[str]:
    """The user ids under which this app was installed; Slack names them in each event."""
    return frozenset(each["user_id"] for each in body.get("authorizations", []) if each.get("user_id"))
