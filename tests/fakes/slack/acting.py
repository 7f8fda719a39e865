"""What people do in Slack, and what Slack tells the app of it: `slack.acting.says(…)`, `.clicks(…)`, `.submits(…)`.

Events come as the app is subscribed to them (`subscriptions`): somebody who mentions the app in a channel causes two, the
message and the mention, under different ids, as in Slack.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.fakes.slack.chat import add_reaction
from tests.fakes.slack.conversations import shown_file
from tests.fakes.slack.deliveries import Delivery
from tests.fakes.slack.state import BOT, Arguments, File, View
from tests.fakes.slack.views import described

if TYPE_CHECKING:
    from tests.fakes.slack.state import Slack

EVERYTHING = {
    "app_mention", "message.channels", "message.groups", "message.im", "message.mpim", "reaction_added", "reaction_removed",
    "app_home_opened", "app_uninstalled", "tokens_revoked", "member_joined_channel", "channel_archive", "channel_rename",
    "app_context_changed",
}  # fmt: skip
CHANNEL_TYPES = {"channel": "channel", "group": "group", "im": "im", "mpim": "mpim"}


@dataclass
class Said:
    """A message that a person wrote, and what was told of it."""

    channel: str
    ts: str
    deliveries: list[Delivery] = field(default_factory=list)

    def wait(self, seconds: float = 60.0) -> Said:
        for each in self.deliveries:
            each.wait(seconds)
        return self


class Acting:
    """All of it is the person `U0RITA` unless `user` says otherwise."""

    def __init__(self, slack: Slack) -> None:
        self._slack = slack
        self.subscriptions = set(EVERYTHING)

    # --- words ---

    def says(
        self,
        channel: str,
        text: str,
        *,
        user: str = "U0RITA",
        thread: str = "",
        files: tuple[File, ...] = (),
        forwarded: tuple[Arguments, ...] = (),
        **more: Any,
    ) -> Said:
        """Write a message. `forwarded` are messages of this Slack that are shared into it; `more` goes into the event."""
        message: Arguments = {"user": user, "text": text, **more}
        if files:
            message |= {"subtype": "file_share", "files": [shown_file(self._slack.origin, each) for each in files]}
        if forwarded:
            message["attachments"] = [self._shared(each) for each in forwarded]
        if thread:
            message["thread_ts"] = thread
        stored = self._slack.add(channel, message)
        return Said(channel, stored["ts"], self.tell_message(channel, stored))

    def mentions(self, channel: str, text: str, **more: Any) -> Said:
        """The same, with the app's name before it."""
        bot = self._slack.workspaces[self._slack.places[channel].workspace].bot_user_id
        return self.says(channel, f"<@{bot}> {text}".strip(), **more)

    def posts_alert(self, channel: str, text: str, *, bot: str = "B0ALERTS", name: str = "Alerts", **more: Any) -> Said:
        """Another app's post, as alerts come."""
        profile = {"id": bot, "app_id": "A0ALERTS", "name": name}
        message = {"subtype": "bot_message", "bot_id": bot, "app_id": "A0ALERTS", "bot_profile": profile, "username": name}
        stored = self._slack.add(channel, {**message, "text": text, **more})
        return Said(channel, stored["ts"], self.tell_message(channel, stored))

    def edits(self, channel: str, ts: str, text: str) -> Delivery | None:
        message = self._slack.message(channel, ts)
        before = dict(message)
        message |= {"text": text, "edited": {"user": message.get("user"), "ts": f"{time.time():.6f}"}}
        return self._tell_change(channel, {"subtype": "message_changed", "message": message, "previous_message": before})

    def deletes(self, channel: str, ts: str) -> Delivery | None:
        message = self._slack.message(channel, ts)
        self._slack.channels[channel].remove(message)
        return self._tell_change(channel, {"subtype": "message_deleted", "deleted_ts": ts, "previous_message": message})

    def tell_message(self, channel: str, message: Arguments) -> list[Delivery]:
        """The events of a message that stands in a channel already."""
        place = self._slack.places[channel]
        workspace = self._slack.workspaces[place.workspace]
        if place.kind != "im" and workspace.bot_user_id not in place.members:
            return []
        event = {**message, "channel": channel, "event_ts": message["ts"], "team": workspace.id}
        events = [{**event, "channel_type": CHANNEL_TYPES[place.kind]}]
        if place.kind != "im" and f"<@{workspace.bot_user_id}" in message.get("text", ""):
            mention = {name: value for name, value in event.items() if name != "subtype"}
            events.append({**mention, "type": "app_mention"})
        return [told for each in events if (told := self._tell(each, workspace.id, self._subscription(each))) is not None]

    # --- marks, buttons, modals, commands ---

    def reacts(self, channel: str, ts: str, name: str, *, user: str = "U0RITA") -> Delivery | None:
        message = self._slack.message(channel, ts)
        add_reaction(message, name, user)
        item = {"type": "message", "channel": channel, "ts": ts}
        event = {"type": "reaction_added", "user": user, "reaction": name, "item": item, "item_user": message.get("user", "")}
        return self._tell({**event, "event_ts": f"{time.time():.6f}"}, self._slack.places[channel].workspace, "reaction_added")

    def presses(self, channel: str, ts: str, label: str, *, user: str = "U0RITA") -> Delivery:
        """Press the button that says this. Raises `LookupError` if there is none."""
        action = find_label(self._slack.message(channel, ts).get("blocks") or [], label)
        return self.clicks(channel, ts, action["action_id"], value=action["value"], user=user)

    def clicks(self, channel: str, ts: str, action_id: str, *, value: str = "", user: str = "U0RITA") -> Delivery:
        """Press a button of a message; with `value` the one that has it, or that half of feedback buttons.

        Raises `LookupError` if there is no such button.
        """
        message = self._slack.message(channel, ts)
        action = find_action(message.get("blocks") or [], action_id, value)
        container = {"type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": False}
        if message.get("thread_ts"):
            container["thread_ts"] = message["thread_ts"]
        payload = {
            **self._by("block_actions", user, self._slack.places[channel].workspace),
            "container": container,
            "channel": {"id": channel, "name": self._slack.places[channel].name},
            "message": message,
            "state": {"values": {}},
            "response_url": self._response_url(channel, ts),
            "actions": [{**action, "action_ts": f"{time.time():.6f}"}],
        }
        return self._slack.deliveries.interaction(payload)

    def uses_shortcut(self, callback_id: str, channel: str, ts: str, *, user: str = "U0RITA") -> Delivery:
        """A message shortcut: https://docs.slack.dev/interactivity/implementing-shortcuts."""
        payload = {
            **self._by("message_action", user, self._slack.places[channel].workspace),
            "callback_id": callback_id,
            "channel": {"id": channel, "name": self._slack.places[channel].name},
            "message_ts": ts,
            "message": self._slack.message(channel, ts),
            "action_ts": f"{time.time():.6f}",
            "response_url": self._response_url(channel, ts),
        }
        return self._slack.deliveries.interaction(payload)

    def commands(self, command: str, text: str = "", *, channel: str = "C0GENERAL", user: str = "U0RITA") -> Delivery:
        """A slash command; works in every channel, also where the app is not."""
        place = self._slack.places[channel]
        workspace = self._slack.workspaces[place.workspace]
        payload = {
            "token": "deprecated",
            "team_id": workspace.id,
            "team_domain": workspace.name.lower(),
            "channel_id": channel,
            "channel_name": "directmessage" if place.kind == "im" else place.name,
            "user_id": user,
            "user_name": self._slack.users[user].name.split()[0].lower(),
            "command": command,
            "text": text,
            "api_app_id": BOT["app_id"],
            "is_enterprise_install": "false",
            "response_url": self._response_url(channel, ""),
            "trigger_id": self._slack.new_trigger(workspace.id, user),
        }
        return self._slack.deliveries.command(payload)

    def submits(self, view: View, values: dict[str, Any], *, wait_seconds: float = 30.0) -> Delivery:
        """Fill in a modal and press its button. `values` are by `block_id` or `action_id`: a text, or the value of an option.

        What the app answers is done: errors are left in `answer.json()`, an update changes the view, else it is closed.
        """
        payload = {
            **self._by("view_submission", view.user, view.workspace),
            "view": {**self._described(view), "state": {"values": filled_in(view.body, values)}},
            "response_urls": [],
        }
        delivery = self._slack.deliveries.interaction(payload).wait(wait_seconds)
        answer = delivery.tries[-1].json() if delivery.is_acknowledged else {}
        action = (answer or {}).get("response_action", "")
        if action in ("update", "push"):
            view.body = answer["view"]
        elif delivery.is_acknowledged and action != "errors":
            view.is_open = False
        return delivery

    def searches(self, view: View, action_id: str, value: str = "") -> list[Arguments]:
        """Type into a list whose options the app is asked for; what it offers."""
        block = next(each for each in view.body["blocks"] if each.get("element", {}).get("action_id") == action_id)
        payload = {
            **self._by("block_suggestion", view.user, view.workspace),
            "view": self._described(view),
            "block_id": block["block_id"],
            "action_id": action_id,
            "value": value,
        }
        delivery = self._slack.deliveries.interaction(payload).wait()
        return list(delivery.tries[-1].json().get("options", []))

    def closes(self, view: View) -> Delivery | None:
        """Dismiss a modal; the app hears of it if it asked to."""
        view.is_open = False
        if not view.body.get("notify_on_close"):
            return None
        payload = {**self._by("view_closed", view.user, view.workspace), "view": self._described(view), "is_cleared": False}
        return self._slack.deliveries.interaction(payload)

    def opened_view(self, user: str = "U0RITA") -> View | None:
        """The modal that stands before somebody."""
        shown = [
            each for each in self._slack.views.values() if each.is_open and each.user == user and each.body["type"] == "modal"
        ]
        return shown[-1] if shown else None

    # --- the app in the workspace ---

    def opens_home(self, tab: str = "home", *, user: str = "U0RITA", channel: str = "D0DIRECT") -> Delivery | None:
        event = {"type": "app_home_opened", "user": user, "channel": channel, "tab": tab, "event_ts": f"{time.time():.6f}"}
        return self._tell(event, self._slack.places[channel].workspace, "app_home_opened")

    def uninstalls(self, workspace: str = BOT["team_id"]) -> list[Delivery]:
        """Remove the app: its tokens are revoked, and Slack says so twice."""
        self._slack.revoke(workspace)
        bot = self._slack.workspaces[workspace].bot_user_id
        events = [{"type": "tokens_revoked", "tokens": {"bot": [bot]}}, {"type": "app_uninstalled"}]
        return [told for each in events if (told := self._tell(each, workspace, each["type"])) is not None]

    # --- what all of them share ---

    def _subscription(self, event: Arguments) -> str:
        if event["type"] == "app_mention":
            return "app_mention"
        names = {"channel": "message.channels", "group": "message.groups", "im": "message.im", "mpim": "message.mpim"}
        return names[event["channel_type"]]

    def _tell(self, event: Arguments, workspace: str, subscription: str) -> Delivery | None:
        if subscription not in self.subscriptions:
            return None
        return self._slack.deliveries.event(event, workspace=workspace)

    def _tell_change(self, channel: str, change: Arguments) -> Delivery | None:
        place = self._slack.places[channel]
        event = {"type": "message", "channel": channel, "channel_type": CHANNEL_TYPES[place.kind], "hidden": True, **change}
        ts = f"{time.time():.6f}"
        return self._tell({**event, "ts": ts, "event_ts": ts}, place.workspace, self._subscription(event))

    def _by(self, kind: str, user: str, workspace: str) -> Arguments:
        found = self._slack.workspaces[workspace]
        return {
            "type": kind,
            "token": "deprecated",
            "api_app_id": BOT["app_id"],
            "team": {"id": workspace, "domain": found.name.lower()},
            "enterprise": None,
            "is_enterprise_install": False,
            "user": {"id": user, "name": self._slack.users[user].name.split()[0].lower(), "team_id": workspace},
            "trigger_id": self._slack.new_trigger(workspace, user),
        }

    def _described(self, view: View) -> Arguments:
        return described(view, self._slack.workspaces[view.workspace].bot_id)

    def _response_url(self, channel: str, ts: str) -> str:
        return f"{self._slack.origin}/response/{channel}/{ts or 'new'}"

    def _shared(self, message: Arguments) -> Arguments:
        """A forwarded message, as it stands in the one that forwards it."""
        author = self._slack.users.get(message.get("user", ""))
        channel = message.get("channel", "C0GENERAL")
        shared = {"is_msg_unfurl": True, "is_share": True, "ts": message["ts"], "author_id": message.get("user", "")}
        return {
            **shared,
            "author_name": author.name if author else message.get("username", ""),
            "text": message.get("text", ""),
            "from_url": f"https://fake.slack.com/archives/{channel}/p{message['ts'].replace('.', '')}",
            "files": message.get("files", []),
            "fallback": message.get("text", ""),
        }


