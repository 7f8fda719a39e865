"""A local Slack: the parts of the Web API that SAHUR calls, over real HTTP, for the real `slack_sdk` client.

It keeps channels with threads, checks the token, records each call, and can be told to fail, to be slow, to limit the
rate, or to do its work and then lose the answer. Alone: `python -m tests.fakes.slack_server --port 9100`, then
SLACK_API_URL=http://127.0.0.1:9100/api/.
"""

from __future__ import annotations

import argparse
import json
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

TOKEN = "xoxb-fake"
APP_TOKEN = "xapp-fake"
BOT = {"user_id": "U0SAHUR", "bot_id": "B0SAHUR", "app_id": "A0SAHUR", "team_id": "T0FAKE"}
MAX_TEXT = 40_000
MAX_BLOCKS = 50
MAX_SECTION = 3_000
MAX_HEADER = 150

Arguments = dict[str, Any]


@dataclass
class Script:
    """What happens to the next call of a method. With `after_work` the work is done first, then the answer is lost."""

    error: str = ""
    status: int = 200
    retry_after: int = 0
    delay: float = 0.0
    after_work: bool = False


@dataclass
class Call:
    method: str
    arguments: Arguments
    authorization: str = ""


class RefusedError(Exception):
    """An answer `{"ok": false, "error": …}`."""


@dataclass
class Slack:
    """The state of the workspace. `channels` maps an id to its messages, oldest first."""

    token: str = TOKEN
    channels: dict[str, list[Arguments]] = field(default_factory=lambda: {"C0GENERAL": [], "D0DIRECT": []})
    users: dict[str, str] = field(default_factory=lambda: {"U0RITA": "Rita Responder"})
    archived: set[str] = field(default_factory=set)
    calls: list[Call] = field(default_factory=list)
    socket_url: str = ""
    """Where Socket Mode is served, if it is."""
    scripts: dict[str, deque[Script]] = field(default_factory=lambda: defaultdict(deque))
    lock: threading.RLock = field(default_factory=threading.RLock)
    _last_ts: float = 0.0

    def script(self, method: str, *scripts: Script) -> None:
        """Say how the next calls of a method go; later ones work."""
        self.scripts[method].extend(scripts)

    def calls_of(self, method: str) -> list[Arguments]:
        return [call.arguments for call in self.calls if call.method == method]

    def say(self, channel: str, text: str, *, user: str = "U0RITA", thread_ts: str = "") -> str:
        """A person's message; its ts."""
        return str(self._add(channel, {"user": user, "text": text, **({"thread_ts": thread_ts} if thread_ts else {})})["ts"])

    def messages(self, channel: str) -> list[Arguments]:
        with self.lock:
            return list(self.channels[channel])

    def perform(self, method: str, arguments: Arguments) -> Arguments:
        handlers: dict[str, Callable[[Arguments], Arguments]] = {
            "apps.connections.open": lambda _: {"url": self.socket_url},
            "auth.test": self._auth_test,
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "conversations.replies": self._replies,
            "conversations.history": self._history,
            "conversations.info": lambda arguments: {"channel": self._channel(self._named(arguments))},
            "conversations.list": self._list_channels,
            "reactions.add": self._react,
            "users.info": self._user,
            "users.list": self._list_users,
            "users.profile.get": lambda arguments: {"profile": self._user(arguments)["user"]["profile"]},
        }
        if method not in handlers:
            raise RefusedError("unknown_method")
        with self.lock:
            return handlers[method](arguments)

    def _add(self, channel: str, message: Arguments) -> Arguments:
        with self.lock:
            self._last_ts = max(self._last_ts + 0.000001, time.time())
            stored = {"type": "message", **message, "ts": f"{self._last_ts:.6f}"}
            self.channels[channel].append(stored)
            return stored

    def _named(self, arguments: Arguments) -> str:
        if arguments.get("channel") not in self.channels:
            raise RefusedError("channel_not_found")
        return str(arguments["channel"])

    def _messages_of(self, arguments: Arguments) -> list[Arguments]:
        return self.channels[self._named(arguments)]

    def _channel(self, channel: str) -> Arguments:
        name = channel.removeprefix("C0").lower()
        return {"id": channel, "name": name, "is_channel": True, "is_archived": channel in self.archived, "is_private": False}

    def _list_channels(self, arguments: Arguments) -> Arguments:
        """Public ones; direct messages are no channels."""
        without_archived = str(arguments.get("exclude_archived", "")).lower() in ("true", "1")
        names = [name for name in self.channels if name[0] == "C" and not (without_archived and name in self.archived)]
        return page([self._channel(name) for name in names], arguments, "channels")

    def _list_users(self, arguments: Arguments) -> Arguments:
        return page([self._user({"user": user})["user"] for user in self.users], arguments, "members")

    def _message(self, arguments: Arguments, ts: str) -> Arguments:
        found = [message for message in self._messages_of(arguments) if message["ts"] == ts]
        if not found:
            raise RefusedError("message_not_found")
        return found[0]

    def _auth_test(self, _: Arguments) -> Arguments:
        return {"url": "https://fake.slack.com/", "team": "Fake", "user": "sahur", **BOT}

    def _user(self, arguments: Arguments) -> Arguments:
        if arguments.get("user") not in self.users:
            raise RefusedError("user_not_found")
        name = self.users[arguments["user"]]
        return {"user": {"id": arguments["user"], "real_name": name, "profile": {"display_name": name}}}

    def _post(self, arguments: Arguments) -> Arguments:
        self._messages_of(arguments)
        if arguments["channel"] in self.archived:
            raise RefusedError("is_archived")
        check_content(arguments)
        kept = {name: arguments[name] for name in ("text", "blocks", "thread_ts", "metadata") if arguments.get(name)}
        stored = self._add(arguments["channel"], {"user": BOT["user_id"], "bot_id": BOT["bot_id"], **kept})
        return {"channel": arguments["channel"], "ts": stored["ts"], "message": stored}

    def _update(self, arguments: Arguments) -> Arguments:
        message = self._message(arguments, arguments["ts"])
        if message.get("bot_id") != BOT["bot_id"]:
            raise RefusedError("cant_update_message")
        check_content(arguments)
        # Metadata that is not given stays as it is.
        message.update({name: arguments[name] for name in ("text", "blocks", "metadata") if arguments.get(name)})
        return {"channel": arguments["channel"], "ts": message["ts"], "text": message.get("text", "")}

    def _replies(self, arguments: Arguments) -> Arguments:
        root = self._message(arguments, arguments["ts"])
        replies = [message for message in self._messages_of(arguments) if message.get("thread_ts") == root["ts"]]
        oldest = float(arguments.get("oldest") or 0)
        return page([root, *(message for message in replies if float(message["ts"]) >= oldest)], arguments)

    def _history(self, arguments: Arguments) -> Arguments:
        return page([message for message in reversed(self._messages_of(arguments)) if "thread_ts" not in message], arguments)

    def _react(self, arguments: Arguments) -> Arguments:
        names = self._message(arguments, arguments["timestamp"]).setdefault("reactions", [])
        if arguments["name"] in names:
            raise RefusedError("already_reacted")
        names.append(arguments["name"])
        return {}


