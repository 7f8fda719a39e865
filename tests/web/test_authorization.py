"""The authorization matrix: every address, method, socket command and gateway tool, for every role.

Its lines are generated from the code's own registries; what each role must get follows from `authorization.py`.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from sahur.accounts import services
from sahur.accounts.actor import Actor, actor_for
from sahur.accounts.authorization import COMMANDS, SANDBOX_TOOLS, SOCKETS, TOOLS, URLS, Access
from sahur.accounts.models import MemberRole, User
from sahur.batch import slack_people
from sahur.issues import models, selectors
from sahur.websockets import commands, routing
from sahur_core.errors import NotFound, NotPermitted
from sahur_core.tools.policy import Permission, Policy
from sahur_core.tools.risk import Risk, tool_risk
from sahur_mcp.app import own_upstreams
from sahur_mcp.config import Config
from sahur_mcp.proxy.internal import InternalApi
from sahur_mcp.proxy.records.kept import KeptResults
from tests.web.conftest import USUAL_BUDGET, make_user

pytestmark = pytest.mark.django_db

ROLES = ["anonymous", "viewer", "responder", "admin", "stranger", "staff"]
PASSWORD = "correct horse battery"


def routes(patterns: Any = None, prefix: str = "/") -> Iterator[tuple[str, Any]]:
    """Every address with its view: `/api/runs/{run_id}/`."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        here = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, here)
        elif isinstance(pattern, URLPattern):
            yield simplified(here), pattern.callback


def simplified(route: str) -> str:
    route = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", route.replace("^", "").replace("$", ""))
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route)


def lines() -> list[tuple[str, str, str]]:
    """Method, address, and the line of the table that must be there for it."""
    found = []
    for route, view in routes():
        methods = getattr(getattr(view, "cls", None), "http_method_names", None)
        if route.startswith("/admin/") and f"ANY {route}" not in URLS:
            found += [(method, route, "ANY /admin/*") for method in ("get", "post")]
        elif methods is None:
            found += [(method, route, f"ANY {route}") for method in ("get", "post")]
        else:
            for method in methods:
                if method not in ("head", "options") and hasattr(view.cls, method):
                    found.append((method, route, f"{method.upper()} {route}"))
    return found


def test_every_address_and_method_has_a_rule_and_no_rule_is_stale():
    assert {line for _, _, line in lines()} == set(URLS)


def test_every_socket_command_and_tool_has_a_rule_and_no_rule_is_stale():
    assert {simplified(f"/{each.pattern}") for each in routing.websocket_urlpatterns} == set(SOCKETS)
    assert set(commands.COMMANDS) == set(COMMANDS)
    api = InternalApi("http://127.0.0.1:9", "")
    for has_sandbox, known in ((False, set(TOOLS)), (True, {*TOOLS, *SANDBOX_TOOLS})):
        config = Config(repository_dir=Path("nowhere"), spool_dir=Path("nowhere"), has_sandbox=has_sandbox)
        own = own_upstreams(config, api, KeptResults(api))
        assert {f"{upstream.name}__{tool}" for upstream in own for tool in upstream.tools} == known


@pytest.fixture
def world(team, other_team):
    """One of everything that team SAH owns, and one person for each role."""
    people: dict[str, User | None] = {
        "anonymous": None,
        "viewer": make_user("vera", team, MemberRole.VIEWER),
        "responder": make_user("rita", team, MemberRole.RESPONDER),
        "admin": make_user("adam", team, MemberRole.ADMIN),
        "stranger": make_user("olga", other_team, MemberRole.ADMIN),
        "staff": User.objects.create_superuser("sam", password=PASSWORD),
    }
    return SimpleNamespace(people=people)