def buttons_in(blocks: list[Arguments]) -> Iterator[Arguments]:
    """What a payload says of each element that can be pressed, with its text."""
    for block in blocks:
        for element in [*block.get("elements", []), *([block["accessory"]] if "accessory" in block else [])]:
            halves = [element[name] for name in ("positive_button", "negative_button") if name in element]
            for each in halves or [element]:
                if "action_id" in element:
                    named = {"block_id": block.get("block_id", "made-by-slack"), "action_id": element["action_id"]}
                    yield {**named, "type": element["type"], "value": each.get("value", ""), "text": each.get("text", {})}


def find_action(blocks: list[Arguments], action_id: str, value: str = "") -> Arguments:
    """Raises `LookupError`."""
    found = [each for each in buttons_in(blocks) if each["action_id"] == action_id and value in ("", each["value"])]
    if not found:
        raise LookupError(f"There is no element {action_id} {value} in {json.dumps(blocks)[:800]}")
    return found[0]


def find_label(blocks: list[Arguments], label: str) -> Arguments:
    """Raises `LookupError`."""
    found = [each for each in buttons_in(blocks) if each["text"].get("text") == label]
    if not found:
        raise LookupError(f"No button says {label}, but {[each['text'].get('text') for each in buttons_in(blocks)]}")
    return found[0]


