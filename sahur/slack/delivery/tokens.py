"""Exchange the tokens of a workspace for new ones before they end: https://docs.slack.dev/authentication/using-token-rotation.

Slack takes a refresh token once. If this process dies after Slack has answered and before the row is written, the access
token that is stored still works until it ends; only then is the workspace lost to a token that nobody has.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils import timezone
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from sahur.batch.effects import DeliveryError
from sahur.issues import models
from sahur.issues.services import slack_workspaces
from sahur.issues.services.slack_workspaces import Tokens
from sahur.slack.delivery.posts import Result, alone
from sahur_core.errors import SealBroken

LOST = "invalid_refresh_token"
TIMEOUT_SECONDS = 10


def deliver_rotation(effect: models.Effect) -> Result:
    """Raises `DeliveryError`, which is permanent where only a new installation helps."""
    workspace_id, ends_at = effect.payload["workspace_id"], effect.payload["token_expires_at"]
    # Nobody else uses the same refresh token.
    with alone(slack_workspaces.purpose(workspace_id)):
        row = models.SlackWorkspace.objects.filter(workspace_id=workspace_id).first()
        if row is None or row.token_expires_at is None or row.token_expires_at.isoformat() != ends_at:
            return {"rotated": False}
        tokens = _tokens(row)
        try:
            answer = _exchange(tokens.refresh_token)
        except DeliveryError as error:
            raise _refused(row, tokens, error) from error
        new = Tokens(answer["access_token"], answer["refresh_token"], answer["expires_in"])
        return {"rotated": slack_workspaces.replace_tokens(row, new)}


def _exchange(refresh_token: str) -> dict[str, Any]:
    client = WebClient(base_url=settings.SLACK_API_URL, timeout=TIMEOUT_SECONDS, retry_handlers=[])
    try:
        answer = client.oauth_v2_access(
            client_id=settings.SLACK_CLIENT_ID,
            client_secret=settings.SLACK_CLIENT_SECRET,
            grant_type="refresh_token",
            refresh_token=refresh_token,
        )
    except SlackApiError as error:
        code = str(error.response.get("error") or "no reason")
        # Wrong settings are mended within the day, and Slack's own faults pass.
        raise DeliveryError(f"Slack did not exchange the tokens: {code}.", reason=code) from error
    except (SlackClientError, OSError) as error:
        raise DeliveryError("Slack did not answer.") from error
    return answer.data if isinstance(answer.data, dict) else {}


def _tokens(row: models.SlackWorkspace) -> Tokens:
    try:
        return slack_workspaces.tokens_of(row)
    except SealBroken as error:
        raise DeliveryError(str(error), permanent=True) from error


def _refused(row: models.SlackWorkspace, tokens: Tokens, error: DeliveryError) -> DeliveryError:
    """What the refusal means for these tokens; others may have been installed while Slack was asked, and stay.

    While the stored access token works nothing is lost yet: the workspace goes on until it ends.
    """
    if error.reason in slack_workspaces.REVOKED_CODES:
        slack_workspaces.mark_revoked(row.workspace_id, error.reason, token=tokens.bot_token)
    if error.reason != LOST:
        return error
    if row.token_expires_at is not None and row.token_expires_at > timezone.now():
        return DeliveryError("Slack knows the refresh token no more. Install the app again before the token ends.", reason=LOST)
    slack_workspaces.mark_revoked(row.workspace_id, LOST, token=tokens.bot_token)
    return DeliveryError("Slack knows the refresh token no more. Install the app again.", permanent=True, reason=LOST)
