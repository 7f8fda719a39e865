"""The agent's view: what it offers to say when somebody opens the conversation with SAHUR."""

from __future__ import annotations

import logging
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from sahur.slack.help import PROMPTS

log = logging.getLogger(__name__)

TITLE = "What is wrong?"


def suggest_prompts(body: dict[str, Any], client: WebClient) -> None:
    """After the answer. Without them people write all the same."""
    event = body["event"]
    if event.get("tab") != "messages":
        return
    try:
        client.assistant_threads_setSuggestedPrompts(channel_id=event["channel"], title=TITLE, prompts=list(PROMPTS))
    except (SlackClientError, OSError) as error:
        log.warning("the suggested prompts were not set in Slack: %s", error)
