"""The main job, through the real doors: report, watch, talk, read the solution."""

from __future__ import annotations

import json

import pytest

from tests.e2e.follow import RunSocket, all_events, file_issue, is_kind, kinds, wait_until_ended
from tests.e2e.system import System
from tests.fakes.repositories import BugCase, build

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("running system")]


@pytest.fixture(scope="module")
def bug(system: System) -> BugCase:
    return build("booking", system.folder)


def test_a_report_is_investigated_and_answered_with_evidence(system: System, bug: BugCase) -> None:
    with system.client() as client:
        run = file_issue(client, bug.title, bug.body, str(bug.path))["run"]
        with RunSocket(system, client, run["id"]) as socket:
            socket.read_until(is_kind("run.succeeded", "run.failed", "run.canceled"))
        ended = wait_until_ended(client, run["id"])
        stored = all_events(client, run["id"])
    assert ended["status"] == "succeeded", ended["failure"]
    assert [event["seq"] for event in socket.events] == list(range(1, len(socket.events) + 1))
    assert kinds(stored)[: len(socket.events)] == kinds(socket.events)
    assert kinds(stored).count("solution.proposed") == 1
    solution = ended["solution"]
    assert solution["verdict"] in ("confirmed", "likely")
    assert bug.file in [location["path"] for location in solution["locations"]]
    assert solution["suspect_commit"]["sha"].startswith(bug.commit[:12]) or bug.commit.startswith(
        solution["suspect_commit"]["sha"]
    )
    numbers = {evidence["number"] for evidence in ended["evidence"]}
    assert all(set(claim["evidence"]) <= numbers and claim["evidence"] for claim in solution["claims"])
    assert not solution["used_llm"]


def test_each_citation_opens_a_receipt(system: System, bug: BugCase) -> None:
    with system.client() as client:
        run = file_issue(client, bug.title, bug.body, str(bug.path))["run"]
        ended = wait_until_ended(client, run["id"])
        for evidence in ended["evidence"]:
            receipt = client.get(f"/api/receipts/{evidence['receipt_id']}/")
            assert receipt.status_code == 200
            assert receipt.json()["tool"] == evidence["tool"]
        listed = client.get(f"/api/receipts/?run={run['id']}&limit=100").json()["results"]
        assert {evidence["receipt_id"] for evidence in ended["evidence"]} <= {receipt["id"] for receipt in listed}
        # A commit never changes, so what was read of it is still true; the call really is made again.
        told = client.post(f"/api/receipts/{ended['evidence'][0]['receipt_id']}/recheck/", json={}).json()
        assert (told["verdict"], told["receipt"]["is_cached"], told["receipt"]["run"]) == ("same", False, run["id"])
        assert told["receipt"]["caller"].endswith(" by rita")


def test_the_same_idempotency_key_files_one_issue(system: System) -> None:
    with system.client() as client:
        first = file_issue(client, "Once", "It broke", idempotency_key="once")
        again = file_issue(client, "Once", "It broke", idempotency_key="once")
        assert (first["key"], first["run"]["id"]) == (again["key"], again["run"]["id"])
        other = client.post("/api/issues/", json={"title": "Other", "body": "x"}, headers={"Idempotency-Key": "once"})
        assert other.status_code == 409


def test_a_message_over_the_socket_is_acknowledged_and_taken_in(system: System, bug: BugCase) -> None:
    with system.client() as client:
        run = file_issue(client, bug.title, bug.body, str(bug.path))["run"]
        with RunSocket(system, client, run["id"]) as socket:
            client_id = socket.command("message.send", text="It began after the last deploy")
            socket.read_until(lambda frame: frame.get("type") == "ack" and frame["client_id"] == client_id)
            socket.read_until(is_kind("message.taken_in"))
            socket.read_until(is_kind("run.succeeded"))
    queued = next(event for event in socket.events if event["payload"]["kind"] == "message.queued")
    assert queued["payload"]["client_id"] == client_id
    assert queued["payload"]["author"] == "rita"


