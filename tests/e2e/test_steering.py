"""Steering over a running system and a model's real protocol: use now, stop and resume, two lines and their difference."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.follow import RunSocket, all_events, file_issue, is_kind, kinds, wait_until_ended
from tests.e2e.system import System, make_system
from tests.fakes.llm_server import KEY, Say
from tests.fakes.openai_server import OpenAIServer
from tests.fakes.repositories import BugCase, build
from tests.fakes.rules_over_openai import answer_by_rules
from tests.waiting import wait_for

pytestmark = [pytest.mark.timeout(240), pytest.mark.full]
SLOWLY = "I think about one thing after the other, and about all of them once more. " * 40


@dataclass
class Vendor:
    """Works by the rules, but talks for a minute where it is told to, until it is told `unless`."""

    slow_after: str = ""
    unless: str = ""
    heard: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def say(self, body: dict[str, Any]) -> Say:
        told = json.dumps(body["messages"])
        with self.lock:
            self.heard.append(told)
        is_free = not isinstance(body.get("tool_choice"), dict)
        if is_free and self.slow_after and self.slow_after in told and not (self.unless and self.unless in told):
            return Say(SLOWLY, pause=0.5)
        return answer_by_rules(body)


@dataclass
class Setting:
    system: System
    vendor: Vendor
    bug: BugCase


@pytest.fixture(scope="module")
def setting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setting]:
    folder: Path = tmp_path_factory.mktemp("steering")
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


def only(events: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    [found] = [event["payload"] for event in events if event["payload"]["kind"] == kind]
    return found


def test_an_urgent_message_interrupts_a_model_in_the_middle_of_its_words(setting: Setting) -> None:
    setting.vendor.slow_after, setting.vendor.unless = "tool_call_id", "only since the move"
    with setting.system.client() as client:
        run = file_issue(client, setting.bug.title, setting.bug.body, str(setting.bug.path))["run"]["id"]
        with RunSocket(setting.system, client, run) as socket:
            socket.read_until(is_kind("text.streamed"))
            socket.command("message.send", text="It fails only since the move.", urgent=True)
            socket.read_until(is_kind("message.taken_in"), 15)
        ended = wait_until_ended(client, run)
        told = all_events(client, run)
    assert ended["status"] == "succeeded", ended["failure"]
    order = [kind for kind in kinds(told) if kind in ("message.queued", "model_call.interrupted", "message.taken_in")]
    assert order == ["message.queued", "model_call.interrupted", "message.taken_in"]
    interrupted, taken = only(told, "model_call.interrupted"), only(told, "message.taken_in")
    assert (interrupted["asked_by"], taken["author"]) == ("rita", "rita")
    assert f"step-{taken['step'] - 1}" == interrupted["step_id"], "it is heard at the step after the one that was given up"
    assert any("only since the move" in heard for heard in setting.vendor.heard)
    assert ended["usage"]["model_calls"] > kinds(told).count("model_call.finished"), "the call that was given up counts"


@pytest.fixture(scope="module")
def lines(setting: Setting) -> tuple[str, str]:
    """A run that was stopped when it had recorded something, and the one that went on from it."""
    setting.vendor.slow_after, setting.vendor.unless = "Recorded as", ""
    with setting.system.client() as client:
        stopped = file_issue(client, setting.bug.title, setting.bug.body, str(setting.bug.path))["run"]["id"]
        wait_for(lambda: client.get(f"/api/runs/{stopped}/").json()["evidence"], 60, "something to be recorded")
        with RunSocket(setting.system, client, stopped) as socket:
            socket.read_until(is_kind("text.streamed"))
        client.post(f"/api/runs/{stopped}/stop/", json={}).raise_for_status()
        wait_until_ended(client, stopped)
        setting.vendor.slow_after = ""
        resumed = client.post(f"/api/runs/{stopped}/resume/", json={"client_id": "again"}).json()["id"]
        wait_until_ended(client, resumed)
    return stopped, resumed


def test_a_stopped_run_says_what_it_knew_and_is_resumed_to_its_answer(setting: Setting, lines: tuple[str, str]) -> None:
    with setting.system.client() as client:
        stopped, resumed = (client.get(f"/api/runs/{run}/").json() for run in lines)
        summary = only(all_events(client, stopped["id"]), "run.canceled")
        opening = kinds(all_events(client, resumed["id"]))[:4]
        again = client.post(f"/api/runs/{stopped['id']}/resume/", json={}).json()["id"]
    assert (stopped["status"], resumed["status"]) == ("canceled", "succeeded"), resumed["failure"]
    assert summary["facts"] == [f"[{fact['number']}] {fact['statement']}" for fact in stopped["evidence"]]
    assert summary["hypotheses"], "what localization found still stood"
    assert summary["would_look_at"]
    assert opening == ["run.queued", "stage.started", "notice.raised", "evidence.found"]
    places = [[(fact["path"], fact["line"], fact["receipt_id"]) for fact in run["evidence"]] for run in (stopped, resumed)]
    assert places[1][: len(places[0])] == places[0] != []
    assert resumed["solution"]["verdict"] == "confirmed"
    assert again == resumed["id"]


def test_a_branch_is_a_second_line_and_the_difference_is_shown(setting: Setting, lines: tuple[str, str]) -> None:
    resumed = lines[1]
    with setting.system.client() as client:
        before = client.get(f"/api/runs/{resumed}/").json()
        asked = {"message": "What if it is not that change?", "from_stage": "gather_context", "client_id": "what-if"}
        answers = [client.post(f"/api/runs/{resumed}/branch/", json=asked) for _ in range(2)]
        branch = answers[0].json()["id"]
        ended = wait_until_ended(client, branch)
        told = client.get(f"/api/runs/{resumed}/difference/", params={"with": branch}).json()
        after = client.get(f"/api/runs/{resumed}/").json()
        forked = only(all_events(client, resumed), "run.forked")
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[1].json()["id"] == branch
    assert ended["status"] == "succeeded", ended["failure"]
    assert [message["status"] for message in ended["messages"]] == ["taken_in"]
    assert any("What if it is not that change?" in heard for heard in setting.vendor.heard)
    assert (forked["fork_id"], forked["fork_kind"]) == (branch, "branch")
    assert (after["solution"], after["evidence"]) == (before["solution"], before["evidence"]), "the first line stays as it was"
    assert [told["first"]["id"], told["second"]["id"]] == [resumed, branch]
    assert told["difference"]["tool_calls"]["both"], "both begin with what was gathered"
