"""A configured model, over its real protocol: used when it answers, and a clear end when it does not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.follow import RunSocket as Socket
from tests.e2e.follow import all_events, file_issue, is_kind, kinds, wait_until_ended
from tests.e2e.system import System, make_system
from tests.fakes.llm_server import KEY, Say
from tests.fakes.openai_server import OpenAIServer
from tests.fakes.repositories import BugCase, build
from tests.fakes.rules_over_openai import answer_by_rules
from tests.waiting import wait_for

# The browser story runs on a configured model in each round.
pytestmark = [pytest.mark.timeout(240), pytest.mark.full, pytest.mark.xdist_group("models")]


@dataclass
class Vendor:
    """The server of a model, whose mood the tests change."""

    mood: str = "well"

    def say(self, body: dict[str, Any]) -> Say:
        if self.mood == "hangs":
            return Say("Too late.", delay=120)
        if self.mood == "nonsense":
            return Say(calls=[("code__read", '{"path": ')])
        if self.mood == "asks" and not isinstance(body.get("tool_choice"), dict):
            return ask_and_wait(body)
        if self.mood.isdigit():
            return Say(status=int(self.mood), text="scripted", headers={"Retry-After": "0"})
        return answer_by_rules(body)


def ask_and_wait(body: dict[str, Any]) -> Say:
    """A question, then nothing until it is answered, then the end."""
    told = json.dumps(body["messages"])
    if "eu-west" in told:
        return Say("That settles it.", [("finish", {"reason": "The region is known."})])
    if "Which region?" in told or not body.get("tools"):
        return Say("I wait for the answer.")
    return Say("Somebody must know.", [("ask_person", {"question": "Which region?", "default": "all of them"})])


@dataclass
class Setting:
    system: System
    vendor: Vendor
    bug: BugCase


@pytest.fixture(scope="module")
def setting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setting]:
    folder: Path = tmp_path_factory.mktemp("models")
    vendor = Vendor()
    with OpenAIServer(vendor.say) as server:
        named = {"SAHUR_MODEL": f"openai:{server.model}", "SAHUR_MODEL_BASE_URL": server.base_url, "SAHUR_MODEL_API_KEY": KEY}
        system = make_system(folder, **named)
        system.start()
        try:
            system.wait_until_ready()
            yield Setting(system, vendor, build("booking", folder))
        finally:
            system.stop()


def test_the_same_workflow_uses_the_configured_model(setting: Setting) -> None:
    setting.vendor.mood = "well"
    with setting.system.client() as client:
        run = file_issue(client, setting.bug.title, setting.bug.body, str(setting.bug.path))["run"]["id"]
        ended = wait_until_ended(client, run)
    assert ended["status"] == "succeeded", ended["failure"]
    assert ended["solution"]["used_llm"]
    assert setting.bug.file in [location["path"] for location in ended["solution"]["locations"]]
    assert ended["usage"]["model"] == "scripted-1"
    assert ended["usage"]["input_tokens"] > 0


@pytest.mark.parametrize(
    ("mood", "code"),
    [
        pytest.param("401", "model_misconfigured", id="wrong key"),
        pytest.param("404", "model_misconfigured", id="unknown model"),
        pytest.param("503", "model_unavailable", id="server errors for ever"),
        pytest.param("nonsense", "model_answer_invalid", id="nonsense"),
    ],
)
def test_a_model_that_does_not_answer_fails_the_run_with_what_to_do(setting: Setting, mood: str, code: str) -> None:
    setting.vendor.mood = mood
    with setting.system.client() as client:
        issue = file_issue(client, setting.bug.title, setting.bug.body, str(setting.bug.path))
        ended = wait_until_ended(client, issue["run"]["id"], 120)
        last = all_events(client, issue["run"]["id"])[-1]["payload"]
        kept = client.get(f"/api/issues/{issue['key']}/").json()["body"]
    assert (ended["status"], ended["failure"]["code"]) == ("failed", code)
    assert (last["kind"], last["code"], bool(last["next_step"])) == ("run.failed", code, True)
    assert kept == setting.bug.body.strip()


def test_a_run_stops_while_its_model_hangs(setting: Setting) -> None:
    setting.vendor.mood = "hangs"
    with setting.system.client() as client:
        run = file_issue(client, setting.bug.title, setting.bug.body, str(setting.bug.path))["run"]["id"]
        with Socket(setting.system, client, run) as socket:
            socket.read_until(is_kind("step.started"))
            socket.command("run.stop")
            socket.read_until(is_kind("run.canceled"), 30)
        ended = wait_until_ended(client, run)
        found = kinds(all_events(client, run))
    assert ended["status"] == "canceled"
    assert found.count("run.canceled") == 1


def test_a_question_waits_without_a_worker_and_its_answer_goes_on(setting: Setting) -> None:
    setting.vendor.mood = "asks"
    with setting.system.client() as client:
        run = file_issue(client, setting.bug.title, setting.bug.body, str(setting.bug.path))["run"]["id"]
        wait_for(lambda: client.get(f"/api/runs/{run}/").json()["status"] == "waiting", 60, "the run to wait")
        [owner] = setting.system.query("select lease_until from issues_runlease where run_id = %s", run)
        [request] = client.get(f"/api/runs/{run}/").json()["input_requests"]
        answers = [
            client.post(f"/api/inputs/{request['id']}/answer/", json={"decision": "respond", "answer": text, "client_id": text})
            for text in ("eu-west", "us-east")
        ]
        ended = wait_until_ended(client, run)
        found = kinds(all_events(client, run))
    assert owner == (None,)
    assert [answer.status_code for answer in answers] == [200, 409]
    assert ended["status"] == "succeeded", ended["failure"]
    assert [kind for kind in found if kind.startswith("input.")] == ["input.requested", "input.answered"]
