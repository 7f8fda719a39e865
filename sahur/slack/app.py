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
from slack_sdk import WebClient

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
        authorize=authorize,  # type: ignore[arg-type]  # None, for a workspace that nobody connected, is what Bolt expects
        token_verification_enabled=False,
        request_verification_enabled=True,
        process_before_response=True,
    )
    register(bolt)
    return bolt
