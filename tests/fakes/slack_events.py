"""Events as Slack delivers them: wrapped, and signed with the app's secret."""

from __future__ import annotations

import itertools
import time
from typing import Any

from slack_sdk.signature import SignatureVerifier

from tests.fakes.slack_server import BOT

SECRET = "signing-secret-only-for-tests"
_numbers = itertools.count(1)


def signed(body: str, *, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
    """The headers that prove the body: https://docs.slack.dev/authentication/verifying-requests-from-slack."""
    timestamp = str(int(at if at is not None else time.time()))
    signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body)
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": str(signature)}


def envelope(event: dict[str, Any], **more: Any) -> dict[str, Any]:
    """What Slack wraps around an event: https://docs.slack.dev/apis/events-api."""
    return {
        "type": "event_callback",
        "team_id": BOT["team_id"],
        "api_app_id": BOT["app_id"],
        "event_id": f"Ev{next(_numbers):08}",
        "event_time": int(time.time()),
        "authorizations": [{"team_id": BOT["team_id"], "user_id": BOT["user_id"], "is_bot": True}],
        "event": event,
        **more,
    }
