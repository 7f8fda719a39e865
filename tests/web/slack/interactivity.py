"""Buttons pressed and forms sent in Slack, as the signed requests that Slack makes of them."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.test import Client

from sahur.accounts.models import Team
from sahur.accounts.sealing import seal
from sahur.issues import models
from sahur.issues.services import slack_workspaces
from tests.fakes.slack import BOT, TOKEN, Slack, signed
from tests.waiting import wait_for
from tests.web.slack.conftest import CHANNEL

Json = dict[str, Any]


def install(team: Team, guest_role: str) -> None:
    """The workspace as one that the app was installed in over OAuth, with what its guests may do."""
    workspace = BOT["team_id"]
    sealed = seal(slack_workspaces.purpose(workspace), {"bot_token": TOKEN})
    models.SlackWorkspace.objects.create(
        workspace_id=workspace, team=team, guest_role=guest_role, sealed_tokens=sealed, installed_by="Ada"
    )


def buttons_of(blocks: list[Json]) -> dict[str, Json]:
    """The buttons in these blocks by their action id."""
    elements = [element for block in blocks for element in block.get("elements", [])]
    elements += [block["accessory"] for block in blocks if "accessory" in block]
    return {element["action_id"]: element for element in elements if "action_id" in element}


def by(kind: str, user: str, home: str) -> Json:
    return {
        "type": kind,
        "user": {"id": user, "username": user.lower(), "name": user.lower(), "team_id": home},
        "api_app_id": BOT["app_id"],
        "token": "deprecated",
        "team": {"id": BOT["team_id"], "domain": "fake"},
        "enterprise": None,
        "is_enterprise_install": False,
        "trigger_id": "a trigger that is over",
    }


def press(
    action_id: str,
    value: str,
    *,
    thread_ts: str,
    user: str = "U0RITA",
    channel: str = CHANNEL,
    home: str = BOT["team_id"],
    slack: Slack | None = None,
    **more: Any,
) -> HttpResponse:
    """Press a button of a message in the thread. With `slack` its trigger opens a form.

    https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
    """
    place = {"message_ts": "77.1", "channel_id": channel, "thread_ts": thread_ts}
    payload = {
        **by("block_actions", user, home),
        **({"trigger_id": slack.new_trigger(BOT["team_id"], user)} if slack else {}),
        "container": {"type": "message", "is_ephemeral": False, **place},
        "channel": {"id": channel, "name": "general"},
        "message": {"type": "message", "bot_id": BOT["bot_id"], "ts": "77.1", "thread_ts": thread_ts},
        "response_url": "https://hooks.slack.com/actions/T0FAKE/1/2",
        "actions": [{"type": "button", "action_id": action_id, "block_id": "b", "value": value, "action_ts": "1.1"}],
        **more,
    }
    return send(payload)


def submit(view: Json, values: Json, *, user: str = "U0RITA", home: str = BOT["team_id"]) -> HttpResponse:
    """Send a form that was opened. `values` by block id; True ticks a box.

    https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
    """
    state = {block: {"value": _entered(given)} for block, given in values.items()}
    shown = {"id": "V1", "team_id": BOT["team_id"], "hash": "h", **view, "state": {"values": state}}
    return send({**by("view_submission", user, home), "view": shown, "response_urls": []})


def opened(slack: Slack, user: str = "U0RITA") -> Json:
    """The form that stands before somebody, once it does."""
    return dict(wait_for(lambda: slack.acting.opened_view(user)).body)


def send(payload: Json) -> HttpResponse:
    body = urlencode({"payload": json.dumps(payload)})
    form = "application/x-www-form-urlencoded"
    client = Client(raise_request_exception=False)
    response: HttpResponse = client.post("/slack/events", body, content_type=form, headers=signed(body))
    return response


def _entered(given: Any) -> Json:
    if given is True:
        return {"type": "checkboxes", "selected_options": [{"value": "yes"}]}
    return {"type": "plain_text_input", "value": given}
