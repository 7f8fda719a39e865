"""One call of Slack's Web API for an effect, when it is its turn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from slack_sdk import WebClient

from sahur.batch.effects import DeliveryError
from sahur.issues import models
from sahur.slack.clients import client_of, is_configured
from sahur.slack.delivery.pace import take_turn
from sahur.slack.web_api import request
from sahur_core.errors import SlackNotConnected
from sahur_core.issues import RunStatus

NOT_SET = (
    "Slack is not connected: set SLACK_BOT_TOKEN or SLACK_CLIENT_ID, and SLACK_SIGNING_SECRET or SLACK_APP_TOKEN "
    "(`manage.py slack check`)."
)


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
            raise SlackNotConnected(NOT_SET)
        return Connection(client_of(workspace_of(effect)), effect)
    except SlackNotConnected as error:
        # Not permanent: the posts that wait go out when Slack is connected again, within the effect's tries.
        raise DeliveryError(error.message) from error


def call(connection: Connection, method: str, **arguments: Any) -> dict[str, Any]:
    """What Slack answered. Raises `DeliveryError`, also where it is not this call's turn."""
    take_turn(connection.effect, connection.workspace_id, method, can_wait=connection.can_wait)
    return request(connection.client, connection.workspace_id, method, **arguments)
