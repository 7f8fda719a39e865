"""What a load balancer is told."""

import socket

import pytest
from django.db.migrations.recorder import MigrationRecorder

from sahur.api import health
from tests.services import free_port

pytestmark = pytest.mark.django_db


def test_live_asks_nobody(anonymous, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = anonymous.get("/api/health/live/")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "checks": {}})


def test_ready_needs_database_and_redis_only(anonymous, settings):
    settings.MCP_URL = f"http://127.0.0.1:{free_port()}/mcp"
    answer = anonymous.get("/api/health/ready/")
    assert answer.status_code == 200
    assert answer.json()["checks"] == {"database": "ok", "redis": "ok", "gateway": "does not answer"}


def test_gateway_that_listens_is_told(anonymous, settings):
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.MCP_URL = f"http://127.0.0.1:{server.getsockname()[1]}/mcp"
        assert health.check_gateway() == "ok"


def test_without_redis_it_is_not_ready(anonymous, settings):
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    answer = anonymous.get("/api/health/ready/")
    assert (answer.status_code, answer.json()["status"]) == (503, "unavailable")
    assert answer.json()["checks"]["redis"] == "does not answer"


def test_missing_migration_is_not_ready(anonymous):
    MigrationRecorder.Migration.objects.filter(app="accounts").latest("name").delete()
    answer = anonymous.get("/api/health/ready/")
    assert answer.status_code == 503
    assert "manage.py migrate" in answer.json()["checks"]["database"]
