"""What only people can give, through the real gateway and worker: approvals of calls that write, and money to go on."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.e2e.follow import all_events, file_issue, kinds, wait_until_ended
from tests.e2e.system import System, make_system
from tests.e2e.tickets import play, served
from tests.fakes.llm_server import KEY
from tests.fakes.openai_server import OpenAIServer
from tests.fakes.repositories import BugCase, build
from tests.fakes.upstream import ForeignServer
from tests.waiting import wait_for

pytestmark = [pytest.mark.timeout(240), pytest.mark.full]

A_CALL = 100 * 2.5e-6 + 20 * 10e-6
"""US dollars: what the fake vendor says each answer took, at the price of gpt-4o."""


@dataclass
class Setting:
    system: System
    foreign: ForeignServer
    model: OpenAIServer
    bug: BugCase

    def ask_for(self, client: httpx2.Client, *texts: str) -> tuple[str, list[dict[str, Any]]]:
        """A run that wants these tickets, once it waits; with its requests."""
        mark = uuid.uuid4().hex[:6]
        run = file_issue(client, f"Tickets {mark}", f"It broke ({mark}), please call {', '.join(texts)}.")["run"]["id"]
        return run, self.waiting(client, run)

    def waiting(self, client: httpx2.Client, run: str) -> list[dict[str, Any]]:
        wait_for(lambda: client.get(f"/api/runs/{run}/").json()["status"] in ("waiting", "failed"), 90, "the run to wait")
        told = client.get(f"/api/runs/{run}/").json()
        assert told["status"] == "waiting", told["failure"]
        return [request for request in told["input_requests"] if not request["answered_by"]]

    def written(self, *texts: str) -> list[str]:
        """What the foreign server was told to write, of these."""
        return [call["arguments"]["text"] for call in self.foreign.written if call["arguments"].get("text") in texts]

    def limit(self, **limits: Any) -> None:
        """What an admin sets for the team; the rest is as in the settings."""
        names = [f"{scope}_{of}" for scope in ("run", "day") for of in ("tokens", "cost_usd", "tool_calls", "seconds")]
        budget = {**dict.fromkeys(names), "ask_at": 0.8, "asks": True, **limits}
        with self.system.client("ada") as admin:
            [team] = [team["id"] for team in admin.get("/api/auth/me/").json()["teams"] if team["key"] == "SAH"]
            answer = admin.put(f"/api/teams/{team}/budget/", json=budget)
        assert answer.status_code == 200, answer.text


@pytest.fixture(scope="module")
def setting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setting]:
    folder: Path = tmp_path_factory.mktemp("people")
    foreign = ForeignServer()
    with ExitStack() as stack:
        model = stack.enter_context(OpenAIServer(play, model="gpt-4o"))
        url = stack.enter_context(served(foreign))
        (folder / "mcp.json").write_text(json.dumps({"mcpServers": {"foreign": {"url": url}}}))
        system = make_system(
            folder,
            SAHUR_MODEL="openai:gpt-4o",
            SAHUR_MODEL_BASE_URL=model.base_url,  # type: ignore[attr-defined]
            SAHUR_MODEL_API_KEY=KEY,
            SAHUR_MCP_CONFIG=str(folder / "mcp.json"),
        )
        stack.callback(system.stop)
        system.start()
        system.wait_until_ready()
        yield Setting(system, foreign, model, build("booking", folder))


def decide(client: httpx2.Client, request: dict[str, Any], decision: str, **fields: Any) -> httpx2.Response:
    body = {"decision": decision, "client_id": uuid.uuid4().hex, "arguments_hash": request["arguments_hash"], **fields}
    return client.post(f"/api/inputs/{request['id']}/answer/", json=body)


def test_of_two_calls_at_once_one_is_made_as_shown_and_one_as_edited(setting: Setting) -> None:
    with setting.system.client() as client:
        run, (first, second) = setting.ask_for(client, "one", "two")
        assert [request["arguments"]["text"] for request in (first, second)] == ["one", "two"]
        assert setting.written("one", "two", "three") == []
        refused = decide(client, second, "edit", arguments={"words": "three"})
        assert (refused.status_code, refused.json()["field"]) == (400, "arguments")
        assert decide(client, first, "approve").status_code == 200
        assert decide(client, second, "edit", arguments={"text": "three"}).status_code == 200
        assert decide(client, second, "approve").status_code == 409
        ended = wait_until_ended(client, run)
    assert ended["status"] == "succeeded", ended["failure"]
    assert setting.written("one", "two", "three") == ["one", "three"]


def test_what_is_rejected_put_off_or_left_alone_is_never_called(setting: Setting) -> None:
    with setting.system.client() as client:
        run, requests = setting.ask_for(client, "reject", "later", "expired")
        assert decide(client, requests[0], "reject").status_code == 200
        assert decide(client, requests[1], "respond", answer="After the release.").status_code == 200
        setting.system.query("update issues_inputrequest set expires_at = now() where id = %s returning id", requests[2]["id"])
        ended = wait_until_ended(client, run)
        found = kinds(all_events(client, run))
        late = decide(client, requests[2], "approve")
    assert ended["status"] == "succeeded", ended["failure"]
    assert setting.written("reject", "later", "expired") == []
    assert (found.count("input.answered"), found.count("input.expired")) == (2, 1)
    assert (late.status_code, "Nobody answered this in time" in late.json()["detail"]) == (409, True)


def test_a_worker_that_dies_between_grant_and_result_writes_once_and_says_so(setting: Setting) -> None:
    setting.foreign.pause_after_write = 4.0
    try:
        with setting.system.client() as client:
            run, [request] = setting.ask_for(client, "once")
            assert decide(client, request, "approve").status_code == 200
            wait_for(lambda: setting.written("once"), 60, "the call to be made")
            setting.system.kill("worker")
            setting.system.start("worker")
            ended = wait_until_ended(client, run)
            results = [event["payload"] for event in all_events(client, run) if event["payload"]["kind"] == "tool_call.finished"]
    finally:
        setting.foreign.pause_after_write = 0.0
    assert ended["status"] == "succeeded", ended["failure"]
    assert setting.written("once") == ["once"]
    assert "nobody knows" in results[-1]["excerpt"].casefold()


def test_what_may_destroy_something_needs_an_admin(setting: Setting) -> None:
    before = len(setting.foreign.written)
    with setting.system.client() as client, setting.system.client("ada") as admin:
        run, [request] = setting.ask_for(client, "delete")
        assert request["answerable_by"] == "admin"
        assert decide(client, request, "approve").status_code == 403
        assert len(setting.foreign.written) == before
        assert decide(admin, request, "approve").status_code == 200
        assert wait_until_ended(client, run)["status"] == "succeeded"
    assert len(setting.foreign.written) == before + 1


def test_a_run_that_is_stopped_closes_its_requests_visibly(setting: Setting) -> None:
    with setting.system.client() as client:
        run, [request] = setting.ask_for(client, "stopped")
        client.post(f"/api/runs/{run}/stop/", json={})
        ended = wait_until_ended(client, run)
        late = decide(client, request, "approve")
    assert ended["input_requests"][0]["superseded_reason"] == "The run was stopped."
    assert (late.status_code, setting.written("stopped")) == (409, [])


def test_a_run_asks_for_money_gets_it_and_answers(setting: Setting) -> None:
    setting.limit(run_cost_usd=A_CALL * 4, ask_at=0.5)
    try:
        with setting.system.client() as client:
            run = file_issue(client, setting.bug.title, setting.bug.body, str(setting.bug.path))["run"]["id"]
            [request] = setting.waiting(client, run)
            spent = client.get(f"/api/runs/{run}/").json()["usage"]
            assert (request["kind"], request["allowed_decisions"]) == ("budget", ["approve", "edit", "reject"])
            assert request["prompt"].startswith("0.0009 of 0.0018 USD spent. Best next check: ")
            assert "(about 0.00045 USD). Go on? A yes allows 0.0009 USD more." in request["prompt"]
            assert spent["cost_usd"] == pytest.approx(A_CALL * 2)
            assert decide(client, request, "edit", arguments={"raise_by": 0.017}).status_code == 200
            ended = wait_until_ended(client, run)
    finally:
        setting.limit()
    assert ended["status"] == "succeeded", ended["failure"]
    assert (ended["solution"]["budget"], ended["verdict"] in ("confirmed", "likely")) == (None, True)
    assert ended["usage"]["cost_usd"] == pytest.approx(A_CALL * ended["usage"]["model_calls"])


def test_at_the_second_rung_no_model_is_asked_and_the_run_says_what_it_knows(setting: Setting) -> None:
    setting.limit(run_cost_usd=A_CALL * 2, ask_at=1.0)
    asked = len(setting.model.requests)
    try:
        with setting.system.client() as client:
            run = file_issue(client, setting.bug.title, setting.bug.body, str(setting.bug.path))["run"]["id"]
            ended = wait_until_ended(client, run)
            found = kinds(all_events(client, run))
    finally:
        setting.limit()
    assert ended["status"] == "succeeded", ended["failure"]
    assert len(setting.model.requests) - asked == 2
    assert (ended["solution"]["budget"]["rung"], ended["solution"]["budget"]["measure"]) == (2, "cost_usd")
    assert "0.0009 of 0.0009 USD spent" in ended["solution"]["summary"]
    assert found.count("budget.reached") == 1


def test_a_team_whose_day_is_used_up_still_hears_where_to_look(setting: Setting) -> None:
    setting.limit(day_cost_usd=1e-6)
    asked = len(setting.model.requests)
    try:
        with setting.system.client() as client:
            run = file_issue(client, setting.bug.title, setting.bug.body, str(setting.bug.path))["run"]["id"]
            ended = wait_until_ended(client, run)
            [team] = [team["id"] for team in client.get("/api/auth/me/").json()["teams"]]
            used = client.get(f"/api/teams/{team}/usage/").json()
    finally:
        setting.limit()
    assert ended["status"] == "succeeded", ended["failure"]
    assert len(setting.model.requests) == asked
    assert ended["solution"]["budget"]["scope"] == "team"
    assert any("localization ranks" in point for point in ended["solution"]["unresolved"])
    assert used["total"]["cost_usd"] > 0
