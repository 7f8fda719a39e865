"""Other agents use SAHUR: with an API token, through the gateway, with any MCP client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import mcp.types as types
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from tests.e2e.follow import file_issue, wait_until_ended
from tests.e2e.system import System

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("running system")]


@asynccontextmanager
async def agent(system: System, key: str) -> AsyncIterator[Client]:
    async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {key}"}, timeout=60, trust_env=False) as http:
        transport = streamable_http_client(system.env["SAHUR_MCP_URL"], http_client=http)
        async with Client(transport, mode="2026-07-28", cache=None) as client:
            yield client


async def call(system: System, key: str, tool: str, **arguments: Any) -> types.CallToolResult:
    async with agent(system, key) as client:
        return await client.call_tool(tool, arguments)


def data(result: types.CallToolResult) -> dict[str, Any]:
    assert not result.is_error, result.content
    return dict(result.structured_content or {})


def text(result: types.CallToolResult) -> str:
    return "".join(block.text for block in result.content if isinstance(block, types.TextContent))


def token(system: System, **wanted: Any) -> dict[str, Any]:
    with system.client() as client:
        made = client.post("/api/tokens/", json={"name": "agent"} | wanted)
        made.raise_for_status()
        return dict(made.json())


async def test_an_agent_files_an_issue_follows_it_and_others_find_its_resolution(system: System) -> None:
    key = token(system, tools=["issues__*"])["key"]
    async with agent(system, key) as client:
        names = {tool.name for tool in (await client.list_tools()).tools}
    assert names == {"issues__search", "issues__read", "issues__create_issue", "issues__add_message"}
    report = {"title": "Zeppelin cannot land", "body": "AnchorError: no mast", "idempotency_key": "zeppelin-1"}
    filed = [data(await call(system, key, "issues__create_issue", **report)) for _ in range(2)]
    assert (filed[0]["key"], filed[0]["is_new"], filed[1]["is_new"]) == (filed[1]["key"], True, False)
    with system.client() as person:
        issue = person.get(f"/api/issues/{filed[0]['key']}/").json()
        assert (issue["reporter"], issue["source"], len(issue["runs"])) == ("rita", "api", 1)
        wait_until_ended(person, issue["run"]["id"])
        closed = {"status": "closed", "resolution": "The mast was raised."}
        person.patch(f"/api/issues/{issue['key']}/", json=closed).raise_for_status()
    found = data(await call(system, key, "issues__search", query="zeppelin AnchorError"))["issues"]
    assert [(each["key"], each["resolution"]) for each in found] == [(issue["key"], "The mast was raised.")]
    read = data(await call(system, key, "issues__read", issue=issue["key"]))
    assert (read["body"], read["solution"]["verdict"]) == ("AnchorError: no mast", "inconclusive")
    said = data(await call(system, key, "issues__add_message", issue=issue["key"], text="It came back."))
    assert (said["run"], said["status"]) == (2, "carried_over")


async def test_a_token_does_what_its_role_and_its_tools_allow_until_it_is_revoked(system: System) -> None:
    reader = token(system, role="viewer")
    refused = await call(system, reader["key"], "issues__create_issue", body="x")
    assert refused.is_error
    assert "needs the role responder" in text(refused)
    narrow = token(system, tools=["code__*"])
    assert "no tool" in text(await call(system, narrow["key"], "issues__search"))
    assert not (await call(system, reader["key"], "issues__search")).is_error
    with system.client() as person:
        person.delete(f"/api/tokens/{reader['id']}/").raise_for_status()
    with pytest.raises(BaseExceptionGroup):
        await call(system, reader["key"], "issues__search")
    sent = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    headers = {"Authorization": f"Bearer {reader['key']}", "Accept": "application/json, text/event-stream"}
    assert httpx2.post(system.env["SAHUR_MCP_URL"], json=sent, headers=headers, trust_env=False).status_code == 401


ATTEMPT = """
from datetime import timedelta
from django.utils import timezone
from sahur.accounts.models import User
from sahur.batch.tokens import sign
from sahur.issues import models
from sahur.issues.services.runs import Claim
from sahur_core.issues import Stage
from sahur_core.tools.policy import arguments_hash
run, arguments = models.Run.objects.select_related("issue").get(pk=%r), %r
models.RunLease.objects.filter(run=run).update(attempt=9, lease_until=timezone.now() + timedelta(minutes=5))
models.InputRequest.objects.create(
    run=run, kind="approval", prompt="?", tool="issues__create_issue", arguments=arguments,
    arguments_hash=arguments_hash(arguments), decision="approve", answered_by="rita",
    answered_by_user=User.objects.get(username="rita"), answered_at=timezone.now(),
)
print(sign(Claim(run, Stage.ANALYZE, 9)))
"""
"""What a worker does before it calls an approved tool: it owns the run, a person has answered, the token is signed."""


async def test_a_run_files_an_issue_once_in_the_name_of_who_approved_it(system: System) -> None:
    with system.client() as person:
        issue = file_issue(person, "Balloon sinks", "BallastError")
        wait_until_ended(person, issue["run"]["id"])
    approved = {"title": "Ballast is too heavy", "body": "Found on the way."}
    made = system.manage("shell", "-v", "0", "-c", ATTEMPT % (issue["run"]["id"], approved))
    key = made.stdout.strip()
    assert key, made.stderr
    assert data(await call(system, key, "issues__search", query="balloon"))["issues"] == []
    other = await call(system, key, "issues__create_issue", **approved | {"body": "Something else."})
    assert "Nobody has approved this call" in text(other)
    filed = data(await call(system, key, "issues__create_issue", **approved))
    assert "already used" in text(await call(system, key, "issues__create_issue", **approved))
    with system.client() as person:
        assert person.get(f"/api/issues/{filed['key']}/").json()["reporter"] == f"rita, through run {issue['key']}/1"


async def test_an_agent_reads_the_runbooks_of_its_team(system: System) -> None:
    for name, words in (
        ("landing.md", "Raise the mast."),
        ("teams/SAH/oncall.md", "Ring Rita."),
        ("teams/OTH/oncall.md", "Ring Olga."),
    ):
        file = system.folder / "runbooks" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"# {name}\n\n{words}\n")
    key = token(system)["key"]
    listed = data(await call(system, key, "runbooks__list"))["runbooks"]
    assert [each["path"] for each in listed] == ["landing.md", "teams/SAH/oncall.md"]
    assert "Raise the mast." in text(await call(system, key, "runbooks__search", query="mast"))
    assert (await call(system, key, "runbooks__read", path="teams/OTH/oncall.md")).is_error
