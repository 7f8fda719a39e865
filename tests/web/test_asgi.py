"""`uvicorn sahur.asgi:application` serves pages and sockets, and ends when it is told to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx2
import pytest
from django.conf import settings as django_settings
from django.test import Client
from websockets.sync.client import connect

from tests.services import free_port
from tests.waiting import wait_for
from tests.web.websockets.conftest import ORIGIN, Socket

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def port() -> Iterator[int]:
    """The port of a server in a process of its own; whatever it writes of an error fails the test."""
    number = free_port()
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{django_settings.DATABASES['default']['NAME']}").geturl()
    command = [sys.executable, "-m", "uvicorn", "sahur.asgi:application", "--lifespan", "on", "--port", str(number)]
    process = subprocess.Popen(
        command, cwd=django_settings.BASE_DIR, env={**os.environ, "DATABASE_URL": database},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        wait_for(lambda: process.poll() is not None or answers(number), 60)
        yield number
    finally:
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=30)
    assert "Traceback" not in output, output
    assert "Application shutdown complete" in output


def answers(port: int) -> bool:
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/slack/events", timeout=5).status_code == 405
    except httpx2.TransportError:
        return False


def test_it_serves_and_ends_with_a_socket_open(port, responder, run):
    client = Client()
    client.force_login(responder)
    cookie = f"{django_settings.SESSION_COOKIE_NAME}={client.cookies[django_settings.SESSION_COOKIE_NAME].value}"
    address = f"ws://127.0.0.1:{port}/ws/runs/{run.id}/"
    with Socket(connect(address, origin=ORIGIN, additional_headers={"Cookie": cookie}, proxy=None, legacy=True)) as socket:
        assert [event["payload"]["kind"] for event in socket.replay()] == ["run.queued"]
        for command in ({"command": "message.send", "text": "Hello"}, {"command": "run.stop"}):
            assert socket.answer(client_id=command["command"], **command)["type"] == "ack"
        assert socket.event("run.canceled")
