"""The Web API client of a workspace, and which token an event's workspace has: both from the database, never from Slack.

A workspace that was installed over OAuth has a row with its sealed tokens. `SLACK_BOT_TOKEN` stands for the one workspace of
an app that was installed by hand; it is used where there is no row.
"""

from __future__ import annotations

from django.conf import settings
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from sahur.issues.services import slack_workspaces
from sahur.issues.storage import STORAGE_FAILURES
from sahur_core.errors import SlackNotConnected

TIMEOUT_SECONDS = 15


def is_configured() -> bool:
    """Whether Slack may send us anything, over HTTP or Socket Mode, and there is a token or a way to get one."""
    is_heard = settings.SLACK_SIGNING_SECRET or settings.SLACK_APP_TOKEN
    return bool(is_heard and (settings.SLACK_BOT_TOKEN or settings.SLACK_CLIENT_ID))


def client_of(workspace_id: str) -> WebClient:
    """A client without retries of its own: effects are retried by their row, with the pause that Slack asks for.

    Raises `SlackNotConnected` if the workspace has no token (any more).
    """
    token = slack_workspaces.token_of(workspace_id)
    return WebClient(token=token, base_url=settings.SLACK_API_URL, timeout=TIMEOUT_SECONDS, retry_handlers=[])


_known: dict[str, str] = {}
"""The last token of each workspace that an event came from, in this process."""


def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult | None:
    """For Bolt, in place of its own way, which asks Slack `auth.test` before it answers. None: nobody connected it.

    While the database is away the token of before is good enough: the listener finds out by itself that nothing can be
    stored, and at Slack's last try says so in the thread (`listeners/guard.py`).
    """
    workspace_id = team_id or ""
    try:
        token = slack_workspaces.token_of(workspace_id)
        _known[workspace_id] = token
    except SlackNotConnected:
        _known.pop(workspace_id, None)
        return None
    except STORAGE_FAILURES:
        is_only_one = settings.SLACK_BOT_TOKEN and not settings.SLACK_CLIENT_ID
        before = _known.get(workspace_id) or (settings.SLACK_BOT_TOKEN if is_only_one else "")
        if not before:
            raise
        token = before
    return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=token)
