"""One request to Slack's Web API: what Slack refuses becomes a `DeliveryError` that says whether to try again."""

from __future__ import annotations

from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from sahur.batch.effects import DeliveryError
from sahur.issues.services import slack_pace, slack_workspaces

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
WHAT_TO_DO = {
    "not_in_channel": "SAHUR is not in the channel: invite it there (/invite @SAHUR).",
    "channel_not_found": "Slack has no such channel, or SAHUR was taken out of it: invite it there (/invite @SAHUR).",
    "is_archived": "The channel was archived.",
    "restricted_action": "The workspace does not let SAHUR post there: an admin of Slack can change who may post.",
    "restricted_action_read_only_channel": "Only some people may post in this channel: an admin of Slack can add SAHUR.",
    "restricted_action_thread_locked": "The thread is locked.",
    "message_not_found": "Somebody deleted the message.",
    "thread_not_found": "Somebody deleted the message that began the thread.",
    "cant_update_message": "The message is not SAHUR's own.",
    "edit_window_closed": "The workspace lets nobody edit messages of this age.",
    "msg_too_long": "The message is too long for Slack.",
    "missing_scope": "The app lacks a permission: run `manage.py slack check`, and install the app again.",
}
"""What people read on the run's page, besides Slack's own word."""


def request(client: WebClient, workspace_id: str, method: str, **arguments: Any) -> dict[str, Any]:
    """What Slack answered to the client of this workspace. Raises `DeliveryError`.

    What it says of its limits and of the token is kept, for all who ask it next.
    """
    try:
        response = client.api_call(method, **arguments)
    except SlackApiError as error:
        raise _refused(client, workspace_id, method, error) from error
    except (SlackClientError, OSError) as error:
        raise DeliveryError(f"Slack did not answer {method}: {error}") from error
    return dict(response.data) if isinstance(response.data, dict) else {}


def _refused(client: WebClient, workspace_id: str, method: str, error: SlackApiError) -> DeliveryError:
    response = error.response
    status = getattr(response, "status_code", 200)
    code = str(response.get("error", "")) if isinstance(getattr(response, "data", None), dict) else ""
    if status == 429 or code in ("ratelimited", "rate_limited"):
        seconds = _retry_after(getattr(response, "headers", {}))
        slack_pace.hold(workspace_id, method, seconds)
        why = f"Slack asks to wait before {method}."
        return DeliveryError(why, retry_after=seconds, reason="ratelimited", is_untried=True)
    is_passing = status >= 500 or code in PASSING or not code
    if slack_workspaces.note_refused_token(workspace_id, client.token or "", code):
        is_passing = True
    told = f"Slack refused {method}: {code or f'status {status}'}. {WHAT_TO_DO.get(code, '')}".strip()
    return DeliveryError(told, permanent=not is_passing, reason=code)


def _retry_after(headers: Any) -> float:
    """Seconds, as the header says; a minute where it says nothing usable."""
    value = {str(name).lower(): value for name, value in dict(headers).items()}.get("retry-after", "")
    text = value[0] if isinstance(value, list) and value else value
    return float(text) if str(text).isdigit() else 60.0