def check_content(arguments: Arguments) -> None:
    """Slack's limits: https://docs.slack.dev/reference/block-kit/blocks."""
    blocks = arguments.get("blocks") or []
    if not arguments.get("text") and not blocks:
        raise RefusedError("no_text")
    if len(arguments.get("text") or "") > MAX_TEXT:
        raise RefusedError("msg_too_long")
    if len(blocks) > MAX_BLOCKS:
        raise RefusedError("invalid_blocks")
    for block in blocks:
        text = block.get("text", {}).get("text", "x")
        if not 0 < len(text) <= (MAX_HEADER if block["type"] == "header" else MAX_SECTION):
            raise RefusedError("invalid_blocks")


def page(messages: list[Arguments], arguments: Arguments, name: str = "messages") -> Arguments:
    """A page by cursor. Metadata comes only when it is asked for."""
    start, limit = int(arguments.get("cursor") or 0), int(arguments.get("limit") or 100)
    shown = messages[start : start + limit]
    if str(arguments.get("include_all_metadata", "")).lower() not in ("true", "1"):
        shown = [{name: value for name, value in message.items() if name != "metadata"} for message in shown]
    is_more = start + limit < len(messages)
    return {name: shown, "has_more": is_more, "response_metadata": {"next_cursor": str(start + limit) if is_more else ""}}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    slack: Slack

    def do_GET(self) -> None:
        self._take(dict(parse_qsl(urlsplit(self.path).query)))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        is_json = "json" in (self.headers.get("Content-Type") or "")
        self._take(json.loads(body) if is_json and body else dict(parse_qsl(body)))

    def _take(self, arguments: Arguments) -> None:
        method = urlsplit(self.path).path.rsplit("/", 1)[-1]
        self.slack.calls.append(Call(method, arguments, self.headers.get("Authorization") or ""))
        scripts = self.slack.scripts[method]
        script = scripts.popleft() if scripts else Script()
        time.sleep(script.delay)
        if (script.error or script.status != 200) and not script.after_work:
            self._answer({"ok": False, "error": script.error or "internal_error"}, script)
            return
        try:
            expected = APP_TOKEN if method == "apps.connections.open" else self.slack.token
            if self.headers.get("Authorization") != f"Bearer {expected}":
                raise RefusedError("invalid_auth")
            answer = {"ok": True, **self.slack.perform(method, arguments)}
        except RefusedError as refused:
            answer = {"ok": False, "error": str(refused)}
        if script.after_work:
            # The connection breaks: the caller cannot know that the work was done.
            self.close_connection = True
            return
        self._answer(answer, script)

    def _answer(self, answer: Arguments, script: Script) -> None:
        body = json.dumps(answer).encode()
        self.send_response(script.status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        if script.retry_after:
            self.send_header("Retry-After", str(script.retry_after))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: the calls are recorded."""


def start(port: int = 0) -> tuple[ThreadingHTTPServer, Slack]:
    """A server on the port, a free one for 0, that is not serving yet."""
    slack = Slack()
    handler = type("BoundHandler", (Handler,), {"slack": slack})
    return ThreadingHTTPServer(("127.0.0.1", port), handler), slack


@contextmanager
def running(port: int = 0) -> Iterator[tuple[str, Slack]]:
    """The base address of the API and the workspace, for as long as the block lasts."""
    server, slack = start(port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/api/", slack
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=9100)
    server, _ = start(parser.parse_args().port)
    print(f"Slack is at http://127.0.0.1:{server.server_address[1]}/api/ with the token {TOKEN}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
