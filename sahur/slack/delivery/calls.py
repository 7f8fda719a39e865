"""One call of Slack's Web API for an effect: what Slack refuses becomes a `DeliveryError` that says whether to try again."""

from __future__ import annotations

from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from sahur.batch.effects import DeliveryError
from sahur.issues import models
from sahur.slack.app import is_configured
from sahur.slack.clients import client_of
from sahur_core.errors import SlackNotConnected

# Slack's own faults and "later"; everything else says that the same request can never work.
PASSING = {
    "accesslimited",
    "fatal_error",
    "internal_error",
    "ratelimited",
    "rate_limited",
    "request_timeout",
    "service_unavailable",
    "team_added_to_org",
}


def client_for(effect: models.Effect) -> WebClient:
    """The client of the workspace that the effect is for. Raises `DeliveryError`."""
    try:
        if not is_configured():
            raise SlackNotConnected("Slack is not connected: SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET are not set.")
        return client_of(effect.thread.workspace_id if effect.thread else "")
    except SlackNotConnected as error:
        # Not permanent: the posts that wait go out when Slack is connected again, within the effect's tries.
        raise DeliveryError(error.message) from error


def call(client: WebClient, method: str, **arguments: Any) -> dict[str, Any]:
    """What Slack answered. Raises `DeliveryError`."""
    try:
        response = client.api_call(method, **arguments)
    except SlackApiError as error:
        raise _refused(method, error) from error
    except (SlackClientError, OSError) as error:
        raise DeliveryError(f"Slack did not answer {method}: {error}") from error
    return dict(response.data) if isinstance(response.data, dict) else {}


def _refused(method: str, error: SlackApiError) -> DeliveryError:
    response = error.response
    status = getattr(response, "status_code", 200)
    code = str(response.get("error", "")) if isinstance(getattr(response, "data", None), dict) else ""
    if status == 429 or code in ("ratelimited", "rate_limited"):
        return DeliveryError(f"Slack asks to wait before {method}.", retry_after=_retry_after(getattr(response, "headers", {})))
    is_passing = status >= 500 or code in PASSING or not code
    return DeliveryError(f"Slack refused {method}: {code or f'status {status}'}.", permanent=not is_passing, reason=code)


def _retry_after(headers: Any) -> float:
    """Seconds, as the header says; a minute where it says nothing usable."""
    value = {str(name).lower(): value for name, value in dict(headers).items()}.get("retry-after", "")
    text = value[0] if isinstance(value, list) and value else value
    return float(text) if str(text).isdigit() else 60.0
