"""The Bolt app, built from settings when it is first needed: without Slack nothing here runs.

Bolt runs the listener before it answers (`process_before_response`), so Slack's 2xx means "stored": a listener that
fails answers 500, and Slack delivers the event again. No listener calls Slack before the answer: what is to be said at
once, and forms, come from lazy listeners after it, and all that must not be lost is an effect.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cache
from typing import Any

from django.conf import settings
from slack_bolt import App, BoltContext, BoltRequest, BoltResponse, Respond
from slack_bolt.adapter.django.handler import DjangoThreadLazyListenerRunner
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from sahur.slack.clients import TIMEOUT_SECONDS, authorize
from sahur.slack.listeners import register

log = logging.getLogger(__name__)


def app() -> App:
    """The app of the current settings."""
    return _build(settings.SLACK_SIGNING_SECRET, settings.SLACK_API_URL)


@cache
def _build(signing_secret: str, api_url: str) -> App:
    log.info("Slack's API is at %s", api_url)
    bolt = App(
        name="sahur",
        logger=logging.getLogger("sahur.slack.bolt"),
        signing_secret=signing_secret,
        # Bolt gives each listener a copy of it with the token that `authorize` found.
        client=WebClient(base_url=api_url, timeout=TIMEOUT_SECONDS, retry_handlers=[]),
        before_authorize=known_workspaces_only,
        authorize=authorize,  # type: ignore[arg-type]  # None, for a workspace that nobody connected, is what Bolt expects
        token_verification_enabled=False,
        request_verification_enabled=True,
        process_before_response=True,
    )
    runner = bolt.listener_runner
    # What is said after the answer reads and writes effects: its thread gives the connection back.
    runner.lazy_listener_runner = DjangoThreadLazyListenerRunner(logger=runner.logger, executor=runner.listener_executor)
    register(bolt)
    return bolt


WITHOUT_TOKEN = {"app_uninstalled", "tokens_revoked"}
NOT_CONNECTED = "SAHUR is not connected to this Slack workspace (any more). An admin of SAHUR can install it again."


def known_workspaces_only(
    context: BoltContext, body: dict[str, Any], request: BoltRequest, next: Callable[[], BoltResponse]
) -> BoltResponse:
    """Answer where nobody connected the workspace, so that Slack does not deliver again; who pressed something is told.

    Bolt itself would first call Slack (`response_url`), and only then answer.
    """
    is_about_tokens = body.get("type") == "event_callback" and body.get("event", {}).get("type") in WITHOUT_TOKEN
    if is_about_tokens or body.get("type") in ("url_verification", "ssl_check"):
        return next()
    if authorize(context.enterprise_id, context.team_id) is not None:
        return next()
    log.info("Slack workspace %s is not connected: its %s is left alone", context.team_id, body.get("type") or "command")
    fields = [each["block_id"] for each in (body.get("view") or {}).get("blocks", []) if each.get("type") == "input"]
    if body.get("type") == "view_submission" and fields:
        # An empty answer would close the form, and what was typed would be gone.
        return BoltResponse(status=200, body={"response_action": "errors", "errors": {fields[0]: NOT_CONNECTED}})
    if "command" in body:
        return BoltResponse(status=200, body=NOT_CONNECTED)
    if context.response_url:
        app().listener_runner.lazy_listener_runner.start(tell_not_connected, request)
    return BoltResponse(status=200, body="")


def tell_not_connected(respond: Respond) -> None:
    """After the answer; the address that came with the button or shortcut needs no token."""
    try:
        respond(text=NOT_CONNECTED, response_type="ephemeral", replace_original=False)
    except (SlackClientError, OSError) as error:
        log.warning("somebody of a workspace that is not connected could not be told so: %s", error)