@pytest.fixture
def things(run, world):
    asked = models.InputRequest.objects.create(run=run, kind="question", prompt="Where?")
    said = models.Message.objects.create(run=run, role="user", status="queued", text="Look here.", author_name="rita")
    receipt = models.Receipt.objects.create(
        id=uuid.uuid4(),
        team=run.issue.team,
        run=run,
        caller="x",
        upstream="code",
        tool="code__read",
        status="ok",
        is_read=True,
        called_at=timezone.now(),
    )
    repository = models.Repository.objects.create(team=run.issue.team, name="till", source="https://github.com/example/till.git")
    end_of_gathering(run)
    models.SlackWorkspace.objects.create(workspace_id="T0FAKE", team=run.issue.team, guest_role="viewer", installed_by="x")
    models.SlackChannel.objects.create(workspace_id="T0FAKE", channel_id="C0GENERAL")
    person = models.SlackUser.objects.create(workspace_id="T0FAKE", user_id="U0RITA", name="Rita")
    return {
        "person_id": person.id,
        "workspace_id": "T0FAKE",
        "channel_id": "C0GENERAL",
        "repository_id": repository.id,
        "key": run.issue.key,
        "run_id": run.id,
        "input_request_id": asked.id,
        "message_id": said.id,
        "receipt_id": receipt.id,
        "token_id": uuid.uuid4(),
        "view_id": uuid.uuid4(),
        "team_id": run.issue.team_id,
        "user_id": world.people["responder"].pk,
    }


def end_of_gathering(run: models.Run) -> None:
    """The run failed after its first stage: another one can go on from there."""
    models.Run.objects.filter(id=run.id).update(status="failed", stage="analyze")
    checkpoint = {"id": "1", "channel_values": {"finished_stage": "gather_context"}}
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into checkpoints (thread_id, checkpoint_id, checkpoint, metadata) values (%s, '1', %s, %s)",
            [str(run.id), json.dumps(checkpoint), json.dumps({"source": "loop"})],
        )


def body_of(line: str, user: User | None) -> dict[str, Any]:
    """A body that only the role can make fail."""
    return {
        "POST /api/auth/login/": {"username": user.username if user else "vera", "password": PASSWORD},
        "POST /api/auth/password/": {"old_password": PASSWORD, "new_password": "another long password"},
        "POST /api/issues/": {"title": "x", "body": "y", "team": "SAH"},
        "PATCH /api/issues/{key}/": {"status": "closed"},
        "POST /api/issues/seen/": {"keys": ["SAH-1"]},
        "POST /api/issues/close/": {"keys": ["SAH-1"]},
        "POST /api/views/": {"name": "Mine"},
        "POST /api/runs/{run_id}/messages/": {"text": "hello"},
        "POST /api/runs/{run_id}/branch/": {"message": "What if?"},
        "PUT /api/runs/{run_id}/feedback/": {"vote": 1},
        "POST /api/inputs/{input_request_id}/answer/": {"decision": "respond", "answer": "there"},
        "POST /api/repositories/": {"source": "https://github.com/example/shop.git", "team": "SAH"},
        "PUT /api/repositories/{repository_id}/credential/": {"username": "sahur", "token": "only-for-tests"},
        "PUT /api/models/prices/{name}/": {"input": 1, "output": 2},
        "POST /api/tokens/": {"name": "ci"},
        "POST /api/teams/": {"key": "NEW", "name": "New"},
        "PATCH /api/teams/{team_id}/": {"name": "New", "was": "SAHUR"},
        "PUT /api/teams/{team_id}/budget/": USUAL_BUDGET,
        "POST /api/teams/{team_id}/members/": {"username": "olga"},
        "PATCH /api/teams/{team_id}/members/{user_id}/": {"role": "viewer", "was": "responder"},
        "POST /api/people/": {"username": "nina"},
        "POST /api/slack/channels/": {"workspace": "T0FAKE", "channel": "C0ALERTS"},
        "PUT /api/slack/workspaces/{workspace_id}/guest-role/": {"role": "responder", "was": "viewer"},
        "POST /api/slack/links/": {"ticket": slack_people.link_ticket("T0FAKE", "U0RITA", handle="rita", domain="fake")},
        "POST /api/slack/links/preview/": {"ticket": slack_people.link_ticket("T0FAKE", "U0RITA", handle="rita", domain="fake")},
        "POST /internal/receipts/": {"receipts": []},
    }.get(line, {})


