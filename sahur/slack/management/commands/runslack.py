"""`manage.py runslack`: take Slack's events over Socket Mode, where Slack cannot reach this machine over HTTP."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections
from slack_bolt import BoltResponse
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from sahur.slack import app as slack
from sahur.slack.clients import is_configured


class Command(BaseCommand):
    help = "Connects to Slack over Socket Mode and stays connected until it is stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.SLACK_APP_TOKEN or not is_configured():
            raise CommandError("Set SLACK_APP_TOKEN (xapp-…), SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET first.")
        app = slack.app()
        app.use(fresh_connections)
        # `apps.connections.open` takes the app's token, which the client of the app does not have.
        client = WebClient(token=settings.SLACK_APP_TOKEN, base_url=settings.SLACK_API_URL)
        handler = SocketModeHandler(app, settings.SLACK_APP_TOKEN, web_client=client)
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        try:
            handler.connect()  # type: ignore[no-untyped-call]
        except (SlackClientError, OSError) as error:
            raise CommandError(f"Slack did not let us in: {error}. Check SLACK_APP_TOKEN and the network.") from error
        self.stdout.write("Connected to Slack over Socket Mode.")
        stopped.wait()
        handler.close()  # type: ignore[no-untyped-call]


def fresh_connections(next_: Callable[[], BoltResponse]) -> BoltResponse:
    """Socket Mode's threads see no Django request, so nobody else drops database connections that went stale."""
    close_old_connections()
    try:
        return next_()
    finally:
        close_old_connections()
