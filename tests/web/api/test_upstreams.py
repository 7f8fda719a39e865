"""Admins see the servers behind a real gateway, what may be done with their tools, and why."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from sahur.accounts.models import User
from sahur.issues import models
from sahur_mcp.app import create_app
from sahur_mcp.config import BrokenUpstream, Config, DisabledUpstream
from tests.fakes.internal import serve
from tests.services import free_port
from tests.web.api.conftest import TestClient

pytestmark = pytest.mark.django_db

TOKEN = "token-of-server-and-gateway"
PROBLEM = "It cannot be started.\nTraceback: what it said last"


@pytest.fixture
def gateway(tmp_path: Path, settings) -> Iterator[None]:
    entries = {"sentry": BrokenUpstream(problem=PROBLEM), "github": DisabledUpstream()}
    config = Config(internal_token=TOKEN, repository_dir=tmp_path, spool_dir=tmp_path / "spool", upstreams=entries)
    settings.INTERNAL_TOKEN = TOKEN
    with serve(create_app(config)) as url:
        settings.MCP_URL = f"{url}/mcp"
        yield


def receipt(team, status: str, hours: int = 1) -> None:
    at = timezone.now() - timedelta(hours=hours)
    models.Receipt.objects.create(
        id=uuid.uuid4(), team=team, caller="x", upstream="code", tool="code__read", status=status, called_at=at
    )


def shown(user: User) -> dict[str, dict]:
    told = TestClient().sign_in(user).get("/api/upstreams/").json()
    return {each["name"]: each for each in told["upstreams"]}


def test_each_upstream_has_its_state_and_each_tool_its_reason(gateway, admin):
    found = shown(admin)
    assert (found["code"]["state"], found["code"]["is_well"], found["github"]["state"]) == ("ready", True, "disabled")
    tools = {tool["name"]: (tool["permission"], tool["reason"]) for tool in found["issues"]["tools"]}
    assert tools["search"] == ("allow", "It only reads.")
    assert tools["create_issue"] == ("ask", "It may change something.")


def test_what_a_program_said_last_is_for_staff_only(gateway, admin):
    assert shown(admin)["sentry"]["problem"] == "It cannot be started."
    assert shown(User.objects.create_superuser("sam"))["sentry"]["problem"] == PROBLEM


def test_calls_are_counted_for_ones_own_teams_and_for_staff_of_all(gateway, admin, team, other_team):
    receipt(team, "ok")
    receipt(team, "error")
    receipt(team, "error", hours=30)
    receipt(other_team, "ok")
    code = shown(admin)["code"]
    assert (code["calls"], code["errors"]) == (2, 1)
    assert shown(User.objects.create_superuser("sam"))["code"]["calls"] == 3


def test_a_gateway_that_is_away_is_told_with_what_to_do(admin, client, settings):
    settings.INTERNAL_TOKEN = TOKEN
    settings.MCP_URL = f"http://127.0.0.1:{free_port()}/mcp"
    answer = TestClient().sign_in(admin).get("/api/upstreams/")
    assert (answer.status_code, answer.json()["code"]) == (503, "gateway_unavailable")
    assert answer.json()["next_step"]
    assert client.get("/api/upstreams/").status_code == 403