class Asker:
    """One role at the doors. Every question starts from the same session and leaves the database as it was."""

    def __init__(self, user: User | None) -> None:
        self.user = user
        self.client = Client(raise_request_exception=False)
        if user is not None:
            self.client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        self.cookies = self.client.cookies.output()

    def ask(self, method: str, route: str, line: str, things: dict[str, Any]) -> Any:
        """The real answer of the server."""
        cache.clear()
        self.client.cookies = SimpleCookie(self.cookies.replace("Set-Cookie: ", ""))
        return asked(self.client, method, route, line, self.user, things)


def asked(client: Client, method: str, route: str, line: str, user: User | None, things: dict[str, Any]) -> Any:
    with transaction.atomic():
        own = {"token_id": services.create_api_token(user, "own", by="x")[0].pk} if user and "{token_id}" in route else {}
        if user and "{view_id}" in route:
            own["view_id"] = models.SavedView.objects.create(user=user, name="own").pk
        path = re.sub(r"\{(\w+)\}", lambda name: str({**things, **own}.get(name[1], "1")), route).replace(".*", "nothing-here")
        path += f"?with={things['run_id']}" if path.endswith("/difference/") else ""
        path += "?team=SAH" if path == "/slack/install" else ""
        options = {} if method in ("get", "delete") else {"data": body_of(line, user), "content_type": "application/json"}
        answer = getattr(client, method)(path, **options)
        transaction.set_rollback(True)
    return answer


def fault(access: Access, role: str, answer: Any, line: str) -> str:
    """What is wrong with the answer, empty if it is as the rule says."""
    expected: set[int] | None
    member = role in ("viewer", "responder", "admin")
    if access is Access.ANYONE:
        return f"{answer.status_code}" if answer.status_code in (401, 403) else ""
    if access is Access.INSTALLER:
        return installer_fault(role, answer)
    if access in (Access.GATEWAY, Access.SLACK, Access.WEBHOOK):
        expected = {401, 403, 404, 405} if access is Access.SLACK else {401}
    elif line.partition("/api/")[1] and access in (Access.STAFF, Access.ANY_ADMIN):
        let_in = ("staff",) if access is Access.STAFF else ("staff", "admin", "stranger")
        expected = None if role in let_in else {401} if role == "anonymous" else {403}
    elif access is Access.STAFF:
        to_login = answer.status_code == 302 and answer["Location"].startswith("/admin/login/")
        if role == "staff":
            return "sent to sign in" if to_login or answer.status_code in (401,) else ""
        return "" if to_login or answer.status_code == 403 else f"{answer.status_code}"
    elif role == "anonymous":
        expected = {401}
    elif access is Access.WORKSPACE_ADMIN:
        expected = None if role in ("admin", "staff") else {403} if member else {404}
    elif access is Access.SIGNED_IN or (member and MemberRole(role).includes(MemberRole(access.value))):
        expected = None
    else:
        expected = {403} if member else {404}
    if expected is None:
        # Let in, and then told that nobody answers at the gateway's address.
        is_through = answer.status_code < 400 or answer.json().get("code") == "gateway_unavailable"
        return "" if is_through else f"{answer.status_code} {answer.content[:200]!r}"
    return "" if answer.status_code in expected else f"{answer.status_code}, not one of {sorted(expected)}"


def installer_fault(role: str, answer: Any) -> str:
    if answer.status_code == 405:
        return ""
    to = answer.get("Location", "").partition("?")[0]
    if role == "anonymous":
        return "" if to == "/login/" else f"{answer.status_code} {to}"
    if role in ("admin", "staff"):
        return "" if to.endswith("/oauth/v2/authorize") else f"{answer.status_code} {to}"
    expected = 404 if role == "stranger" else 403
    return "" if answer.status_code == expected else f"{answer.status_code}, not {expected}"


