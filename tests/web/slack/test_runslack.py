"""`manage.py runslack`: the same listeners over Socket Mode."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from sahur.issues import models
from tests.fakes import slack_server
from tests.fakes.slack_events import SECRET, envelope
from tests.waiting import wait_for
from tests.web.slack.conftest import CHANNEL

pytestmark = pytest.mark.django_db(transaction=True)

MENTION = {"type": "app_mention", "user": "U0RITA", "text": "<@U0SAHUR> Checkout fails", "ts": "1.1", "channel": CHANNEL}


@contextmanager
def socket_mode(*events: dict) -> Iterator[tuple[str, list[dict]]]:
    """Slack's side of Socket Mode: greets, sends the events, and keeps what is acknowledged."""
    acknowledged: list[dict] = []

    def talk(connection: ServerConnection) -> None:
        connection.send(json.dumps({"type": "hello", "num_connections": 1}))
        for number, event in enumerate(events):
            wrapped = {"type": "events_api", "envelope_id": f"e{number}", "payload": event, "accepts_response_payload": False}
            connection.send(json.dumps(wrapped))
        try:
            while True:
                acknowledged.append(json.loads(connection.recv()))
        except ConnectionClosed:
            return

    with serve(talk, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}", acknowledged


def start(address: str) -> subprocess.Popen[str]:
    database = django_settings.DATABASES["default"]["NAME"]
    environment = {
        **os.environ,
        "DATABASE_URL": urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}").geturl(),
        "SLACK_API_URL": address,
        "SLACK_BOT_TOKEN": slack_server.TOKEN,
        "SLACK_APP_TOKEN": slack_server.APP_TOKEN,
        "SLACK_SIGNING_SECRET": SECRET,
    }
    command = [sys.executable, str(django_settings.BASE_DIR / "manage.py"), "runslack"]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_an_event_becomes_an_issue_and_is_acknowledged(slack, team):
    event = envelope(MENTION)
    with socket_mode(event, event) as (address, acknowledged):
        slack.socket_url = address
        process = start(django_settings.SLACK_API_URL)
        try:
            wait_for(lambda: len(acknowledged) == 2 or process.poll() is not None, 60)
        finally:
            process.send_signal(signal.SIGTERM)
            output, _ = process.communicate(timeout=30)
    assert {answer["envelope_id"] for answer in acknowledged} == {"e0", "e1"}, output
    assert models.Issue.objects.get().title == "Checkout fails"
    assert process.returncode == 0, output


def test_without_its_token_it_says_what_to_set(settings):
    settings.SLACK_APP_TOKEN = ""
    with pytest.raises(CommandError, match="SLACK_APP_TOKEN"):
        call_command("runslack")
