"""The slash command `/sahur`: a form for a report, or how SAHUR is used. It works in every channel, also where the app is not."""

from __future__ import annotations

import contextlib
import logging
from typing import Any
from uuid import UUID

from django.core import signing
from slack_bolt import Ack, BoltContext, Respond
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from sahur.accounts.models import MemberRole, Team
from sahur.issues import models
from sahur.issues.services.slack_threads import Place
from sahur.issues.storage import STORAGE_FAILURES, storage_error
from sahur.slack import places
from sahur.slack.blocks.modals import entered
from sahur.slack.blocks.report import chosen, report_form, repository_options
from sahur.slack.help import HELP_WORDS, help_text
from sahur.slack.listeners import accounts
from sahur.slack.listeners.interactions import SALT, metadata_of
from sahur.slack.listeners.reporting import Reported, submit
from sahur.slack.markup import escape, to_plain
from sahur_core.errors import InputError, SahurError
from sahur_core.issues import Severity
from sahur_core.trace import current_trace_id, trace

log = logging.getLogger(__name__)

NOT_OPENED = "Slack did not open the form. Please try again"


def on_command(body: dict[str, Any], ack: Ack) -> None:
    """Answered without looking anywhere: the form is opened afterwards."""
    if body.get("text", "").strip().casefold() in HELP_WORDS:
        ack(response_type="ephemeral", text=help_text())
    else:
        ack()


def open_report_form(body: dict[str, Any], context: BoltContext, client: WebClient, respond: Respond) -> None:
    """After the answer. What keeps the form away is told to the person alone, with what was typed."""
    text = str(body.get("text", ""))
    if text.strip().casefold() in HELP_WORDS or accounts.is_about_accounts(text):
        return
    with trace(current_trace_id()):
        try:
            client.views_open(trigger_id=body["trigger_id"], view=_form(body, context, to_plain(text)))
            return
        except SahurError as error:
            problem = str(error)
        except STORAGE_FAILURES as failure:
            log.exception("the form of a report could not be made")
            problem = str(storage_error(failure))
        except (SlackClientError, OSError) as error:
            log.warning("the form of a report was not opened in Slack: %s", error)
            problem = NOT_OPENED
    try:
        typed = f"\nYou had typed: {escape(to_plain(text))}" if text.strip() else ""
        respond(text=f"{escape(problem)}{typed}", response_type="ephemeral")
    except (SlackClientError, OSError) as error:
        log.warning("a refusal could not be told in Slack: %s", error)


def _form(body: dict[str, Any], context: BoltContext, text: str) -> dict[str, Any]:
    workspace, channel, user = context.team_id or "", str(body["channel_id"]), str(body["user_id"])
    team = places.team_of(workspace, channel)
    places.actor_of_slack_user(workspace, user, team).require(team.pk, MemberRole.RESPONDER)
    kept = signing.dumps({"channel": channel, "user": f"{workspace}/{user}"}, salt=SALT)
    return report_form(team, text, kept)


def on_report(body: dict[str, Any], context: BoltContext) -> None:
    """The form was sent. Once for each form: raises `SahurError`, which is shown at its field, so nothing typed is lost."""
    view = body["view"]
    kept = metadata_of(body, context)
    workspace, user = context.team_id or "", str(body["user"]["id"])
    team = places.team_of(workspace, kept["channel"])
    title, details = entered(view, "title").strip(), entered(view, "body").strip()
    if not title:
        raise InputError("Say in a few words what is wrong.", field="title")
    severity = chosen(view, "severity")
    reported = Reported(
        Place(workspace, kept["channel"], "", user),
        user,
        details or title,
        f"view:{view['id']}",
        title=title,
        repository=_repository(team, chosen(view, "repository")),
        severity=Severity(severity) if severity else None,
    )
    submit(reported)


def _repository(team: Team, repository_id: str) -> str:
    """Its name. Raises `InputError` for one that is not the team's (any more)."""
    if not repository_id:
        return ""
    name = None
    with contextlib.suppress(ValueError):
        known = models.Repository.objects.filter(team=team, id=UUID(repository_id))
        name = known.values_list("name", flat=True).first()
    if name is None:
        raise InputError("The team has no such repository (any more).", next_step="Choose another one.", field="repository")
    return name


def offer_repositories(body: dict[str, Any], context: BoltContext, ack: Ack) -> None:
    """What a list of repositories shows while somebody types; nothing to who may not report."""
    workspace = context.team_id or ""
    try:
        kept = metadata_of(body, context)
        team = places.team_of(workspace, kept["channel"])
        places.actor_of_slack_user(workspace, str(body["user"]["id"]), team).require(team.pk, MemberRole.RESPONDER)
    except SahurError:
        ack(options=[])
        return
    ack(options=repository_options(team, str(body.get("value", ""))))