def test_a_reader_that_comes_back_gets_what_it_missed(system: System, bug: BugCase) -> None:
    with system.client() as client:
        run = file_issue(client, bug.title, bug.body, str(bug.path))["run"]
        with RunSocket(system, client, run["id"]) as first:
            first.read_until(is_kind("step.started"))
        with RunSocket(system, client, run["id"], after=first.events[-1]["seq"]) as second:
            second.read_until(is_kind("run.succeeded"))
    seqs = [event["seq"] for event in first.events + second.events]
    assert seqs == list(range(1, len(seqs) + 1))


def test_a_run_is_stopped_and_another_started(system: System, bug: BugCase) -> None:
    with system.client() as client:
        issue = file_issue(client, bug.title, bug.body, str(bug.path))
        assert client.post(f"/api/runs/{issue['run']['id']}/stop/", json={}).status_code == 202
        assert wait_until_ended(client, issue["run"]["id"])["status"] == "canceled"
        again = client.post(f"/api/issues/{issue['key']}/runs/", json={"client_id": "again"})
        assert again.status_code == 201
        assert wait_until_ended(client, again.json()["id"])["status"] == "succeeded"


def test_a_report_without_a_repository_ends_inconclusive(system: System) -> None:
    with system.client() as client:
        run = file_issue(client, "The office coffee machine beeps", "It beeps twice a minute.")["run"]
        ended = wait_until_ended(client, run["id"])
    assert (ended["status"], ended["verdict"]) == ("succeeded", "inconclusive")
    assert ended["solution"]["would_decide"]


@pytest.mark.parametrize(("make", "code"), [("missing", "repository"), ("empty", "repository_empty")])
def test_a_repository_that_cannot_be_read_fails_the_run_with_what_to_do(system: System, make: str, code: str) -> None:
    folder = system.folder / make
    folder.mkdir(exist_ok=True)
    if make == "empty":
        import subprocess

        subprocess.run(["git", "init", "-q", str(folder)], check=True)
    with system.client() as client:
        issue = file_issue(client, "Broken", "It broke", str(folder))
        ended = wait_until_ended(client, issue["run"]["id"])
        last = all_events(client, issue["run"]["id"])[-1]["payload"]
        kept = client.get(f"/api/issues/{issue['key']}/").json()
    assert ended["status"] == "failed"
    assert ended["failure"]["code"].startswith(code)
    assert (last["kind"], bool(last["next_step"])) == ("run.failed", True)
    assert kept["body"] == "It broke"


def test_another_team_cannot_see_or_touch_it(system: System) -> None:
    with system.client() as client:
        issue = file_issue(client, "Ours", "Secret")
    with system.client("olga") as stranger:
        run = issue["run"]["id"]
        assert stranger.get(f"/api/issues/{issue['key']}/").status_code == 404
        assert stranger.get(f"/api/runs/{run}/events/").status_code == 404
        assert stranger.post(f"/api/runs/{run}/stop/", json={}).status_code == 404
        assert issue["key"] not in [row["key"] for row in stranger.get("/api/issues/").json()["results"]]


def test_the_command_line_reports_and_follows(system: System, bug: BugCase) -> None:
    arguments = ["report", "--repository", str(bug.path), "--title", bug.title, "--body-file", "-", "--json"]
    done = system.manage(*arguments, stdin=bug.body)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert bug.file in json.dumps(document["solution"]["locations"])


@pytest.mark.parametrize(
    ("arguments", "stdin"),
    [
        (["--repository", "/nowhere", "--title", "x", "--body-file", "-"], "It broke"),
        (["--repository", ".", "--title", "", "--body-file", "-"], ""),
        (["--repository", ".", "--title", "x", "--body-file", "/nowhere"], None),
    ],
)
def test_the_command_line_says_what_is_wrong_with_its_input(system: System, arguments: list[str], stdin: str | None) -> None:
    done = system.manage("report", *arguments, stdin=stdin or "")
    assert done.returncode == 2
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr
