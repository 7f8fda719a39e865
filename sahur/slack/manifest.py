"""The manifest that a Slack app is made from: https://docs.slack.dev/reference/app-manifest.

It is generated from `sahur.batch.slack_app`, so that the app asks for what the code uses and for nothing else.
"""

from __future__ import annotations

from typing import Any

import yaml

from sahur.batch import slack_app

EXAMPLE_URL = "https://sahur.example.com"
DESCRIPTION = "Investigates problems that people report, and shows its evidence"
# Slack refuses fewer than 174 characters.
LONG_DESCRIPTION = (
    "Report a problem by mentioning SAHUR, in a direct message, with the slash command or from the menu of a message. SAHUR "
    "reads the code, the logs and the tools it is connected to, shows in the thread what it is doing, and answers with the "
    "root cause, the evidence for it, what was ruled out and the next step. It asks before it changes anything."
)


def manifest(url: str, *, is_socket: bool = False, rotates: bool = False) -> dict[str, Any]:
    """The manifest of an app whose SAHUR people reach at `url`.

    `is_socket`: events come over Socket Mode, so that Slack need not reach `url`. `rotates`: tokens end after twelve hours
    and are exchanged; only for an app that is installed over OAuth, and Slack never switches it off again.
    """
    return {
        "display_information": {
            "name": slack_app.NAME,
            "description": DESCRIPTION,
            "long_description": LONG_DESCRIPTION,
            "background_color": "#1f2937",
        },
        "features": _features({} if is_socket else {"url": f"{url}/slack/events"}),
        "oauth_config": _oauth(url),
        "settings": {
            **_subscriptions({} if is_socket else {"request_url": f"{url}/slack/events"}),
            "org_deploy_enabled": False,
            "socket_mode_enabled": is_socket,
            "token_rotation_enabled": rotates,
        },
    }


def as_yaml(content: dict[str, Any]) -> str:
    text: str = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110)
    return text


def _features(address: dict[str, str]) -> dict[str, Any]:
    return {
        "app_home": {"home_tab_enabled": False, "messages_tab_enabled": True, "messages_tab_read_only_enabled": False},
        "agent_view": {"agent_description": DESCRIPTION},
        "bot_user": {"display_name": slack_app.NAME, "always_online": True},
        "shortcuts": [
            {"name": each.name, "type": "message", "callback_id": each.callback_id, "description": each.description}
            for each in slack_app.SHORTCUTS
        ],
        "slash_commands": [
            {
                "command": each.command,
                **address,
                "description": each.description,
                "usage_hint": each.usage_hint,
                "should_escape": False,
            }
            for each in slack_app.COMMANDS
        ],
    }


def _oauth(url: str) -> dict[str, Any]:
    # Slack takes https only; without it the app is installed by hand.
    redirects = {"redirect_urls": [f"{url}/slack/oauth_redirect"]} if url.startswith("https://") else {}
    return {**redirects, "scopes": {"bot": list(slack_app.SCOPES)}}


def _subscriptions(address: dict[str, str]) -> dict[str, Any]:
    options = {"message_menu_options_url": address["request_url"]} if address else {}
    return {
        "event_subscriptions": {**address, "bot_events": list(slack_app.EVENTS)},
        "interactivity": {"is_enabled": True, **address, **options},
    }
