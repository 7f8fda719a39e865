"""`chat.*` and `reactions.*`: what the app says, and how it marks messages."""

from __future__ import annotations

from typing import Any

from tests.fakes import slack_blocks
from tests.fakes.slack.methods import Asked, method
from tests.fakes.slack.state import BOT, Arguments, Channel, RefusedError

MAX_METADATA = 16_000
"""Bytes of a message's metadata, about: https://docs.slack.dev/messaging/message-metadata."""
MAX_REACTIONS = 50


@method("chat.postMessage", "chat:write", per_minute=60)
def post(asked: Asked) -> Arguments:
    channel = writable(asked)
    check_content(asked.arguments)
    content = _kept(asked, "text", "blocks", "metadata", "attachments")
    stored = asked.slack.add(channel.id, {**said_by_app(asked), **content, **thread(asked, channel)})
    return {"channel": channel.id, "ts": stored["ts"], "message": stored}


@method("chat.postEphemeral", "chat:write", tier=4)
def post_ephemeral(asked: Asked) -> Arguments:
    channel = writable(asked)
    check_content(asked.arguments)
    if asked.text("user") not in channel.members:
        raise RefusedError("user_not_in_channel")
    asked.slack.ephemeral.append({"channel": channel.id, **_kept(asked, "user", "text", "blocks", "thread_ts")})
    return {"message_ts": f"{asked.slack.new_id('')}.000000"}


@method("chat.update", "chat:write", tier=3)
def update(asked: Asked) -> Arguments:
    message = own_message(asked, "cant_update_message")
    check_content(asked.arguments)
    # Metadata that is not given stays as it is; blocks that are not given vanish if there is a text.
    if asked.arguments.get("text") and "blocks" not in asked.arguments:
        message.pop("blocks", None)
    message.update(_kept(asked, "text", "blocks", "metadata", "attachments"))
    message["edited"] = {"user": asked.workspace.bot_user_id, "ts": f"{asked.slack.new_id('')}.000000"}
    return {"channel": asked.text("channel"), "ts": message["ts"], "text": message.get("text", ""), "message": message}


@method("chat.delete", "chat:write", tier=3)
def delete(asked: Asked) -> Arguments:
    message = own_message(asked, "cant_delete_message")
    asked.slack.channels[asked.text("channel")].remove(message)
    return {"channel": asked.text("channel"), "ts": message["ts"]}


@method("chat.getPermalink", per_minute=600)
def permalink(asked: Asked) -> Arguments:
    channel = asked.channel()
    message = asked.message(channel, asked.text("message_ts"))
    return {"channel": channel.id, "permalink": link_to(asked, channel.id, message)}


@method("reactions.add", "reactions:write", tier=3)
def react(asked: Asked) -> Arguments:
    message = _marked(asked)
    if not add_reaction(message, asked.text("name").strip(":"), asked.workspace.bot_user_id):
        raise RefusedError("already_reacted")
    return {}


@method("reactions.remove", "reactions:write", tier=2)
def unreact(asked: Asked) -> Arguments:
    message = _marked(asked)
    user, name = asked.workspace.bot_user_id, asked.text("name").strip(":")
    found = [each for each in message.get("reactions", []) if each["name"] == name and user in each["users"]]
    if not found:
        raise RefusedError("no_reaction")
    found[0]["users"].remove(user)
    found[0]["count"] -= 1
    message["reactions"] = [each for each in message["reactions"] if each["count"]]
    return {}


@method("reactions.get", "reactions:read", tier=3)
def reactions(asked: Asked) -> Arguments:
    message = _marked(asked)
    return {"type": "message", "channel": asked.text("channel"), "message": message}


def add_reaction(message: Arguments, name: str, user: str) -> bool:
    """Whether it was not there yet."""
    found: list[dict[str, Any]] = message.setdefault("reactions", [])
    for each in found:
        if each["name"] == name:
            if user in each["users"]:
                return False
            each["users"].append(user)
            each["count"] += 1
            return True
    if len(found) >= MAX_REACTIONS:
        raise RefusedError("too_many_reactions")
    found.append({"name": name, "users": [user], "count": 1})
    return True


def link_to(asked: Asked, channel: str, message: Arguments) -> str:
    address = f"{asked.workspace.domain}archives/{channel}/p{message['ts'].replace('.', '')}"
    thread_ts = message.get("thread_ts")
    return f"{address}?thread_ts={thread_ts}&cid={channel}" if thread_ts and thread_ts != message["ts"] else address


def writable(asked: Asked) -> Channel:
    """The channel that the app may post in."""
    channel = _opened(asked) or asked.channel()
    is_public = channel.kind == "channel" and asked.token.scopes is not None and "chat:write.public" in asked.token.scopes
    if channel.kind != "im" and asked.workspace.bot_user_id not in channel.members and not is_public:
        raise RefusedError("not_in_channel")
    if channel.id in asked.slack.archived:
        raise RefusedError("is_archived")
    return channel


def _opened(asked: Asked) -> Channel | None:
    """A user's id in place of a channel's stands for the direct messages with them."""
    if asked.text("channel") not in asked.slack.users:
        return None
    direct = [each for each in asked.slack.places.values() if each.kind == "im" and asked.text("channel") in each.members]
    return direct[0] if direct else None


def thread(asked: Asked, channel: Channel) -> Arguments:
    """A reply's thread: Slack takes a reply to a reply into the thread that it is in."""
    ts = asked.text("thread_ts")
    if not ts:
        return {}
    root = next((each for each in asked.slack.channels[channel.id] if each["ts"] == ts), {})
    return {"thread_ts": root.get("thread_ts") or ts}


def said_by_app(asked: Asked) -> Arguments:
    bot = asked.workspace
    return {"user": bot.bot_user_id, "bot_id": bot.bot_id, "app_id": BOT["app_id"], "team": bot.id}


def own_message(asked: Asked, otherwise: str) -> Arguments:
    channel = asked.channel()
    message = asked.message(channel, asked.text("ts"))
    if message.get("bot_id") != asked.workspace.bot_id:
        raise RefusedError(otherwise)
    return message


def check_content(arguments: Arguments) -> None:
    """Raises `RefusedError` for what Slack would not take: https://docs.slack.dev/reference/methods/chat.postMessage."""
    text, blocks = arguments.get("text") or "", arguments.get("blocks") or []
    if not text and not blocks and not arguments.get("attachments"):
        raise RefusedError("no_text")
    if len(text) > slack_blocks.MAX_TEXT:
        raise RefusedError("msg_too_long")
    if len(str(arguments.get("metadata") or "")) > MAX_METADATA:
        raise RefusedError("metadata_too_large")
    problems = slack_blocks.problems_of_message(blocks)
    if problems:
        raise RefusedError("invalid_blocks", response_metadata={"messages": [f"[ERROR] {each}" for each in problems]})


def _marked(asked: Asked) -> Arguments:
    channel = asked.joined()
    if channel.id in asked.slack.archived:
        raise RefusedError("is_archived")
    return asked.message(channel, asked.text("timestamp"))


def _kept(asked: Asked, *names: str) -> Arguments:
    return {name: asked.arguments[name] for name in names if asked.arguments.get(name)}
