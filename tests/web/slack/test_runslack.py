"""`manage.py runslack`: the same listeners over Socket Mode, for all workspaces, through broken connections and until the end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from sahur.batch import presence
from sahur.issues import models
from sahur.issues.services import slack_workspaces
from sahur.issues.services.slack_workspaces import Installation, Tokens
from tests.fakes.slack import APP_TOKEN, CLIENT_ID, CLIENT_SECRET, TOKEN, Slack
from tests.waiting import wait_for
from tests.web.slack.conftest import CHANNEL

pytestmark = pytest.mark.django_db(transaction=True)

Process = subprocess.Popen[str]


@pytest.fixture
def run(slack: Slack) -> Iterator[Callable[..., Process]]:
    """Start `runslack`, with what it may find in its environment besides, and wait until Slack has its connection."""
    slack.deliveries.over_socket = True
    started: list[Process] = []

    def start(**settings: str) -> Process:
        before = slack.socket.opened
        database = django_settings.DATABASES["default"]["NAME"]
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SLACK_")},
            "DATABASE_URL": urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}").geturl(),
            "SLACK_API_URL": django_settings.SLACK_API_URL,
            "SLACK_APP_TOKEN": APP_TOKEN,
            **settings,
        }
        command = [sys.executable, str(django_settings.BASE_DIR / "manage.py"), "runslack"]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        started.append(process)
        wait_for(lambda: slack.socket.opened > before or process.poll() is not None, 60, "the connection")
        assert process.poll() is None, process.communicate()[0]
        return process

    yield start
    for each in started:
        each.kill()
        print(each.communicate()[0])  # Shown where the test fails.


def end(process: Process) -> str:
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    return output


def blocked() -> bool:
    """Whether somebody waits for a lock of ours."""
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_locks where not granted")
        return bool(cursor.fetchone()[0])


def test_events_become_issues_also_after_the_connection_broke_and_what_is_under_way_at_the_end_is_finished(slack, team, run):
    process = run(SLACK_BOT_TOKEN=TOKEN)  # Without a signing secret: nothing is signed over Socket Mode.
    wait_for(presence.slack_connections, 60, "word of the connection")
    slack.deliveries.copies = 2
    slack.acting.mentions(CHANNEL, "Checkout fails").wait()
    assert models.Issue.objects.get().title == "Checkout fails"
    slack.deliveries.copies, opened = 1, slack.socket.opened
    slack.socket.ask_to_reconnect()
    wait_for(lambda: slack.socket.opened > opened and slack.socket.connections, 60, "a new connection")
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("lock table issues_issue in exclusive mode")
        last = slack.acting.mentions(CHANNEL, "Search is slow")
        wait_for(blocked, 60, "the listener to be at work")
        process.send_signal(signal.SIGTERM)
    last.wait()
    output, _ = process.communicate(timeout=60)
    assert (process.returncode, {len(each.tries) for each in last.deliveries}) == (0, {1}), output
    assert presence.slack_connections() == []
    assert models.Issue.objects.count() == 2


@pytest.mark.full
def test_one_connection_serves_all_workspaces_and_two_processes_share_them(slack, team, other_team, run):
    for number, owner in ((1, team), (2, other_team)):
        known, token = f"T0{number}", f"xoxb-{number}"
        slack.add_workspace(known, known, token=token)
        slack.add_channel(f"C0{number}", "general", workspace=known)
        slack_workspaces.install(owner, Installation(known, known, Tokens(token)), "Adam")
    processes = [run(SLACK_CLIENT_ID=CLIENT_ID, SLACK_CLIENT_SECRET=CLIENT_SECRET) for _ in range(2)]
    slack.deliveries.copies = 2
    said = [slack.acting.mentions(f"C0{number}", f"Down in {number}") for number in (1, 2)]
    for each in said:
        each.wait()
    slack.deliveries.wait()
    assert {issue.title: issue.team for issue in models.Issue.objects.all()} == {"Down in 1": team, "Down in 2": other_team}
    for process in processes:
        end(process)


def test_without_its_token_it_says_what_to_set(settings):
    settings.SLACK_APP_TOKEN = ""
    with pytest.raises(CommandError, match="SLACK_APP_TOKEN"):
        call_command("runslack")


def test_a_token_that_slack_refuses_ends_it_with_a_word(slack: Slack, settings: Any):
    settings.SLACK_APP_TOKEN = "xapp-nobodys"
    with pytest.raises(CommandError, match="Slack does not let the app connect: invalid_auth"):
        call_command("runslack")