def filled_in(body: Arguments, values: dict[str, Any]) -> Arguments:
    """The state of a modal's inputs: what is given, what stood there before, or nothing. Raises `LookupError`."""
    state: Arguments = {}
    left = dict(values)
    for block in body["blocks"]:
        element = block.get("element")
        if element is None:
            continue
        given = left.pop(block.get("block_id", ""), left.pop(element["action_id"], None))
        state[block["block_id"]] = {element["action_id"]: _entered(element, given)}
    if left:
        raise LookupError(f"The modal has no inputs {sorted(left)}: {json.dumps(body)[:800]}")
    return state


def _entered(element: Arguments, given: Any) -> Arguments:
    kind = element["type"]
    options = [*element.get("options", []), *(each for group in element.get("option_groups", []) for each in group["options"])]
    if kind in ("static_select", "radio_buttons"):
        chosen = [each for each in options if each["value"] == given] if given is not None else [element.get("initial_option")]
        if not chosen:
            raise LookupError(f"{element['action_id']} has no option {given}: {options}")
        return {"type": kind, "selected_option": chosen[0]}
    if kind in ("checkboxes", "multi_static_select"):
        chosen = [each for each in options if each["value"] in given] if given is not None else element.get("initial_options", [])
        return {"type": kind, "selected_options": chosen}
    if kind == "external_select":
        option = {"text": {"type": "plain_text", "text": str(given)}, "value": given}
        return {"type": kind, "selected_option": option if given is not None else element.get("initial_option")}
    if kind.endswith("_select"):
        name = f"selected_{kind.removesuffix('_select').removesuffix('s')}"
        return {"type": kind, name: given if given is not None else element.get(f"initial_{name.removeprefix('selected_')}")}
    return {"type": kind, "value": given if given is not None else element.get("initial_value")}
