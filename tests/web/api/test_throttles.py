"""Callers are counted; a lost cache lets them pass."""

import time

import pytest

from sahur.api.throttles import AnonThrottle, UserThrottle
from tests.services import free_port

pytestmark = pytest.mark.django_db


def test_everybody_is_throttled_by_address(anonymous, monkeypatch):
    monkeypatch.setattr(AnonThrottle, "rate", "2/min", raising=False)
    answers = [anonymous.get("/api/auth/me/") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].json()["code"] == "throttled"
    assert int(answers[-1]["Retry-After"]) > 0


def test_user_is_throttled_over_all_clients(client, responder, monkeypatch):
    from tests.web.api.conftest import TestClient

    monkeypatch.setattr(UserThrottle, "rate", "2/min", raising=False)
    other = TestClient().sign_in(responder)
    assert [each.get("/api/issues/").status_code for each in (client, other, client)] == [200, 200, 429]


def test_a_clock_that_jumped_back_locks_nobody_out(client, monkeypatch):
    monkeypatch.setattr(UserThrottle, "rate", "2/min", raising=False)
    monkeypatch.setattr(UserThrottle, "timer", lambda _: time.time() + 3600)
    assert [client.get("/api/issues/").status_code for _ in range(3)] == [200, 200, 429]
    monkeypatch.setattr(UserThrottle, "timer", lambda _: time.time())
    assert [client.get("/api/issues/").status_code for _ in range(3)] == [200, 200, 429]


def test_without_the_counts_requests_pass_and_the_log_says_so(client, settings, caplog):
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": f"redis://127.0.0.1:{free_port()}/0"}}
    assert client.get("/api/issues/").status_code == 200
    assert "Redis/Valkey does not answer" in caplog.text
