"""Still true? A real gateway makes the call again, and its receipt comes back over the real internal endpoints."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
import mcp.types as types
import pytest
from django.conf import settings as current
from django.test import Client as DjangoClient
from django.utils import timezone
from mcp.server import Server

from sahur.accounts import services
from sahur.accounts.models import AuditEntry
from sahur.batch import rechecks
from sahur.batch.tokens import sign_recheck
from sahur.issues import models
from sahur_mcp.app import create_app
from sahur_mcp.config import load_config
from sahur_mcp.proxy.records.receipts import digest_of
from tests.fakes.internal import serve
from tests.mcp.conftest import make_keys

LINES = [f"line {number}" for number in range(100)]


@dataclass
class Weather:
    """A server whose answer changes, with one tool that reads it and one that does not."""

    text: str = "\n".join(LINES)
    is_wrong: bool = False
    changed: list[str] = field(default_factory=list)

    def server(self) -> Server[Any]:
        return Server("weather", on_list_tools=self._list, on_call_tool=self._call)

    async def _list(self, _context: Any, _params: Any) -> types.ListToolsResult:
        schema = {"type": "object", "properties": {"city": {"type": "string"}}}
        hint = types.ToolAnnotations(read_only_hint=True)
        reads = types.Tool(name="get_weather", input_schema=schema, annotations=hint)
        return types.ListToolsResult(tools=[reads, types.Tool(name="set_weather", input_schema=schema)])

    async def _call(self, _context: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        if params.name == "set_weather":
            self.changed.append(params.name)
        text = "no thermometer" if self.is_wrong else self.text
        return types.CallToolResult(content=[types.TextContent(type="text", text=text)], is_error=self.is_wrong)


@pytest.fixture
def weather(live_server: Any, settings: Any, tmp_path: Path) -> Iterator[Weather]:
    """The upstream behind a running gateway that knows this server, which knows the gateway."""
    weather, keys = Weather(), make_keys()
    with serve(weather.server().streamable_http_app(stateless_http=True)) as upstream:
        file = tmp_path / "mcp.json"
        file.write_text(f'{{"mcpServers": {{"weather": {{"url": "{upstream}/mcp"}}}}}}')
        environment = {
            "SAHUR_MCP_CONFIG": str(file),
            "SAHUR_TOKEN_PUBLIC_KEY": keys.public,
            "SAHUR_SERVER_URL": live_server.url,
            "SAHUR_INTERNAL_TOKEN": current.INTERNAL_TOKEN,
            "SAHUR_REPOSITORY_DIR": str(tmp_path / "repositories"),
            "SAHUR_MCP_SPOOL_DIR": str(tmp_path / "spool"),
        }
        with serve(create_app(load_config(environment))) as url:
            settings.MCP_URL, settings.TOKEN_PRIVATE_KEY = f"{url}/mcp", keys.private
            yield weather


def receipt(team: Any, run: Any = None, **more: Any) -> models.Receipt:
    """What was stored when the weather was asked first."""
    text = more.pop("result", "\n".join(LINES))
    digest, size = digest_of(text)
    fields = {"upstream": "weather", "tool": "weather__get_weather", "status": "ok", "is_read": True, "caller": "x"}
    fields |= {"result": text, "result_hash": digest, "result_bytes": size, "arguments": {"city": "Jena"}}
    return models.Receipt.objects.create(id=uuid.uuid4(), team=team, run=run, called_at=timezone.now(), **fields | more)


def recheck(client: Any, of: models.Receipt) -> dict[str, Any]:
    answer = client.send("post", f"/api/receipts/{of.id}/recheck/", {})
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


@pytest.mark.django_db(transaction=True)
def test_same_answer_is_still_true_and_leaves_a_receipt_of_who_asked(weather, client, team, run):
    old = receipt(team, run)
    told = recheck(client, old)
    assert (told["verdict"], told["diff"]) == ("same", "")
    new = models.Receipt.objects.get(pk=told["receipt"]["id"])
    assert (new.repeats, new.run_id, new.attempt, new.team_id) == (old.id, run.id, None, team.pk)
    assert (new.caller, new.arguments, new.is_read) == (f"recheck:{old.id} by rita", {"city": "Jena"}, True)
    entry = AuditEntry.objects.get(action="receipt.rechecked")
    assert (entry.actor, entry.target, entry.team_id) == ("rita", str(old.id), team.pk)


@pytest.mark.django_db(transaction=True)
def test_changed_answer_comes_with_what_has_changed(weather, client, team):
    weather.text = "\n".join([*LINES[:50], "something new", *LINES[51:]])
    told = recheck(client, receipt(team))
    assert told["verdict"] == "changed"
    assert told["diff"].splitlines()[0] == "@@ -48,7 +48,7 @@"
    assert "-line 50\n+something new" in told["diff"]


@pytest.mark.django_db(transaction=True)
def test_a_tool_that_fails_says_nothing_about_the_old_answer(weather, client, team):
    weather.is_wrong = True
    told = recheck(client, receipt(team))
    assert (told["verdict"], told["receipt"]["status"]) == ("failed", "error")
    assert "+no thermometer" in told["diff"]


@pytest.mark.django_db(transaction=True)
def test_gateway_itself_makes_no_writing_call_for_such_a_token(weather, client, team):
    """Even if the server's own record is wrong about what the tool does."""
    told = recheck(client, receipt(team, tool="weather__set_weather"))
    assert (told["verdict"], told["receipt"]["status"], weather.changed) == ("failed", "denied", [])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"is_read": None}, "not known"),
        ({"is_read": False}, "may change something"),
        ({"arguments": {"deep": ["the [redacted: GitHub token] of"]}}, "secret"),
        ({"tool": "files__read_resource"}, "only calls of tools"),
        ({"upstream": "receipts", "tool": "receipts__read"}, "never changes"),
    ],
)
def test_what_may_not_be_made_again_is_refused_with_the_reason(client, team, fields, reason):
    old = receipt(team, **fields)
    answer = client.send("post", f"/api/receipts/{old.id}/recheck/", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert reason in answer.json()["detail"]
    assert client.get(f"/api/receipts/{old.id}/").json()["recheck_refusal"] == answer.json()["detail"]
    assert not AuditEntry.objects.exists()


@pytest.mark.django_db
def test_a_refusal_sends_nobody_to_an_issue_that_there_is_not(client, team, run):
    steps = [
        client.send("post", f"/api/receipts/{receipt(team, of, is_read=False).id}/recheck/", {}).json()["next_step"]
        for of in (run, None)
    ]
    assert ["issue" in step for step in steps] == [True, False]
    assert all(steps)


@pytest.mark.django_db
def test_a_gateway_that_is_away_is_told_in_words(client, team, settings):
    settings.MCP_URL = "http://127.0.0.1:9/mcp"
    answer = client.send("post", f"/api/receipts/{receipt(team).id}/recheck/", {})
    assert (answer.status_code, answer.json()["code"]) == (503, "gateway_unavailable")
    assert "did not answer" in answer.json()["detail"]


@pytest.mark.django_db
def test_no_key_is_told_in_words(client, team, settings):
    settings.TOKEN_PRIVATE_KEY = ""
    answer = client.send("post", f"/api/receipts/{receipt(team).id}/recheck/", {})
    assert (answer.status_code, "SAHUR_TOKEN_PRIVATE_KEY" in answer.json()["next_step"]) == (503, True)


@pytest.mark.django_db
def test_rechecks_are_few_at_once_and_few_a_minute(client, team, settings):
    settings.MCP_URL = "http://127.0.0.1:9/mcp"
    path = f"/api/receipts/{receipt(team).id}/recheck/"
    for _ in range(rechecks.AT_ONCE):
        assert rechecks._slots.acquire(blocking=False)
    try:
        answers = [client.send("post", path, {}) for _ in range(21)]
    finally:
        rechecks._slots.release(rechecks.AT_ONCE)
    assert {answer.status_code for answer in answers} == {429}
    assert ["Others" in answer.json()["detail"] for answer in answers] == [True] * 20 + [False]


@pytest.mark.django_db
def test_token_names_this_one_call_for_a_short_time(team, run, settings):
    token = sign_recheck(receipt(team, run, tool="odd__get_[x]"), "Rita")
    said = jwt.decode(token, options={"verify_signature": False})
    assert (said["tools"], said["run"], said["attempt"], said["repositories"]) == (["odd__get_[[]x]"], str(run.id), None, [])
    assert said["exp"] - time.time() <= 120


@pytest.mark.django_db
def test_a_token_checks_again_only_what_it_may_call(team, responder):
    _, key = services.create_api_token(responder, "narrow", tools=["issues__*"], by="test")
    headers = {"Authorization": f"Bearer {key}"}
    refused = DjangoClient().post(f"/api/receipts/{receipt(team).id}/recheck/", headers=headers)
    assert (refused.status_code, refused.json()["detail"]) == (403, "This token is not for weather__get_weather.")
