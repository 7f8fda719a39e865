"""The local Slack answers Slack's own clients as Slack does: `slack_sdk` and Bolt, over HTTP and Socket Mode."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from slack_bolt import App, BoltRequest
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from tests.fakes.slack import APP_TOKEN, BOT, CLIENT_ID, CLIENT_SECRET, SECRET, TOKEN, Script, Slack, running
from tests.fakes.slack.deliveries import Answer
from tests.waiting import wait_for

CHANNEL = "C0GENERAL"
MODAL = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "Report"},
    "submit": {"type": "plain_text", "text": "Send"},
    "blocks": [
        {
            "type": "input",
            "block_id": "title",
            "label": {"type": "plain_text", "text": "Title"},
            "element": {"type": "plain_text_input", "action_id": "title"},
        }
    ],
}


@pytest.fixture
def slack() -> Iterator[Slack]:
    with running() as (_, workspace):
        yield workspace


def client_of(slack: Slack, token: str = TOKEN) -> WebClient:
    return WebClient(token=token, base_url=f"{slack.origin}/api/", retry_handlers=[])


def refused(call: Callable[[], Any]) -> Any:
    with pytest.raises(SlackApiError) as error:
        call()
    return error.value.response


class Answering(BaseHTTPRequestHandler):
    """An app's Request URL with a Bolt app behind it."""

    app: App

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        answer = self.app.dispatch(BoltRequest(body=body, headers=dict(self.headers)))
        content = (answer.body or "").encode()
        self.send_response(answer.status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


def bolt(slack: Slack) -> App:
    return App(signing_secret=SECRET, client=client_of(slack), process_before_response=True)


@contextmanager
def served(app: App) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Answering,), {"app": app}))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/slack/events"
    server.shutdown()


def test_a_mention_comes_as_message_and_as_mention_with_ids_of_their_own(slack: Slack) -> None:
    app, heard = bolt(slack), []
    app.event("app_mention")(lambda body: heard.append((body["event"]["type"], body["event_id"])))
    app.event("message")(lambda body: heard.append((body["event"]["type"], body["event_id"])))
    with served(app) as slack.deliveries.address:
        said = slack.acting.mentions(CHANNEL, "Checkout fails").wait()
    assert sorted(kind for kind, _ in heard) == ["app_mention", "message"]
    assert len({event_id for _, event_id in heard}) == 2
    assert all(each.is_acknowledged for each in said.deliveries)


def test_what_is_not_acknowledged_is_delivered_three_times_more(slack: Slack) -> None:
    seen: list[dict[str, str]] = []

    def refuse(body: str, headers: dict[str, str]) -> Answer:
        seen.append(headers)
        return Answer(500, reason="http_error")

    slack.deliveries.transport, slack.deliveries.hurry = refuse, 0.0
    delivery = slack.deliveries.event({"type": "app_mention"}).wait()
    assert [headers.get("X-Slack-Retry-Num") for headers in seen] == [None, "1", "2", "3"]
    assert seen[1]["X-Slack-Retry-Reason"] == "http_error"
    assert slack.deliveries.lost() == [delivery]


def test_a_button_opens_a_modal_once_and_only_for_three_seconds(slack: Slack) -> None:
    app, triggers = bolt(slack), []

    @app.action("open")
    def open_modal(ack: Any, body: dict[str, Any], client: WebClient) -> None:
        ack()
        triggers.append(body["trigger_id"])
        client.views_open(trigger_id=body["trigger_id"], view=MODAL)

    button = {"type": "button", "action_id": "open", "text": {"type": "plain_text", "text": "Open"}, "value": "1"}
    ts = client_of(slack).chat_postMessage(channel=CHANNEL, blocks=[{"type": "actions", "elements": [button]}], text="x")["ts"]
    with served(app) as slack.deliveries.address:
        assert slack.acting.clicks(CHANNEL, ts, "open").wait().is_acknowledged
    assert slack.acting.opened_view() is not None
    client = client_of(slack)
    assert refused(lambda: client.views_open(trigger_id=triggers[0], view=MODAL))["error"] == "exchanged_trigger_id"
    late = slack.new_trigger(BOT["team_id"], "U0RITA")
    slack.triggers[late].given_at = time.monotonic() - 3.1
    assert refused(lambda: client.views_open(trigger_id=late, view=MODAL))["error"] == "expired_trigger_id"


def test_a_modal_that_is_sent_is_closed_and_one_with_errors_stays(slack: Slack) -> None:
    app, sent = bolt(slack), []

    @app.view("")
    def take(ack: Any, view: dict[str, Any]) -> None:
        title = view["state"]["values"]["title"]["title"]["value"]
        sent.append(title)
        ack(response_action="errors", errors={"title": "Say more."}) if title == "?" else ack()

    client_of(slack).views_open(trigger_id=slack.new_trigger(BOT["team_id"], "U0RITA"), view=MODAL)
    view = slack.acting.opened_view()
    assert view is not None
    with served(app) as slack.deliveries.address:
        assert slack.acting.submits(view, {"title": "?"}).tries[-1].json()["errors"] == {"title": "Say more."}
        assert view.is_open
        slack.acting.submits(view, {"title": "Checkout fails"})
    assert (sent, view.is_open) == (["?", "Checkout fails"], False)


