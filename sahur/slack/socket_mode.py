"""Slack's events, interactivity and commands over Socket Mode, where Slack cannot reach SAHUR over HTTP.

One connection serves all workspaces that the app is in. Several processes may hold one each: Slack hands each event to one of
them, and what is delivered twice is one row. slack_sdk connects anew by itself, also when Slack asks for it.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable

from django.conf import settings
from django.db import close_old_connections
from slack_bolt import App, BoltResponse
from slack_bolt.adapter.django.handler import DjangoThreadLazyListenerRunner
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from sahur.batch.presence import TELL_SECONDS, Group, Presence
from sahur_core.errors import SlackNotConnected

log = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 60.0
THREADS = 10
"""So many events are taken at once."""
DRAIN_SECONDS = 10.0
"""How long a process that is asked to end goes on with what it has begun."""


class Connection(SocketModeHandler):
    """Takes what Slack sends until it is drained; what comes later is not answered, and Slack delivers it elsewhere."""

    def __init__(self, app: App) -> None:
        # `apps.connections.open` takes the app's token, which the client of the app does not have.
        client = WebClient(token=settings.SLACK_APP_TOKEN, base_url=settings.SLACK_API_URL)
        super().__init__(app, settings.SLACK_APP_TOKEN, web_client=client, concurrency=THREADS)
        app.use(fresh_connections)
        runner = app.listener_runner
        runner.lazy_listener_runner = DjangoThreadLazyListenerRunner(logger=runner.logger, executor=runner.listener_executor)
        self._changed = threading.Condition()
        self._under_way = 0
        self._is_draining = False

    def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        with self._changed:
            if self._is_draining:
                return
            self._under_way += 1
        try:
            super().handle(client, req)
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def connect_patiently(self, stopped: threading.Event) -> None:
        """Connect, however long the network is away. Raises `SlackNotConnected` if Slack refuses the token."""
        pause = FIRST_PAUSE_SECONDS
        while not stopped.is_set():
            # Each address that Slack hands out lets one connection in, also where that then fails.
            self.client.wss_uri = None
            try:
                self.connect()  # type: ignore[no-untyped-call]
                return
            except SlackApiError as error:
                if error.response.status_code < 500 and error.response.get("error") not in ("internal_error", "fatal_error"):
                    raise SlackNotConnected(
                        f"Slack does not let the app connect: {error.response.get('error')}.",
                        next_step="Run `manage.py slack check`.",
                    ) from error
                log.warning("Slack has a fault; trying again in %.0f s", pause)
            except (SlackClientError, OSError) as error:
                log.warning("Slack does not answer (%s); trying again in %.0f s", type(error).__name__, pause)
            stopped.wait(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    def stay(self, stopped: threading.Event) -> None:
        """Tell others that this process is connected, as long as it is, until it is `stopped` (`sahur.batch.presence`).

        While slack_sdk connects anew nothing is told: after some seconds readers see it as lost.
        """
        # Several of a host are several connections.
        presence = Presence(f"runslack-{os.getpid()}", [], THREADS, group=Group.SLACK)
        while not stopped.is_set():
            if self.client.is_connected():
                presence.tell(self._under_way)
            stopped.wait(TELL_SECONDS)
        presence.leave()

    def drain(self) -> None:
        """Finish what is under way, with its answers to Slack and what follows them, and hang up."""
        with self._changed:
            self._is_draining = True
            if not self._changed.wait_for(lambda: self._under_way == 0, timeout=DRAIN_SECONDS):
                log.warning("%d events were not finished; Slack delivers them again", self._under_way)
        self.close()  # type: ignore[no-untyped-call]
        self.app.listener_runner.listener_executor.shutdown(wait=True)


def fresh_connections(next_: Callable[[], BoltResponse]) -> BoltResponse:
    """Socket Mode's threads see no Django request, so nobody else drops database connections that went stale."""
    close_old_connections()
    try:
        return next_()
    finally:
        close_old_connections()
