"""What Slack tells of the installation itself: tokens that were revoked, and the app's removal from a workspace.

Bolt lets these pass without a token. They are answered also where nobody knows the workspace.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

from slack_bolt import BoltContext

from sahur.batch.slack_installing import note_removed

log = logging.getLogger(__name__)


def on_app_uninstalled(body: dict[str, Any], context: BoltContext) -> None:
    """https://docs.slack.dev/reference/events/app_uninstalled."""
    note_removed(context.team_id or "", "app_uninstalled", at=_told_at(body))


def on_tokens_revoked(body: dict[str, Any], context: BoltContext) -> None:
    """Of bots; tokens of people are none of ours. https://docs.slack.dev/reference/events/tokens_revoked."""
    if (body["event"].get("tokens") or {}).get("bot"):
        note_removed(context.team_id or "", "token_revoked", at=_told_at(body))


def _told_at(body: dict[str, Any]) -> datetime:
    return datetime.fromtimestamp(body.get("event_time", 0), UTC)
