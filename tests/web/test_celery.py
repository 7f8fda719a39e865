"""A hint may be lost, and holds nobody up."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
from kombu import Connection

from sahur import celery


@pytest.fixture
def connections(monkeypatch) -> Iterator[list[socket.socket]]:
    """A broker that hangs up on everybody: who has come so far."""
    seen: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def hang_up() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                seen.append(connection)
                connection.close()

        threading.Thread(target=hang_up, daemon=True).start()
        options = {"transport_options": {"socket_timeout": 5}}
        monkeypatch.setattr(celery.app, "connection_for_write", lambda: Connection(f"redis://127.0.0.1:{port}/0", **options))
        monkeypatch.setattr(celery, "_away_until", 0.0)
        yield seen
        server.shutdown(socket.SHUT_RDWR)


def test_a_broker_that_does_not_answer_is_not_asked_again_at_once(connections, monkeypatch):
    assert not celery.send_hint("sahur.batch.tasks.deliver_effect", "1", queue="effects")
    asked = len(connections)
    assert asked > 0
    assert not celery.send_hint("sahur.batch.tasks.deliver_effect", "2", queue="effects")
    assert len(connections) == asked
    monkeypatch.setattr(celery, "_away_until", 0.0)
    assert not celery.send_hint("sahur.batch.tasks.deliver_effect", "3", queue="effects")
    assert len(connections) > asked


def test_a_hint_waits_for_the_broker_once():
    assert celery.HINT_TIMEOUTS["max_retries"] == 0
    assert celery.HINT_TIMEOUTS["socket_timeout"] <= 0.5
