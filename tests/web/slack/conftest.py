"""A workspace on a local server, and signed requests as Slack sends them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from sahur.issues.services.slack_pace import Limit
from sahur.slack import app as slack_app
from sahur.slack.delivery import pace
from tests.fakes import slack as slack_server
from tests.fakes.slack import BOT, SECRET, Slack, envelope, signed

CHANNEL = "C0GENERAL"


@pytest.fixture
def slack(settings: Any) -> Iterator[Slack]:
    """Slack, with SAHUR connected to it."""
    with slack_server.running() as (address, workspace):
        settings.SLACK_API_URL = address
        settings.SLACK_BOT_TOKEN = slack_server.TOKEN
        settings.SLACK_SIGNING_SECRET = SECRET
        yield workspace
        # What is said after an answer uses the database, too.
        slack_app.app().listener_runner.listener_executor.shutdown(wait=True)
        slack_app._build.cache_clear()


@pytest.fixture(autouse=True)
def quick_posts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test posts at one blow what people would cause in minutes; `test_pace.py` has the real pace."""
    monkeypatch.setattr(pace, "POSTS", Limit(seconds=1, burst=1_000))
    monkeypatch.setattr(pace, "UPDATES", Limit(seconds=1, burst=1_000))


def post(body: str, headers: dict[str, str], content_type: str = "application/json") -> HttpResponse:
    client = Client(raise_request_exception=False)
    response: HttpResponse = client.post("/slack/events", body, content_type=content_type, headers=headers)
    return response


Tell = Callable[..., HttpResponse]


@pytest.fixture
def tell(slack: Slack) -> Tell:
    """Deliver one event, signed as it must be."""

    def deliver(event: dict[str, Any], *, retry: int = 0, **more: Any) -> HttpResponse:
        body = json.dumps(envelope(event, **more))
        return post(body, {**signed(body), **({"X-Slack-Retry-Num": str(retry)} if retry else {})})

    return deliver


@pytest.fixture
def mention(tell: Tell, slack: Slack) -> Callable[..., str]:
    """Say something to SAHUR in the channel, as a person; the ts of the message."""

    def say(text: str, *, thread_ts: str = "", **more: Any) -> str:
        full = f"<@{BOT['user_id']}> {text}"
        ts = slack.say(CHANNEL, full, thread_ts=thread_ts)
        event = {"type": "app_mention", "user": "U0RITA", "text": full, "ts": ts, "channel": CHANNEL, **more}
        response = tell({**event, "thread_ts": thread_ts} if thread_ts else event)
        assert response.status_code == 200, response.content
        return ts

    return say


@pytest.fixture
def reply(tell: Tell, slack: Slack) -> Callable[..., str]:
    """Answer in a thread without a mention."""

    def say(text: str, *, thread_ts: str, **more: Any) -> str:
        ts = slack.say(CHANNEL, text, thread_ts=thread_ts)
        event = {"type": "message", "user": "U0RITA", "text": text, "ts": ts, "thread_ts": thread_ts, "channel": CHANNEL}
        response = tell({**event, "channel_type": "channel", **more})
        assert response.status_code == 200, response.content
        return ts

    return say
