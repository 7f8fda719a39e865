"""`manage.py runslack`: take Slack's events over Socket Mode, where Slack cannot reach this machine over HTTP."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from sahur.slack import app as slack
from sahur.slack.clients import is_configured
from sahur.slack.socket_mode import Connection
from sahur_core.errors import SlackNotConnected


class Command(BaseCommand):
    help = "Connects to Slack over Socket Mode and stays connected until it is stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.SLACK_APP_TOKEN or not is_configured():
            raise CommandError("Set SLACK_APP_TOKEN (xapp-…), and SLACK_BOT_TOKEN or SLACK_CLIENT_ID, first.")
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        connection = Connection(slack.app())
        try:
            connection.connect_patiently(stopped)
        except SlackNotConnected as error:
            connection.drain()
            raise CommandError(str(error)) from error
        if not stopped.is_set():
            self.stdout.write("Connected to Slack over Socket Mode.")
            connection.stay(stopped)
        connection.drain()
