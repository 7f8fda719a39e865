"""The local Slack's people act, and Django's test client is what Slack tells of it."""

from __future__ import annotations

from typing import Any

from django.test import Client

from tests.fakes.slack import Answer, Slack


def connect(slack: Slack) -> Slack:
    """Deliver to the door in this thread, without retries."""
    slack.deliveries.is_inline = True
    slack.deliveries.transport = transport
    return slack


def transport(body: str, headers: dict[str, str]) -> Answer:
    kind = headers.pop("Content-Type", "application/json")
    client: Any = Client(raise_request_exception=False)
    response = client.post("/slack/events", body, content_type=kind, headers=headers)
    return Answer(response.status_code, response.content.decode(), dict(response.headers))
