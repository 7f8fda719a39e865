"""`/sahur link` and `/sahur unlink`: whose account somebody in Slack is. Told to them alone, after the answer to Slack."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from slack_bolt import BoltContext, Respond
from slack_sdk.errors import SlackClientError

from sahur.batch import slack_people
from sahur.issues.services.slack_people import account_name, find
from sahur.issues.storage import STORAGE_FAILURES, storage_error
from sahur.slack.markup import escape
from sahur_core.errors import SahurError
from sahur_core.trace import current_trace_id, trace

log = logging.getLogger(__name__)

LINK_WORD, UNLINK_WORD = "link", "unlink"
UNLINKED = "You are no longer linked to an account of SAHUR."
IS_LINKED = (
    "You are linked to the account {account} already. For another one, take this link away first (`/sahur unlink`), and type "
    "`/sahur link` again."
)
WAS_NOT_LINKED = "You were not linked to an account of SAHUR."


def is_about_accounts(text: str) -> bool:
    """Whether the command is one of these two; anything longer is a report."""
    return text.strip().casefold() in (LINK_WORD, UNLINK_WORD)


def answer(body: dict[str, Any], context: BoltContext, respond: Respond) -> None:
    """Nothing for other commands."""
    text = str(body.get("text", ""))
    if not is_about_accounts(text):
        return
    with trace(current_trace_id()):
        try:
            told = _link(body, context) if text.strip().casefold() == LINK_WORD else _unlink(body, context)
        except SahurError as error:
            told = escape(str(error))
        except STORAGE_FAILURES as failure:
            log.exception("who somebody in Slack is could not be stored")
            told = escape(str(storage_error(failure)))
    try:
        respond(text=told, response_type="ephemeral")
    except (SlackClientError, OSError) as error:
        log.warning("an answer to /sahur could not be told in Slack: %s", error)


def _link(body: dict[str, Any], context: BoltContext) -> str:
    workspace_id, user_id = context.team_id or "", str(body["user_id"])
    known = find(workspace_id, user_id)
    if known is not None and known.account is not None:
        return IS_LINKED.format(account=escape(account_name(known.account)))
    ticket = slack_people.link_ticket(
        workspace_id,
        user_id,
        handle=str(body.get("user_name", "")),
        domain=str(body.get("team_domain", "")),
    )
    address = f"{settings.PUBLIC_URL}/slack-link/?{urlencode({'ticket': ticket})}"
    return (
        f"<{address}|Link me to my account> — sign in there, and say that it is you. It works once, for ten minutes, "
        "and only for you: do not pass it on."
    )


def _unlink(body: dict[str, Any], context: BoltContext) -> str:
    return UNLINKED if slack_people.unlink_self(context.team_id or "", str(body["user_id"])) else WAS_NOT_LINKED
