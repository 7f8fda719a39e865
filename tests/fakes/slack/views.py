"""`views.*`: modals and the home tab. A trigger opens one view, within three seconds of the act that it came with."""

from __future__ import annotations

import time

from tests.fakes import slack_blocks
from tests.fakes.slack.methods import Asked, method
from tests.fakes.slack.state import TRIGGER_SECONDS, Arguments, RefusedError, Trigger, View

MAX_STACKED = 3


@method("views.open", tier=4)
def open_view(asked: Asked) -> Arguments:
    body = checked(asked)
    return shown(asked, new_view(asked, body, _used(asked).user))


@method("views.push", tier=4)
def push(asked: Asked) -> Arguments:
    body = checked(asked)
    user = _used(asked).user
    if sum(view.is_open and view.user == user for view in asked.slack.views.values()) >= MAX_STACKED:
        raise RefusedError("push_limit_reached")
    return shown(asked, new_view(asked, body, user))


@method("views.update", tier=4)
def update(asked: Asked) -> Arguments:
    body = checked(asked)
    view = asked.slack.views.get(asked.text("view_id"))
    if view is None or view.workspace != asked.token.workspace or not view.is_open:
        raise RefusedError("not_found")
    if asked.text("hash") and asked.text("hash") != view.hash:
        raise RefusedError("hash_conflict")
    view.body, view.hash = body, asked.slack.new_id("")
    return shown(asked, view)


@method("views.publish", tier=4)
def publish(asked: Asked) -> Arguments:
    """The home tab of one person."""
    body = checked(asked)
    if body.get("type") != "home":
        raise RefusedError("invalid_arguments")
    user = asked.text("user_id")
    if user not in asked.slack.users:
        raise RefusedError("user_not_found")
    for each in asked.slack.views.values():
        if each.user == user and each.body.get("type") == "home":
            each.body = body
            return shown(asked, each)
    return shown(asked, new_view(asked, body, user))


def checked(asked: Asked) -> Arguments:
    """The view, if Slack would take it."""
    body = asked.arguments.get("view")
    if not isinstance(body, dict):
        raise RefusedError(
            "invalid_arguments", response_metadata={"messages": ["[ERROR] must provide an object [json-pointer:/view]"]}
        )
    problems = slack_blocks.problems_of_view(body)
    if problems:
        raise RefusedError("invalid_arguments", response_metadata={"messages": [f"[ERROR] {each}" for each in problems]})
    return body


def new_view(asked: Asked, body: Arguments, user: str) -> View:
    view = View(asked.slack.new_id("V"), asked.token.workspace, body, user, hash=asked.slack.new_id(""))
    asked.slack.views[view.id] = view
    return view


def shown(asked: Asked, view: View) -> Arguments:
    return {"view": described(view, asked.workspace.bot_id)}


def described(view: View, bot_id: str) -> Arguments:
    """As in answers and payloads: https://docs.slack.dev/reference/objects/view-object."""
    more = {"id": view.id, "team_id": view.workspace, "hash": view.hash, "bot_id": bot_id, "root_view_id": view.id}
    return {"private_metadata": "", "callback_id": "", "state": {"values": {}}, **view.body, **more}


def _used(asked: Asked) -> Trigger:
    """The trigger, which is good no more. Raises `RefusedError` if it was not."""
    trigger = asked.slack.triggers.get(asked.text("trigger_id"))
    if trigger is None or trigger.workspace != asked.token.workspace:
        raise RefusedError("invalid_trigger_id" if asked.text("trigger_id") else "invalid_arguments")
    if time.monotonic() - trigger.given_at > TRIGGER_SECONDS:
        raise RefusedError("expired_trigger_id")
    if trigger.is_used:
        raise RefusedError("exchanged_trigger_id")
    trigger.is_used = True
    return trigger
