"""The Web API over HTTP, files, consent to an installation, and where `response_url` leads."""

from __future__ import annotations

import argparse
import base64
import binascii
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.fakes.slack import chat, oauth
from tests.fakes.slack.methods import METHODS
from tests.fakes.slack.state import TOKEN, Arguments, Call, RefusedError, Script, Slack, Token

IN_JSON = ("blocks", "metadata", "attachments", "view", "prompts", "loading_messages")
"""Arguments that are JSON also where the rest is a form."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    slack: Slack

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path.startswith("/files-pri/"):
            self._file(parts.path)
        elif parts.path == "/oauth/v2/authorize":
            self._consent(dict(parse_qsl(parts.query)))
        else:
            self._take(dict(parse_qsl(parts.query)))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        arguments = self._arguments(body)
        if self.path.startswith("/response/"):
            self._respond(arguments)
        else:
            self._take(arguments)

    def _arguments(self, body: str) -> Arguments:
        if "json" in (self.headers.get("Content-Type") or ""):
            return dict(json.loads(body)) if body else {}
        given: Arguments = dict(parse_qsl(body))
        return {name: _from_json(value) if name in IN_JSON else value for name, value in given.items()}

    # --- the Web API ---

    def _take(self, arguments: Arguments) -> None:
        method = urlsplit(self.path).path.rsplit("/", 1)[-1]
        authorization = self.headers.get("Authorization") or ""
        self.slack.calls.append(Call(method, arguments, authorization))
        scripts = self.slack.scripts[method]
        script = scripts.popleft() if scripts else Script()
        time.sleep(script.delay)
        if (script.error or script.status != 200) and not script.after_work:
            self._answer({"ok": False, "error": script.error or "internal_error"}, script)
            return
        headers: dict[str, str] = {}
        try:
            answer = self._work(method, arguments, authorization, headers)
        except RefusedError as refused:
            answer = {"ok": False, "error": str(refused), **refused.more}
        if script.after_work:
            # The connection breaks: the caller cannot know that the work was done.
            self.close_connection = True
            return
        if answer.get("error") == "ratelimited":
            script = Script(status=429, retry_after=int(headers.pop("wait")))
        self._answer(answer, script, headers)

    def _work(self, method: str, arguments: Arguments, authorization: str, headers: dict[str, str]) -> Arguments:
        if method == "oauth.v2.access":
            return {"ok": True, **oauth.access(self.slack, arguments, _client(authorization))}
        token = oauth.token_of(self.slack, method, authorization, arguments)
        if token is not None:
            headers |= _scopes(token, method)
            wait = self.slack.limits.wait_seconds(token.workspace, method, arguments)
            if wait:
                headers["wait"] = str(wait)
                raise RefusedError("ratelimited")
        return {"ok": True, **self.slack.perform(method, arguments, token)}

    def _answer(self, answer: Arguments, script: Script, headers: dict[str, str] | None = None) -> None:
        more = dict(headers or {})
        if script.retry_after:
            more["Retry-After"] = str(script.retry_after)
        self._send(script.status, json.dumps(answer).encode(), "application/json; charset=utf-8", more)

    # --- everything else ---

    def _file(self, path: str) -> None:
        """A file's content, for the tokens of its workspace; others get the page to sign in, as in Slack."""
        self.slack.calls.append(Call("files.download", {"path": path}, self.headers.get("Authorization") or ""))
        script = self.slack.scripts["files.download"]
        mishap = script.popleft() if script else Script()
        time.sleep(mishap.delay)
        if mishap.status != 200:
            self._send(mishap.status, b"", "text/plain", {})
            return
        file = self.slack.files.get(path.split("/")[2].partition("-")[2])
        try:
            token = oauth.token_of(self.slack, "files.info", self.headers.get("Authorization") or "", {})
        except RefusedError:
            token = None
        is_allowed = token is not None and (token.scopes is None or "files:read" in token.scopes)
        if file is None or token is None or token.workspace != file.workspace or not is_allowed:
            self._send(200, b"<!DOCTYPE html><title>Slack</title><p>Sign in to Fake</p>", "text/html; charset=utf-8", {})
            return
        self._send(200, file.content, file.mimetype, {})

    def _consent(self, arguments: Arguments) -> None:
        """Whoever comes here agrees, for the workspace that `team` names."""
        try:
            address = oauth.consent(self.slack, arguments, arguments.get("team") or next(iter(self.slack.workspaces)))
        except RefusedError as refused:
            self._send(400, str(refused).encode(), "text/plain", {})
            return
        self._send(302, b"", "text/plain", {"Location": address})

    def _respond(self, arguments: Arguments) -> None:
        """What comes to a `response_url`: seen by one person, or posted or edited in the channel."""
        _, _, channel, ts = urlsplit(self.path).path.split("/")
        self.slack.calls.append(Call("response_url", arguments))
        try:
            chat.check_content(arguments)
        except RefusedError as refused:
            self._send(400, json.dumps({"ok": False, "error": str(refused)}).encode(), "application/json", {})
            return
        content = {name: arguments[name] for name in ("text", "blocks") if arguments.get(name)}
        if arguments.get("replace_original") and ts != "new":
            self.slack.message(channel, ts).update(content)
        elif arguments.get("response_type") == "in_channel":
            workspace = self.slack.workspaces[self.slack.places[channel].workspace]
            self.slack.add(channel, {"user": workspace.bot_user_id, "bot_id": workspace.bot_id, **content})
        else:
            self.slack.ephemeral.append({"channel": channel, **content})
        self._send(200, b"ok", "text/plain", {})

    def _send(self, status: int, body: bytes, content_type: str, headers: dict[str, str]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: the calls are recorded."""


class Server(ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is no news; anything else is."""
        import sys

        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def _from_json(value: str) -> Any:
    return json.loads(value) if value[:1] in ("[", "{") else value


def _client(authorization: str) -> tuple[str, str]:
    """Id and secret of the app, where they come as basic authentication."""
    try:
        client_id, _, secret = base64.b64decode(authorization.removeprefix("Basic "), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return client_id, secret


def _scopes(token: Token, method: str) -> dict[str, str]:
    accepted = METHODS[method].scope if method in METHODS else ""
    return {"x-oauth-scopes": ",".join(oauth.scopes_of(token)), **({"x-accepted-oauth-scopes": accepted} if accepted else {})}


def start(port: int = 0) -> tuple[ThreadingHTTPServer, Slack]:
    """A server on the port, a free one for 0, that is not serving yet."""
    slack = Slack()
    server = Server(("127.0.0.1", port), type("BoundHandler", (Handler,), {"slack": slack}))
    slack.origin = f"http://127.0.0.1:{server.server_address[1]}"
    return server, slack


@contextmanager
def running(port: int = 0) -> Iterator[tuple[str, Slack]]:
    """The base address of the API and Slack itself, for as long as the block lasts."""
    server, slack = start(port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"{slack.origin}/api/", slack
    finally:
        slack.socket.close()
        server.shutdown()
        server.server_close()
        thread.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=9100)
    parser.add_argument("--events", default="", help="the app's Request URL, such as http://127.0.0.1:8000/slack/events")
    arguments = parser.parse_args()
    server, slack = start(arguments.port)
    slack.deliveries.address = arguments.events
    print(f"Slack is at {slack.origin}/api/ with the token {TOKEN}", flush=True)
    server.serve_forever()
