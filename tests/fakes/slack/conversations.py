"""`conversations.*`, `users.*`, `files.*` and `assistant.*`: what the app reads of channels, people and files."""

from __future__ import annotations

from typing import Any

from tests.fakes.slack.methods import Asked, method, page
from tests.fakes.slack.state import Arguments, Channel, File, Person, RefusedError

MAX_PROMPTS = 4
MAX_LOADING_MESSAGES = 10


@method("conversations.info", tier=3)
def info(asked: Asked) -> Arguments:
    return {"channel": described(asked, asked.channel(scope="{kind}:read"))}


@method("conversations.list", "channels:read", tier=2)
def list_channels(asked: Asked) -> Arguments:
    """By default the public ones; direct messages are no channels."""
    kinds = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}
    wanted = {kinds[name] for name in (asked.text("types") or "public_channel").split(",")}
    bot = asked.workspace.bot_user_id
    shown = [
        described(asked, each)
        for each in asked.slack.places.values()
        if each.workspace == asked.token.workspace
        and each.kind in wanted
        and (each.kind != "group" or bot in each.members)
        and not (asked.is_set("exclude_archived") and each.id in asked.slack.archived)
    ]
    return page(shown, asked.arguments, "channels")


@method("conversations.members", tier=4)
def members(asked: Asked) -> Arguments:
    channel = asked.channel(scope="{kind}:read")
    listed = page([{"id": user} for user in sorted(channel.members)], asked.arguments, "members")
    return {**listed, "members": [each["id"] for each in listed["members"]]}


@method("conversations.open", "im:write", tier=3)
def open_direct(asked: Asked) -> Arguments:
    """The direct messages with one person; the same ones each time."""
    user = asked.text("users").split(",")[0]
    if asked.slack.users.get(user, Person("", "", "")).workspace != asked.token.workspace:
        raise RefusedError("user_not_found")
    return {"channel": {"id": direct_with(asked, user)}}


def direct_with(asked: Asked, user: str) -> str:
    workspace = asked.token.workspace
    for each in asked.slack.places.values():
        if each.kind == "im" and each.members == {user} and each.workspace == workspace:
            return each.id
    return asked.slack.add_channel(asked.slack.new_id("D"), "direct", kind="im", members={user}, workspace=workspace).id


@method("conversations.replies", tier=3)
def replies(asked: Asked) -> Arguments:
    """The first message and its replies, oldest first."""
    channel = asked.joined(scope="{kind}:history")
    stored = asked.slack.channels[channel.id]
    ts = asked.text("ts")
    named = [each for each in stored if each["ts"] == ts]
    root_ts = named[0].get("thread_ts") or ts if named else ts
    found = [each for each in stored if root_ts in (each["ts"], each.get("thread_ts"))]
    if not found:
        raise RefusedError("thread_not_found")
    return page([each for each in found if each["ts"] == root_ts or _is_between(each, asked)], asked.arguments)


@method("conversations.history", tier=3)
def history(asked: Asked) -> Arguments:
    """The newest first, without replies."""
    channel = asked.joined(scope="{kind}:history")
    stored = [each for each in asked.slack.channels[channel.id] if each.get("thread_ts") in (None, each["ts"])]
    return page([each for each in reversed(stored) if _is_between(each, asked)], asked.arguments)


def _is_between(message: Arguments, asked: Asked) -> bool:
    """Slack leaves the ends out unless `inclusive` is set."""
    ts, oldest, latest = float(message["ts"]), float(asked.text("oldest") or 0), float(asked.text("latest") or "inf")
    return oldest <= ts <= latest if asked.is_set("inclusive") else oldest < ts < latest


def described(asked: Asked, channel: Channel) -> Arguments:
    is_member = asked.workspace.bot_user_id in channel.members
    return {**channel.described(is_archived=channel.id in asked.slack.archived), "is_member": is_member}


# --- people ---


@method("users.info", "users:read", tier=4)
def user_info(asked: Asked) -> Arguments:
    return {"user": _person(asked).described(with_email=has_scope(asked, "users:read.email"))}


@method("users.list", "users:read", tier=2)
def list_users(asked: Asked) -> Arguments:
    here = [each for each in asked.slack.users.values() if each.workspace == asked.token.workspace]
    with_email = has_scope(asked, "users:read.email")
    return page([each.described(with_email=with_email) for each in here], asked.arguments, "members")


@method("users.profile.get", "users.profile:read", tier=4)
def profile(asked: Asked) -> Arguments:
    return {"profile": _person(asked).described(with_email=has_scope(asked, "users:read.email"))["profile"]}


@method("users.lookupByEmail", "users:read.email", tier=3)
def look_up(asked: Asked) -> Arguments:
    for each in asked.slack.users.values():
        if each.email == asked.text("email") and each.workspace == asked.token.workspace and not each.is_deleted:
            return {"user": each.described(with_email=True)}
    raise RefusedError("users_not_found")


def has_scope(asked: Asked, scope: str) -> bool:
    return asked.token.scopes is None or scope in asked.token.scopes


def _person(asked: Asked) -> Person:
    found = asked.slack.users.get(asked.text("user"))
    if found is None or found.workspace != asked.token.workspace:
        raise RefusedError("user_not_found")
    return found


# --- files ---


@method("files.info", "files:read", tier=4)
def file_info(asked: Asked) -> Arguments:
    found = asked.slack.files.get(asked.text("file"))
    if found is None or found.workspace != asked.token.workspace:
        raise RefusedError("file_not_found")
    return {"file": shown_file(asked.slack.origin, found)}


def shown_file(origin: str, file: File) -> Arguments:
    """As it stands in a message: https://docs.slack.dev/reference/objects/file-object."""
    address = f"{origin}/files-pri/{file.workspace}-{file.id}"
    return {
        "id": file.id,
        "name": file.name,
        "title": file.name,
        "mimetype": file.mimetype,
        "filetype": file.name.rpartition(".")[2],
        "size": len(file.content),
        "mode": "hosted",
        "url_private": f"{address}/{file.name}",
        "url_private_download": f"{address}/download/{file.name}",
        "permalink": f"https://fake.slack.com/files/U0RITA/{file.id}/{file.name}",
    }


# --- the assistant's view ---


@method("assistant.threads.setStatus", "assistant:write", per_minute=600)
def set_status(asked: Asked) -> Arguments:
    """A thread's status; an empty one, as any message in the thread, takes it away."""
    asked.channel("channel_id")
    if len(asked.arguments.get("loading_messages") or []) > MAX_LOADING_MESSAGES:
        raise RefusedError("invalid_arguments")
    asked.slack.statuses[asked.text("channel_id"), asked.text("thread_ts")] = asked.text("status")
    return {}


@method("assistant.threads.setSuggestedPrompts", "assistant:write", tier=3)
def set_prompts(asked: Asked) -> Arguments:
    asked.channel("channel_id")
    prompts: list[dict[str, Any]] = asked.arguments.get("prompts") or []
    if not 0 < len(prompts) <= MAX_PROMPTS or not all(each.get("title") and each.get("message") for each in prompts):
        raise RefusedError("invalid_arguments")
    asked.slack.prompts[asked.text("channel_id")] = {"title": asked.text("title"), "prompts": prompts}
    return {}


@method("assistant.threads.setTitle", "assistant:write", tier=3)
def set_title(asked: Asked) -> Arguments:
    asked.channel("channel_id")
    return {}