def test_a_command_is_answered_to_one_person(slack: Slack) -> None:
    app = bolt(slack)
    app.command("/sahur")(lambda ack, respond, command: (ack(), respond(f"{command['user_id']} said {command['text']}")))
    with served(app) as slack.deliveries.address:
        assert slack.acting.commands("/sahur", "help").wait().is_acknowledged
    assert [each["text"] for each in slack.ephemeral] == ["U0RITA said help"]


def test_socket_mode_delivers_again_what_nobody_acknowledged(slack: Slack) -> None:
    app, heard = bolt(slack), []
    app.event("app_mention")(lambda body, request: heard.append(body["event_id"]))
    app.event("message")(lambda: None)
    slack.deliveries.over_socket, slack.deliveries.hurry = True, 0.02
    said = slack.acting.mentions(CHANNEL, "before anybody is connected")
    handler = SocketModeHandler(app, APP_TOKEN, web_client=client_of(slack, APP_TOKEN))
    handler.connect()
    try:
        said.wait()
        assert [each.tries[0].reason for each in said.deliveries] == ["connection_failed"] * 2
        assert len(heard) == 1
        slack.socket.ask_to_reconnect()
        wait_for(lambda: slack.socket.opened == 2 and slack.socket.connections, 30, "a new connection")
        assert all(each.is_acknowledged for each in slack.acting.mentions(CHANNEL, "and after").wait().deliveries)
    finally:
        handler.close()
    assert len(heard) == 2


def test_a_token_is_refreshed_once_and_a_revoked_one_is_worth_nothing(slack: Slack) -> None:
    slack.rotates = True
    asked = {"client_id": CLIENT_ID, "scope": "chat:write", "redirect_uri": "https://sahur.example/back", "state": "s"}
    answer = httpx2.get(f"{slack.origin}/oauth/v2/authorize", params=asked)
    code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
    client = client_of(slack, "")
    app = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    given = client.oauth_v2_access(**app, code=code, redirect_uri=asked["redirect_uri"])
    assert given["scope"] == "chat:write"
    again = client.oauth_v2_access(**app, grant_type="refresh_token", refresh_token=given["refresh_token"])
    spent = refused(lambda: client.oauth_v2_access(**app, grant_type="refresh_token", refresh_token=given["refresh_token"]))
    assert spent["error"] == "invalid_refresh_token"
    with_new = client_of(slack, again["access_token"])
    assert with_new.auth_test().headers["x-oauth-scopes"] == "chat:write"
    missing = refused(lambda: with_new.users_info(user="U0RITA"))
    assert (missing["error"], missing["needed"], missing["provided"]) == ("missing_scope", "users:read", "chat:write")
    slack.revoke()
    assert refused(with_new.auth_test)["error"] == "token_revoked"


def test_rate_limits_hold_when_they_are_on(slack: Slack) -> None:
    slack.has_limits = True
    client = client_of(slack)
    for number in range(5):
        client.chat_postMessage(channel=CHANNEL, text=str(number))
    response = refused(lambda: client.chat_postMessage(channel=CHANNEL, text="one more"))
    assert (response.status_code, response["error"]) == (429, "ratelimited")
    assert int(response.headers["Retry-After"]) >= 1


def test_a_channel_shows_itself_only_to_those_in_it(slack: Slack) -> None:
    slack.add_channel("C0OPEN", "open", members={"U0RITA"})
    slack.add_channel("G0SECRET", "secret", kind="group", members={"U0RITA"})
    slack.add_workspace("T0OTHER", "Other", token="xoxb-other")
    client = client_of(slack)
    for channel, error in (("C0OPEN", "not_in_channel"), ("G0SECRET", "channel_not_found"), ("C0NONE", "channel_not_found")):
        assert refused(lambda channel=channel: client.chat_postMessage(channel=channel, text="x"))["error"] == error
    other = client_of(slack, "xoxb-other")
    assert refused(lambda: other.chat_postMessage(channel=CHANNEL, text="x"))["error"] == "channel_not_found"


def test_a_file_is_handed_out_only_to_its_workspace(slack: Slack) -> None:
    file = slack.add_file("error.log", b"KeyError: 'total'")
    address = client_of(slack).files_info(file=file.id)["file"]["url_private"]
    assert httpx2.get(address, headers={"Authorization": f"Bearer {TOKEN}"}).content == b"KeyError: 'total'"
    assert "Sign in" in httpx2.get(address).text


def test_refused_blocks_are_told_with_their_place(slack: Slack) -> None:
    blocks = [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}]
    response = refused(lambda: client_of(slack).chat_postMessage(channel=CHANNEL, text="x", blocks=blocks))
    assert response["error"] == "invalid_blocks"
    assert response["response_metadata"]["messages"] == [
        "[ERROR] must be at most 150 characters, not 151 [json-pointer:/blocks/0/text/text]"
    ]


def test_work_can_be_done_and_its_answer_lost(slack: Slack) -> None:
    slack.script("chat.postMessage", Script(after_work=True))
    with pytest.raises(ConnectionError):
        client_of(slack).chat_postMessage(channel=CHANNEL, text="x")
    assert [each["text"] for each in slack.posts(CHANNEL)] == ["x"]
