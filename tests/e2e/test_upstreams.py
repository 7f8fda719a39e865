"""Whole runs with GitHub's and Sentry's servers behind the gateway: what they show is cited, what they change is approved."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.e2e.follow import all_events, file_issue, wait_until_ended
from tests.e2e.investigator import ERROR, FILE, LINE, PATH, SENTRY, Investigator
from tests.e2e.system import System, make_system
from tests.fakes import github_server, sentry_server
from tests.fakes.github_server import GitHub
from tests.fakes.llm_server import KEY
from tests.fakes.openai_server import OpenAIServer
from tests.fakes.rest_api import Mishap
from tests.fakes.sentry_server import Sentry
from tests.mcp.real.entries import Programs
from tests.waiting import wait_for

pytestmark = [pytest.mark.timeout(240), pytest.mark.full, pytest.mark.xdist_group("real upstreams")]

FILE_ISSUE = "POST /repos/{owner}/{repo}/issues"


@dataclass
class Setting:
    system: System
    github: GitHub
    sentry: Sentry
    model: Investigator

    def report(self, client: httpx2.Client) -> tuple[str, str]:
        """The run and its mark. The code is not with us: only GitHub has it."""
        mark = uuid4().hex[:12]
        body = f"Since noon the cart shows no total. Sentry has it as SHOP-1, the code is acme/shop on GitHub. mark {mark}"
        return file_issue(client, "No total in the cart", body)["run"]["id"], mark

    def filed(self, mark: str) -> int:
        """How often GitHub was told to file the issue of this run, and how many issues there are of it."""
        asked = [seen for seen in self.github.requests("POST", "/repos/acme/shop/issues") if mark in seen.body["title"]]
        kept = [issue for issue in self.github.repositories["acme/shop"].issues.values() if mark in issue.title]
        assert len(asked) == len(kept)
        return len(kept)

    def wait_for_request(self, client: httpx2.Client, run: str) -> str:
        """The id of the approval that the run asks for, once no worker holds the run any more."""
        wait_for(lambda: client.get(f"/api/runs/{run}/").json()["status"] == "waiting", 90, "the run to wait")
        [request] = client.get(f"/api/runs/{run}/").json()["input_requests"]
        assert (request["kind"], request["tool"]) == ("approval", "github__create_issue")
        return str(request["id"])


def approve(client: httpx2.Client, request: str) -> None:
    answer = client.post(f"/api/inputs/{request}/answer/", json={"decision": "approve", "client_id": "yes"})
    assert answer.status_code == 200, answer.text


def last_result(client: httpx2.Client, run: str) -> dict[str, Any]:
    payloads = [event["payload"] for event in all_events(client, run)]
    found: dict[str, Any] = [payload for payload in payloads if payload["kind"] == "tool_call.finished"][-1]
    return found


def make_repository(path: Path) -> Path:
    (path / "shop").mkdir(parents=True)
    (path / PATH).write_text(f"def total(lines):\n    {LINE}\n")
    git = ["git", "-C", str(path), "-c", "user.name=Rita", "-c", "user.email=rita@example.com"]
    for command in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "A cart"]):
        subprocess.run([*git, *command], check=True)
    return path


@pytest.fixture(scope="module")
def setting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setting]:
    folder, model, programs = tmp_path_factory.mktemp("upstreams"), Investigator(), Programs()
    with ExitStack() as stack:
        github, sentry = stack.enter_context(github_server.running()), stack.enter_context(sentry_server.running())
        server = stack.enter_context(OpenAIServer(model.say))
        github.add_repository("acme/shop", make_repository(folder / "shop"))
        sentry.add_project("shop")
        sentry.add_error("shop", "TypeError", ERROR, [(PATH, "total", 2, f"    {LINE}")])
        upstreams = {"github": programs.github(github.url), "sentry": programs.sentry(sentry.url)}
        (folder / "mcp.json").write_text(json.dumps({"mcpServers": upstreams}))
        system = make_system(
            folder,
            SAHUR_MODEL=f"openai:{server.model}",
            SAHUR_MODEL_BASE_URL=server.base_url,  # type: ignore[attr-defined]
            SAHUR_MODEL_API_KEY=KEY,
            SAHUR_MCP_CONFIG=str(folder / "mcp.json"),
            GITHUB_TOKEN=github.token,
            SENTRY_TOKEN=sentry.token,
        )
        stack.callback(system.stop)
        system.start()
        system.wait_until_ready()
        yield Setting(system, github, sentry, model)


def test_a_solution_cites_what_sentry_and_github_showed_and_an_approved_issue_is_filed_once(setting: Setting) -> None:
    with setting.system.client() as client:
        run, mark = setting.report(client)
        request = setting.wait_for_request(client, run)
        assert setting.filed(mark) == 0
        approve(client, request)
        ended = wait_until_ended(client, run)
        assert ended["status"] == "succeeded", ended["failure"]
        assert [fact["tool"] for fact in ended["evidence"]] == [SENTRY, FILE]
        receipts = [client.get(f"/api/receipts/{fact['receipt_id']}/").json() for fact in ended["evidence"]]
        filing = last_result(client, run)
    assert [claim["evidence"] for claim in ended["solution"]["claims"]] == [[1], [1, 2]]
    assert [location["path"] for location in ended["solution"]["locations"]] == [PATH]
    assert [(receipt["upstream"], receipt["status"]) for receipt in receipts] == [("sentry", "ok"), ("github", "ok")]
    assert ERROR in receipts[0]["result"]
    assert LINE in receipts[1]["result"]
    assert (filing["status"], setting.filed(mark)) == ("ok", 1)


def test_a_worker_killed_while_github_files_the_issue_files_no_second_one(setting: Setting) -> None:
    setting.github.script(FILE_ISSUE, Mishap(delay=3, after_work=True))
    with setting.system.client() as client:
        run, mark = setting.report(client)
        approve(client, setting.wait_for_request(client, run))
        wait_for(lambda: setting.filed(mark), 60, "GitHub to file the issue")
        setting.system.kill("worker")
        setting.system.start("worker")
        ended = wait_until_ended(client, run)
        filing = last_result(client, run)
    assert ended["status"] == "succeeded", ended["failure"]
    assert setting.filed(mark) == 1
    assert "nobody knows" in filing["excerpt"].casefold()
    assert "nobody knows" in setting.model.told[mark].casefold()


def test_a_worker_killed_before_the_approval_files_the_issue_once(setting: Setting) -> None:
    with setting.system.client() as client:
        run, mark = setting.report(client)
        request = setting.wait_for_request(client, run)
        setting.system.kill("worker")
        approve(client, request)
        setting.system.start("worker")
        ended = wait_until_ended(client, run)
        filing = last_result(client, run)
    assert ended["status"] == "succeeded", ended["failure"]
    assert (filing["status"], setting.filed(mark)) == ("ok", 1)


def test_no_credential_of_a_vendor_is_told_to_the_model_or_kept(setting: Setting) -> None:
    with setting.system.client() as client:
        run, mark = setting.report(client)
        approve(client, setting.wait_for_request(client, run))
        wait_until_ended(client, run)
        told = json.dumps(all_events(client, run)) + setting.model.told[mark]
    told += json.dumps(setting.system.query("select arguments::text, result from issues_receipt"))
    told += "".join(setting.system.log(name) for name in ("mcp", "worker"))
    assert not [token for token in (setting.github.token, setting.sentry.token) if token in told]