@pytest.mark.parametrize("role", ROLES)
def test_real_answers_are_those_of_the_table(role, world, things, settings):
    settings.SLACK_BOT_TOKEN, settings.SLACK_SIGNING_SECRET = "xoxb-only-for-tests", "only-for-tests"
    settings.SLACK_CLIENT_ID, settings.SLACK_CLIENT_SECRET = "1.2", "only-for-tests"
    settings.MCP_URL = "http://127.0.0.1:9/mcp"
    faults = {}
    asker = Asker(world.people[role])
    for method, route, line in lines():
        answer = asker.ask(method, route, line, things)
        wrong = fault(URLS[line], role, answer, line)
        if wrong:
            faults[f"{method} {route}"] = wrong
    assert faults == {}


@pytest.mark.parametrize("path", ["/api/issues/", "/api/receipts/", "/api/repositories/", "/api/tokens/", "/api/views/"])
def test_lists_show_nothing_of_other_teams(path, world, things, team):
    models.Repository.objects.create(team=team, name="shop", source="https://github.com/example/shop.git")
    services.create_api_token(world.people["admin"], "ci", by="x")
    models.SavedView.objects.create(user=world.people["admin"], name="Ours")
    client = Client()
    client.force_login(world.people["stranger"], backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(path).json()["results"] == []


def frame_of(command: str, things: dict[str, Any]) -> dict[str, Any]:
    fields = {
        "message.send": {"text": "hello", "run_id": str(things["run_id"])},
        "message.make_urgent": {"run_id": str(things["run_id"]), "message_id": str(things["message_id"])},
        "input.answer": {"input_request_id": str(things["input_request_id"]), "decision": "respond", "answer": "there"},
        "run.stop": {"run_id": str(things["run_id"])},
        "run.start": {"issue_key": things["key"]},
        "run.resume": {"run_id": str(things["run_id"])},
        "run.branch": {"run_id": str(things["run_id"]), "message": "What if?"},
    }
    return {"client_id": "c-1", "command": command, **fields[command]}


@pytest.mark.parametrize("role", [role for role in ROLES if role != "anonymous"])
@pytest.mark.parametrize("command", COMMANDS)
def test_socket_commands_answer_as_the_table_says(command, role, world, things):
    actor = actor_for(world.people[role])
    frame, subject = frame_of(command, things), commands.Subject()
    if role in ("stranger", "staff"):
        with pytest.raises(NotFound):
            commands.perform(actor, frame, subject)
    elif MemberRole(role).includes(MemberRole(COMMANDS[command].value)):
        assert commands.perform(actor, frame, subject)
    else:
        with pytest.raises(NotPermitted):
            commands.perform(actor, frame, subject)


def test_nobody_commands_nothing(things):
    for command in COMMANDS:
        with pytest.raises(NotFound):
            commands.perform(Actor(name="nobody", roles={}), frame_of(command, things), commands.Subject())


def test_sockets_read_through_the_same_scope(world, things):
    for role in ("stranger", "staff"):
        with pytest.raises(NotFound):
            selectors.get_run(actor_for(world.people[role]), things["run_id"])
    assert selectors.get_run(actor_for(world.people["viewer"]), things["run_id"])


@pytest.mark.parametrize("tool", TOOLS)
def test_policy_of_each_tool_is_that_of_the_table(tool):
    permission = Policy().permission(tool, tool_risk(tool, read_only_hint=True))
    assert permission is (Permission.ALLOW if TOOLS[tool] is Access.VIEWER else Permission.ASK)


@pytest.mark.parametrize("risk", [risk for risk in Risk if risk is not Risk.READ])
def test_whatever_does_more_than_read_needs_an_approval(risk):
    assert Policy().permission("github__create_issue", risk) is Permission.ASK
