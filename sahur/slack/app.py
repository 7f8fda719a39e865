"""The Bolt app, built from settings when it is first needed: without Slack nothing here runs.

Bolt runs the listener before it answers (`process_before_response`), so Slack's 2xx means "stored": a listener that
fails answers 500, and Slack delivers the event again. No listener calls Slack before the
answer, but for the one second in which `earlier.py` reads the thread that a report stands in.
"""

from __future__ import annotations

import logging
from functools import cache

from django.conf import settings
from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from sahur.slack import listeners

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 15


def is_configured() -> bool:
    """Whether this system is connected to a Slack workspace."""
    return bool(settings.SLACK_BOT_TOKEN and settings.SLACK_SIGNING_SECRET)


def web_client() -> WebClient:
    """A client without retries of its own: effects are retried by their row, with the pause that Slack asks for."""
    return WebClient(token=settings.SLACK_BOT_TOKEN, base_url=settings.SLACK_API_URL, timeout=TIMEOUT_SECONDS, retry_handlers=[])


def app() -> App:
    """The app of the current settings."""
    return _build(settings.SLACK_BOT_TOKEN, settings.SLACK_SIGNING_SECRET, settings.SLACK_API_URL)


@cache
def _build(token: str, signing_secret: str, api_url: str) -> App:
    log.info("Slack's API is at %s", api_url)

    def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        # One workspace, one token. Bolt's own way asks Slack `auth.test` before it answers.
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=token)

    bolt = App(
        name="sahur",
        logger=logging.getLogger("sahur.slack.bolt"),
        signing_secret=signing_secret,
        client=web_client(),
        authorize=authorize,
        token_verification_enabled=False,
        request_verification_enabled=True,
        process_before_response=True,
    )
    listeners.register(bolt)
    return bolt
