"""How Slack tells the app what happened: signed, answered within three seconds, and told again if not.

Over HTTP to `address`, or over Socket Mode if `over_socket` is set. Slack's own pauses before it delivers again (at once, a
minute, five minutes: https://docs.slack.dev/apis/events-api, "Retries") are shortened by `hurry`.
"""

from __future__ import annotations

import http.client
import itertools
import json
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from slack_sdk.signature import SignatureVerifier

from tests.fakes.slack.state import BOT, SECRET, Arguments

if TYPE_CHECKING:
    from tests.fakes.slack.state import Slack

ANSWER_SECONDS = 3.0
RETRY_PAUSES = (0.0, 60.0, 300.0)
JSON, FORM = "application/json", "application/x-www-form-urlencoded"

_numbers = itertools.count(1)


def signed(body: str, *, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
    """The headers that prove the body: https://docs.slack.dev/authentication/verifying-requests-from-slack."""
    timestamp = str(int(at if at is not None else time.time()))
    signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body)
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": str(signature)}


def envelope(event: dict[str, Any], *, team: str = BOT["team_id"], bot: str = BOT["user_id"], **more: Any) -> dict[str, Any]:
    """What Slack wraps around an event: https://docs.slack.dev/apis/events-api."""
    return {
        "type": "event_callback",
        "team_id": team,
        "api_app_id": BOT["app_id"],
        "event_id": f"Ev{next(_numbers):08}",
        "event_time": int(time.time()),
        "authorizations": [
            {"enterprise_id": None, "team_id": team, "user_id": bot, "is_bot": True, "is_enterprise_install": False}
        ],
        "is_ext_shared_channel": False,
        "event": event,
        **more,
    }


@dataclass(frozen=True)
class Answer:
    """What the app said to a delivery. Status 0: nothing, or not in time; `reason` is Slack's word for it."""

    status: int
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    reason: str = ""

    @property
    def is_acknowledged(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> Any:
        return json.loads(self.body) if self.body.strip() else {}


@dataclass
class Delivery:
    """One thing that is told, and how each try went."""

    kind: str
    """As Socket Mode names it: `events_api`, `interactive` or `slash_commands`."""
    payload: Arguments
    tries: list[Answer] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)
    """Set when it was acknowledged or given up."""

    @property
    def is_acknowledged(self) -> bool:
        return bool(self.tries) and self.tries[-1].is_acknowledged

    @property
    def seconds(self) -> float:
        """How long the last try took."""
        return self.tries[-1].seconds

    def wait(self, seconds: float = 60.0) -> Delivery:
        assert self.done.wait(seconds), f"Slack is still delivering {self.kind} after {seconds} s"
        return self


Transport = Callable[[str, dict[str, str]], Answer]


class Deliveries:
    """`sent` keeps all of them. With `is_inline` the caller's own thread delivers, and nothing is tried again."""

    def __init__(self, slack: Slack) -> None:
        self._slack = slack
        self.address = ""
        """The app's Request URL, for all that it is told."""
        self.over_socket = False
        self.is_inline = False
        self.transport: Transport = self._post
        """How a body with its headers gets to the app; a test may put Django's client here."""
        self.hurry = 0.01
        """By what Slack's pauses before a retry are multiplied."""
        self.copies = 1
        """How often each event is told although it was acknowledged, as Slack may."""
        self.sent: list[Delivery] = []
        self._held: list[Delivery] | None = None

    def hold(self) -> None:
        """Keep what is to be told from now on, until `release`."""
        self._held = []

    def release(self, order: Callable[[list[Delivery]], Iterable[Delivery]] = list) -> list[Delivery]:
        """Tell what was kept, in the order that is given, each after the one before it has come to its end."""
        held, self._held = self._held or [], None
        for each in order(held):
            self.start(each).wait()
        return held

    def event(self, event: Arguments, *, workspace: str = BOT["team_id"], **more: Any) -> Delivery:
        """Tell of an event, until it is acknowledged or the retries are spent."""
        bot = self._slack.workspaces[workspace].bot_user_id
        delivery = Delivery("events_api", envelope(event, team=workspace, bot=bot, **more))
        self.start(delivery)
        for _ in range(self.copies - 1):
            self.start(Delivery("events_api", delivery.payload))
        return delivery

    def interaction(self, payload: Arguments) -> Delivery:
        """Tell of a click, a shortcut or a modal. Slack does not try again: the person sees that it failed."""
        return self.start(Delivery("interactive", payload))

    def command(self, payload: Arguments) -> Delivery:
        return self.start(Delivery("slash_commands", payload))

    def start(self, delivery: Delivery) -> Delivery:
        if self._held is not None:
            self._held.append(delivery)
            return delivery
        self.sent.append(delivery)
        if self.over_socket:
            self._slack.socket.send(delivery)
        elif self.is_inline:
            self._try(delivery, 0)
            delivery.done.set()
        else:
            threading.Thread(target=self._deliver, args=(delivery,), daemon=True).start()
        return delivery

    def again(self, delivery: Delivery) -> Answer:
        """Once more, now, as a retry."""
        return self._try(delivery, len(delivery.tries))

    def wait(self, seconds: float = 60.0) -> None:
        """Until each delivery has come to its end."""
        for each in list(self.sent):
            each.wait(seconds)

    def lost(self) -> list[Delivery]:
        """What was given up."""
        return [each for each in self.sent if each.done.is_set() and not each.is_acknowledged]

    def _deliver(self, delivery: Delivery) -> None:
        try:
            answer = self._try(delivery, 0)
            if delivery.kind != "events_api":
                return
            for number, pause in enumerate(RETRY_PAUSES, 1):
                if answer.is_acknowledged or answer.headers.get("x-slack-no-retry") == "1":
                    return
                time.sleep(pause * self.hurry)
                answer = self._try(delivery, number)
        finally:
            delivery.done.set()

    def _try(self, delivery: Delivery, number: int) -> Answer:
        body, headers = request_of(delivery)
        if number:
            headers |= {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": delivery.tries[-1].reason or "http_error"}
        answer = self.transport(body, headers)
        delivery.tries.append(answer)
        return answer

    def _post(self, body: str, headers: dict[str, str]) -> Answer:
        """Over HTTP. An answer that comes after three seconds is none."""
        parts = urlsplit(self.address)
        started = time.monotonic()
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=ANSWER_SECONDS)
        try:
            connection.request("POST", parts.path, body.encode(), {**headers, "User-Agent": "Slackbot 1.0"})
            response = connection.getresponse()
            text = response.read().decode(errors="replace")
        except TimeoutError:
            return Answer(0, seconds=time.monotonic() - started, reason="http_timeout")
        except (OSError, http.client.HTTPException):
            return Answer(0, seconds=time.monotonic() - started, reason="connection_failed")
        finally:
            connection.close()
        seconds = time.monotonic() - started
        if seconds > ANSWER_SECONDS:
            return Answer(0, text, seconds=seconds, reason="http_timeout")
        kept = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, text, kept, seconds, "" if response.status < 300 else "http_error")


def request_of(delivery: Delivery) -> tuple[str, dict[str, str]]:
    """Body and headers over HTTP: events are JSON, the others forms."""
    if delivery.kind == "events_api":
        body, content_type = json.dumps(delivery.payload), JSON
    elif delivery.kind == "interactive":
        body, content_type = urlencode({"payload": json.dumps(delivery.payload)}), FORM
    else:
        body, content_type = urlencode(delivery.payload), FORM
    return body, {**signed(body), "Content-Type": content_type}
