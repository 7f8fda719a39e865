"""One call of Slack's Web API for an effect: what Slack refuses becomes a `DeliveryError` that says whether to try again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from sahur.batch.effects import DeliveryError
from sahur.issues import models
from sahur.issues.services import slack_pace, slack_workspaces
from sahur.slack.clients import client_of, is_configured
from sahur.slack.delivery.pace import take_turn
from sahur_core.errors import SlackNotConnected
from sahur_core.issues import RunStatus

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


@dataclass(frozen=True)
class Connection:
    """The client of the workspace that an effect is for."""

    client: WebClient
    effect: models.Effect

    @property
    def workspace_id(self) -> str:
        return workspace_of(self.effect)

    @property
    def can_wait(self) -> bool:
        """Whether it only shows progress. What an end has overtaken shows that end."""
        if not self.effect.payload.get("is_live") or self.effect.run_id is None:
            return False
        return models.Run.objects.filter(id=self.effect.run_id, status__in=(RunStatus.QUEUED, RunStatus.RUNNING)).exists()


def workspace_of(effect: models.Effect) -> str:
    """The id of the workspace that it is for: its thread's, else the one that it names."""
    return effect.thread.workspace_id if effect.thread else str(effect.payload.get("workspace_id", ""))


def client_for(effect: models.Effect) -> Connection:
    """Raises `DeliveryError`."""
    try:
        if not is_configured():
            raise SlackNotConnected("Slack is not connected: SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET are not set.")
        return Connection(client_of(workspace_of(effect)), effect)
    except SlackNotConnected as error:
        # Not permanent: the posts that wait go out when Slack is connected again, within the effect's tries.
        raise DeliveryError(error.message) from error


def call(connection: Connection, method: str, **arguments: Any) -> dict[str, Any]:
    """What Slack answered. Raises `DeliveryError`, also where it is not this call's turn."""
    take_turn(connection.effect, connection.workspace_id, method, can_wait=connection.can_wait)
    try:
        response = connection.client.api_call(method, **arguments)
    except SlackApiError as error:
        raise _refused(connection, method, error) from error
    except (SlackClientError, OSError) as error:
        raise DeliveryError(f"Slack did not answer {method}: {error}") from error
    return dict(response.data) if isinstance(response.data, dict) else {}


def _refused(connection: Connection, method: str, error: SlackApiError) -> DeliveryError:
    response = error.response
    status = getattr(response, "status_code", 200)
    code = str(response.get("error", "")) if isinstance(getattr(response, "data", None), dict) else ""
    if status == 429 or code in ("ratelimited", "rate_limited"):
        seconds = _retry_after(getattr(response, "headers", {}))
        slack_pace.hold(connection.workspace_id, method, seconds)
        why = f"Slack asks to wait before {method}."
        return DeliveryError(why, retry_after=seconds, reason="ratelimited", is_untried=True)
    is_passing = status >= 500 or code in PASSING or not code
    if slack_workspaces.note_refused_token(connection.workspace_id, connection.client.token or "", code):
        is_passing = True
    told = f"Slack refused {method}: {code or f'status {status}'}. {WHAT_TO_DO.get(code, '')}".strip()
    return DeliveryError(told, permanent=not is_passing, reason=code)


def _retry_after(headers: Any) -> float:
    """Seconds, as the header says; a minute where it says nothing usable."""
    value = {str(name).lower(): value for name, value in dict(headers).items()}.get("retry-after", "")
    text = value[0] if isinstance(value, list) and value else value
    return float(text) if str(text).isdigit() else 60.0
