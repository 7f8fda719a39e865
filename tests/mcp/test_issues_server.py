"""What the `issues` server passes on: the team's own issues, refusals in words, and writes with their grant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sahur_mcp.servers import issue_schemas
from tests.mcp.conftest import RUN, TEAM, Gateway, GatewayMaker
from tests.mcp.test_upstreams import status_of, text_of

USER = "sahur_" + "k" * 40
NEW = {"title": "Disk is full", "body": "No space left on device"}
FACT = {
    "id": "e",
    "number": 2,
    "statement": "rates.py has no CHF",
    "receipt_id": "r",
    "tool": "code__read",
    "path": "rates.py",
    "line": 7,
}
GRANT = {"granted": True, "reason": "", "effect_key": "tool.call:1"}


def an_issue(key: str, title: str, team: int = TEAM, run: str = "", **changes: Any) -> dict[str, Any]:
    whole = {
        "team": team, "run": run, "key": key, "title": title, "status": "closed", "repository": "shop", "url": f"http://sahur/{key}/",
        "reporter": "Rita", "created_at": "2026-01-02T03:04:05+00:00", "closed_at": None, "resolution": "The rate was added.",
        "verdict": "likely", "summary": "Rates are missing.", "root_cause": "No rate for CHF.", "has_all": True,
        "body": "KeyError: 'CHF'", "body_chars": 15, "next_offset": None, "solved_by_run": 2,
        "solution": {
            "verdict": "likely", "summary": "Rates are missing.", "root_cause": "No rate for CHF.", "next_step": "Add it.",
            "claims": [{"statement": "The key is not there.", "evidence": [2]}],
        },
        "evidence": [FACT],
        "runs": [{"number": 2, "status": "succeeded", "verdict": "likely", "asked_by": "Rita", "ended_at": None}],
    }  # fmt: skip
    return whole | changes


@pytest.fixture(scope="module")
def running(shared_gateways: GatewayMaker) -> Gateway:
    return shared_gateways.start()


@pytest.fixture
def gateway(running: Gateway) -> Iterator[Gateway]:
    running.internal.issues = [an_issue("SAH-1", "Checkout fails"), an_issue("OTH-1", "Checkout fails", team=8)]
    running.internal.users[USER] = {"active": True, "team_ids": [TEAM], "user": "ada", "role": "responder", "token": "t-1"}
    yield running
    running.internal.written.clear()
    running.internal.grants_asked.clear()
    running.internal.grant = running.internal.problem = None
    running.internal.is_down = False


async def test_search_finds_issues_of_the_callers_team_with_what_came_out(gateway: Gateway) -> None:
    result = await gateway.call("issues__search", {"query": "checkout"})
    found = (result.structured_content or {})["issues"]
    assert [each["key"] for each in found] == ["SAH-1"]
    for told in ("SAH-1", "resolved: The rate was added.", "likely: Rates are missing.", "root cause: No rate for CHF."):
        assert told in text_of(result)
    assert (result.meta or {})["sahur/untrusted"] is True


async def test_search_does_not_show_a_run_its_own_issue(gateway: Gateway) -> None:
    gateway.internal.issues.append(an_issue("SAH-2", "Checkout again", run=RUN))
    result = await gateway.call("issues__search", {"query": "checkout"})
    assert [each["key"] for each in (result.structured_content or {})["issues"]] == ["SAH-1"]


async def test_nothing_found_is_no_data(gateway: Gateway) -> None:
    assert status_of(await gateway.call("issues__search", {"query": "mail"})) == "no_data"


async def test_what_only_some_words_found_is_told_apart(gateway: Gateway) -> None:
    gateway.internal.issues.append(an_issue("SAH-3", "Checkout slow", has_all=False))
    text = text_of(await gateway.call("issues__search", {"query": "checkout"}))
    assert text.index("SAH-1") < text.index("With some of the words only:") < text.index("SAH-3")


async def test_read_gives_report_solution_and_evidence(gateway: Gateway) -> None:
    text = text_of(await gateway.call("issues__read", {"issue": "SAH-1"}))
    for told in ("KeyError: 'CHF'", "The key is not there. [2]", "[2] rates.py has no CHF (rates.py:7)", "2: succeeded, likely"):
        assert told in text


async def test_read_tells_how_to_go_on_and_that_the_issue_is_the_runs_own(gateway: Gateway) -> None:
    gateway.internal.issues.append(an_issue("SAH-4", "Long", run=RUN, next_offset=20_000))
    text = text_of(await gateway.call("issues__read", {"issue": "SAH-4"}))
    assert "ask with offset 20000" in text
    assert "no precedent of itself" in text


@pytest.mark.parametrize("key", ["OTH-1", "SAH-99", "../tokens", "SAH-1/../..", "a?team=8"])
async def test_issues_that_are_not_the_teams_are_not_there(gateway: Gateway, key: str) -> None:
    result = await gateway.call("issues__read", {"issue": key})
    assert (status_of(result), result.structured_content) == ("error", None)


async def test_reading_needs_no_grant_and_writing_does(gateway: Gateway) -> None:
    tools = await gateway.list_tools()
    reads = {
        name: bool(tool.annotations and tool.annotations.read_only_hint) for name, tool in tools.items() if "issues__" in name
    }
    assert reads == {f"issues__{tool.name}": tool.only_reads for tool in issue_schemas.TOOLS}
    gateway.internal.grant = {"granted": False, "reason": "Nobody has approved this call."}
    result = await gateway.call("issues__create_issue", NEW)
    assert (status_of(result), gateway.internal.written) == ("denied", [])


@pytest.mark.parametrize("token", ["", USER])
async def test_a_granted_write_names_its_grant_and_exactly_what_was_granted(gateway: Gateway, token: str) -> None:
    gateway.internal.grant = GRANT
    result = await gateway.call("issues__create_issue", NEW, token=token)
    assert (status_of(result), "Filed SAH-9; run 1" in text_of(result)) == ("ok", True)
    assert gateway.internal.written == [("/internal/issues/", {"effect_key": "tool.call:1", "arguments": NEW})]
    (asked,) = gateway.internal.grants_asked
    assert (asked.get("token"), asked.get("run")) == (("t-1", None) if token else (None, RUN))


async def test_a_message_is_passed_on(gateway: Gateway) -> None:
    gateway.internal.grant = GRANT
    said = {"issue": "SAH-9", "text": "It began at noon."}
    result = await gateway.call("issues__add_message", said)
    assert text_of(result) == "Run 1 of SAH-9 reads it before its next step."
    assert gateway.internal.written == [("/internal/messages/", {"effect_key": "tool.call:1", "arguments": said})]


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (400, {"detail": "The report is empty.", "next_step": "Say what went wrong.", "field": "body"}, "Say what went wrong."),
        (403, {"detail": "The token was revoked.", "next_step": "Make another one."}, "Make another one."),
        (409, {"detail": "This idempotency key was used.", "next_step": "Use a new key."}, "Use a new key."),
        (500, {"detail": "secret inside"}, "status 500"),
    ],
)
async def test_a_refusal_comes_in_the_servers_words(gateway: Gateway, status: int, body: dict[str, Any], told: str) -> None:
    gateway.internal.grant, gateway.internal.problem = GRANT, (status, body)
    result = await gateway.call("issues__create_issue", NEW)
    assert (status_of(result), told in text_of(result), "secret" in text_of(result)) == ("error", True, False)


async def test_a_write_whose_answer_was_lost_is_sent_once_more_with_the_same_grant(gateway: Gateway) -> None:
    gateway.internal.grant, gateway.internal.problem = GRANT, (502, {})
    result = await gateway.call("issues__create_issue", NEW)
    assert "Whether it was done is not known" in text_of(result)
    assert [written["effect_key"] for _, written in gateway.internal.written] == ["tool.call:1"] * 2


async def test_while_the_server_is_away_the_model_is_told_so(gateway: Gateway) -> None:
    gateway.internal.is_down = True
    assert "status 503" in text_of(await gateway.call("issues__search", {"query": "checkout"}))
