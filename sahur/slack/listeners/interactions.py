"""What stands around buttons and modals: whose they are, what is refused, and what is told to the person alone.

Slack signs each payload, so workspace, channel and person are true. Ids in it may be stale or another thread's: each is
looked up in the place where it was used (`thread_at`), and the rights of the person decide.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, NoReturn
from uuid import UUID

from django.core import signing
from django.db.models import Q
from slack_bolt import Ack, BoltContext
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from sahur.accounts.actor import Actor
from sahur.issues import models
from sahur.issues.services.slack_threads import Place
from sahur.slack.listeners.guard import FOREIGN, error_of
from sahur.slack.listeners.telling import say, tell_alone
from sahur.slack.markup import escape
from sahur.slack.places import actor_of_slack_user
from sahur_core.errors import InputError, NotFound, NotPermitted, SahurError
from sahur_core.trace import current_trace_id, trace

log = logging.getLogger(__name__)

FORM = "form"
SALT = "sahur.slack.modal"
MISSING = "There is no such thing in this channel (any more)."
FORM_FAILED = "Slack did not open the form. Press the button again, or answer on the page."

Listener = Callable[[dict[str, Any], BoltContext], None]


def interaction(listener: Listener) -> Callable[[dict[str, Any], BoltContext, Ack], None]:
    """Answers Slack once everything is stored. What is refused is told to the person: at the field of a modal, else alone.

    Follow it with `follow_up`. Slack does not repeat interactions, so what cannot be taken is told as well.
    """

    def run(body: dict[str, Any], context: BoltContext, ack: Ack) -> None:
        with trace(current_trace_id()):
            try:
                if _is_foreign(body, context):
                    raise NotPermitted(FOREIGN)
                listener(body, context)
            except SahurError as error:
                log.info("an interaction of Slack (%s) was refused: %s", body.get("type"), error)
                _refuse(body, context, ack, error)
            except Exception as failure:
                # The door's boundary: an answer 500 would show the person nothing that helps.
                log.exception("an interaction of Slack (%s) could not be taken", body.get("type"))
                _refuse(body, context, ack, error_of(failure))
            else:
                ack()

    return run


def follow_up(body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
    """After the answer to Slack: open the form, whose trigger lives for three seconds, and say what is to be said (`telling`)."""
    form = context.get(FORM)
    if form is not None:
        try:
            client.views_open(trigger_id=body["trigger_id"], view=form)
        except (SlackClientError, OSError) as error:
            log.warning("a form was not opened in Slack: %s", error)
            tell_alone(context, place_of(body, context), FORM_FAILED)
    say(context, client)


def open_form(context: BoltContext, view: dict[str, Any]) -> None:
    """Show a modal after the answer."""
    context[FORM] = view


def place_of(body: dict[str, Any], context: BoltContext) -> Place:
    """Of a button; of a modal the place where it was opened. Without a thread where Slack does not say.

    Raises `NotFound` for a modal that is not ours.
    """
    user = str(body["user"]["id"])
    workspace = context.team_id or ""
    if "view" in body and "container" not in body:
        thread = _thread_of(metadata_of(body, context), workspace)
        return Place(workspace, thread.channel_id, thread.root_ts, user)
    container, message = body.get("container", {}), body.get("message") or {}
    channel = str(body.get("channel", {}).get("id") or container.get("channel_id") or "")
    shown_in = container.get("thread_ts") or message.get("thread_ts")
    # An ephemeral message is not one that a thread could begin with.
    own = "" if container.get("is_ephemeral") else container.get("message_ts") or message.get("ts") or ""
    return Place(workspace, channel, str(shown_in or own), user)


def sealed(place: Place, thread: models.SlackThread, ids: dict[str, str]) -> str:
    """What a modal remembers: ids, for this person alone, signed so that nobody else can have made it."""
    return signing.dumps({**ids, "thread": str(thread.id), "user": f"{place.workspace_id}/{place.user_id}"}, salt=SALT)


def metadata_of(body: dict[str, Any], context: BoltContext) -> dict[str, str]:
    """What `sealed` remembered. Raises `NotFound` for what was not made here, or not for this person."""
    try:
        kept: dict[str, str] = signing.loads(body["view"].get("private_metadata") or "", salt=SALT)
    except signing.BadSignature:
        raise NotFound(MISSING) from None
    if kept.get("user") != f"{context.team_id}/{body['user']['id']}":
        raise NotFound(MISSING)
    return kept


def run_at(place: Place, run_id: str) -> tuple[models.Run, models.SlackThread]:
    """The run that a button is about, and the thread that tells it. Raises `NotFound` for one that is told elsewhere."""
    run = models.Run.objects.select_related("issue__team").filter(id=_uuid(run_id)).first()
    return (run, thread_at(place, run.issue_id)) if run else _missing()


def request_at(place: Place, request_id: str) -> tuple[models.InputRequest, models.SlackThread]:
    """The same for what a run asks."""
    request = models.InputRequest.objects.select_related("run__issue__team").filter(id=_uuid(request_id)).first()
    return (request, thread_at(place, request.run.issue_id)) if request else _missing()


def issue_at(place: Place, issue_id: str) -> models.Issue:
    """The issue that is told in this channel, or was before it joined another one. Raises `NotFound`."""
    issue = models.Issue.objects.select_related("team").filter(id=_uuid(issue_id)).first() or _missing()
    thread_at(place, issue.id)
    return issue


def thread_at(place: Place, issue_id: UUID) -> models.SlackThread:
    """The thread of this workspace and channel that tells the issue, or told it before it joined another one."""
    told = models.SlackThread.objects.filter(Q(issue_id=issue_id) | Q(joined_from_id=issue_id))
    here = told.filter(workspace_id=place.workspace_id, channel_id=place.channel_id)
    own = here.filter(root_ts=place.root_ts).first() if place.root_ts else None
    return own or here.order_by("created_at").first() or _missing()


def actor_at(place: Place, issue: models.Issue) -> Actor:
    """The person with their rights in the issue's team."""
    return actor_of_slack_user(place.workspace_id, place.user_id, issue.team)


def action_of(body: dict[str, Any]) -> tuple[str, str]:
    """What follows the colon of the pressed button's id, and the button's value."""
    action = body["actions"][0]
    return str(action["action_id"]).partition(":")[2], str(action.get("value") or "")


def _is_foreign(body: dict[str, Any], context: BoltContext) -> bool:
    """Whether it is somebody of another company, in a channel shared over Slack Connect."""
    home = body.get("user", {}).get("team_id")
    return not context.is_enterprise_install and home is not None and home != context.team_id


def _refuse(body: dict[str, Any], context: BoltContext, ack: Ack, error: SahurError) -> None:
    if body.get("type") == "view_submission":
        fields = [block["block_id"] for block in body["view"].get("blocks", []) if block["type"] == "input"]
        named = error.field if isinstance(error, InputError) else ""
        ack(response_action="errors", errors={named if named in fields else fields[0]: str(error)})
        return
    ack()
    tell_alone(context, place_of(body, context), escape(str(error)), why=error)


def _thread_of(kept: dict[str, str], workspace_id: str) -> models.SlackThread:
    return models.SlackThread.objects.filter(id=_uuid(kept.get("thread", "")), workspace_id=workspace_id).first() or _missing()


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return _missing()


def _missing() -> NoReturn:
    raise NotFound(MISSING)
