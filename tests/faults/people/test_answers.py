"""The first answer wins and the second is told so, whatever else happens at that moment."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

import httpx2
import pytest

from tests.e2e.follow import wait_until_ended
from tests.faults.people.setting import Setting, at_once

pytestmark = [pytest.mark.timeout(240), pytest.mark.full, pytest.mark.xdist_group("people")]
CLOSING = ("input.answered", "input.expired")


def waiting(setting: Setting, client: httpx2.Client, scenario: str = "asks") -> tuple[str, dict[str, Any], str]:
    """The id of a run that waits, its open request, and its mark."""
    run, mark = setting.report(client, scenario, has_code=False)
    found = setting.wait_for_status(client, run, "waiting")
    [request] = [request for request in found["input_requests"] if not request["answered_by"]]
    return run, request, mark


def answer(client: httpx2.Client, request: str, decision: str, text: str = "") -> tuple[int, dict[str, Any]]:
    sent = {"decision": decision, "answer": text, "client_id": f"{decision}-{text}"}
    got = client.post(f"/api/inputs/{request}/answer/", json=sent)
    return got.status_code, got.json()


def test_of_five_answers_at_once_one_wins_and_four_hear_who_did(setting: Setting) -> None:
    with setting.system.client("rita") as rita, setting.system.client("ada") as ada:
        run, request, _ = waiting(setting, rita)
        people = [(rita, "eu"), (ada, "us"), (rita, "ap"), (ada, "sa"), (ada, "af")]
        answered = at_once([partial(answer, client, request["id"], "respond", text) for client, text in people])
        wait_until_ended(rita, run)
        [told] = setting.payloads(rita, run, *CLOSING)
    assert sorted(status for status, _ in answered) == [200, 409, 409, 409, 409]
    winner = next(place for place, (status, _) in enumerate(answered) if status == 200)
    assert told["answer"] == people[winner][1]
    assert all(told["answered_by"] in problem["detail"] for status, problem in answered if status == 409)


@pytest.mark.full
def test_of_five_decisions_at_once_one_wins_and_only_it_is_acted_on(setting: Setting) -> None:
    with setting.system.client("rita") as rita, setting.system.client("ada") as ada:
        run, request, mark = waiting(setting, rita, "writes")
        people = [(rita, "approve"), (ada, "reject"), (ada, "approve"), (rita, "reject"), (ada, "reject")]
        answered = at_once([partial(answer, client, request["id"], decision) for client, decision in people])
        wait_until_ended(rita, run)
        [told] = setting.payloads(rita, run, *CLOSING)
    won = [status for status, _ in answered].index(200)
    assert told["decision"] == people[won][1]
    # The winner's own second, equal answer is the same one again; everybody else hears who won.
    for (client, decision), (status, problem) in zip(people, answered, strict=True):
        is_same = (client, decision) == people[won]
        assert status == 200 if is_same else status == 409 and told["answered_by"] in problem["detail"]
    written = [write for write in setting.tracker.written if write["arguments"] == {"text": mark}]
    assert len(written) == (told["decision"] == "approve")


@pytest.mark.full
@pytest.mark.parametrize("lead", [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8])
def test_an_answer_and_the_end_of_its_time_close_the_request_once(setting: Setting, lead: float) -> None:
    """The request runs out so many seconds after the answer is sent, or before."""
    with setting.system.client() as client:
        run, request, _ = waiting(setting, client)
        sql = (
            "update issues_inputrequest set expires_at = clock_timestamp() + make_interval(secs => %s) where id = %s returning id"
        )
        setting.system.query(sql, 0.4, request["id"])
        time.sleep(lead)
        status, problem = answer(client, request["id"], "respond", "eu")
        ended = wait_until_ended(client, run)
        [told] = setting.payloads(client, run, *CLOSING)
    assert ended["status"] == "succeeded", ended["failure"]
    if status == 200:
        assert (told["kind"], told["answer"]) == ("input.answered", "eu")
    else:
        assert (status, told["kind"]) == (409, "input.expired")
        assert "in time" in problem["detail"] or "has ended" in problem["detail"]


@pytest.mark.full
@pytest.mark.parametrize("_round", range(6))
def test_an_answer_and_a_stop_end_the_run_once_and_the_answer_is_told(setting: Setting, _round: int) -> None:
    with setting.system.client("rita") as rita, setting.system.client("ada") as ada:
        run, request, _ = waiting(setting, rita)
        (status, problem), stop = at_once(
            [partial(answer, rita, request["id"], "respond", "eu"), partial(ada.post, f"/api/runs/{run}/stop/", json={})]
        )
        ended = wait_until_ended(rita, run)
        told = setting.payloads(rita, run, *CLOSING)
        ends = setting.payloads(rita, run, "run.succeeded", "run.canceled", "run.failed")
    assert (stop.status_code, ended["status"], len(ends)) == (202, "canceled", 1)
    assert [payload["kind"] for payload in told] == (["input.answered"] if status == 200 else [])
    assert status == 200 or (status == 409 and ("ended" in problem["detail"] or "was stopped" in problem["detail"]))


@pytest.mark.full
def test_a_run_that_waits_outlives_its_worker(setting: Setting) -> None:
    with setting.system.client() as client:
        run, request, mark = waiting(setting, client)
        setting.system.kill("worker")
        assert answer(client, request["id"], "respond", "eu")[0] == 200
        setting.system.start("worker")
        ended = wait_until_ended(client, run)
        kinds = setting.kinds(client, run)
    assert ended["status"] == "succeeded", ended["failure"]
    assert "attempt.restarted" not in kinds
    assert kinds.count("input.answered") == 1
    assert "answer of rita" in setting.vendor.told[mark]
