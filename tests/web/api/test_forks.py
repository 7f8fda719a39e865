"""Steering a run over REST and its socket: use now, resume, branch, and what came of two lines."""

from __future__ import annotations

import json
import uuid

import pytest
from django.db import connection

from sahur.accounts.actor import actor_for
from sahur.accounts.models import AuditEntry
from sahur.issues import models
from sahur.issues.services import reports, runs
from sahur.websockets import commands
from sahur_core.issues import Solution, Source, Verdict

pytestmark = pytest.mark.django_db


@pytest.fixture
def gathered(run):
    """Its first stage is over, and it is at work on the second."""
    models.Run.objects.filter(id=run.id).update(status="running", stage="analyze", commit="a" * 40)
    checkpoint = {"id": "1", "channel_values": {"finished_stage": "gather_context"}}
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into checkpoints (thread_id, checkpoint_id, checkpoint, metadata) values (%s, '1', %s, %s)",
            [str(run.id), json.dumps(checkpoint), json.dumps({"source": "loop"})],
        )
    run.refresh_from_db()
    return run


def test_an_urgent_message_says_so(client, run):
    said = client.send("post", f"/api/runs/{run.id}/messages/", {"text": "Look here", "urgent": True}).json()
    assert (said["is_urgent"], said["status"]) == (True, "queued")
    events = client.get(f"/api/runs/{run.id}/events/").json()["events"]
    assert [event["payload"]["is_urgent"] for event in events if event["payload"]["kind"] == "message.queued"] == [True]


def test_a_stopped_run_is_resumed_once(client, gathered):
    runs.request_stop(gathered.id, "Rita")
    models.Run.objects.filter(id=gathered.id).update(status="canceled")
    answers = [client.send("post", f"/api/runs/{gathered.id}/resume/", {"client_id": name}) for name in "ab"]
    first, again = (answer.json() for answer in answers)
    assert [answer.status_code for answer in answers] == [201, 201]
    assert first["id"] == again["id"] != str(gathered.id)
    assert (first["number"], first["status"], first["stage"]) == (2, "queued", "analyze")
    assert first["origin"] == {"id": str(gathered.id), "number": 1, "status": "canceled"}
    assert (first["fork_kind"], first["fork_stage"], first["forked_from"]) == ("resume", "gather_context", str(gathered.id))
    assert [fork["number"] for fork in client.get(f"/api/runs/{gathered.id}/").json()["forks"]] == [2]
    assert models.Run.objects.get(id=first["id"]).commit == "a" * 40
    assert AuditEntry.objects.filter(action="run.resumed").count() == 1


def test_a_run_at_work_is_not_resumed(client, gathered):
    answer = client.send("post", f"/api/runs/{gathered.id}/resume/", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


def test_a_run_at_work_can_be_branched_with_a_message(client, gathered):
    assert client.get(f"/api/runs/{gathered.id}/").json()["branch_stages"] == ["gather_context"]
    made = client.send("post", f"/api/runs/{gathered.id}/branch/", {"message": "What if it is not the deploy?"})
    assert made.status_code == 201
    assert [message["text"] for message in made.json()["messages"]] == ["What if it is not the deploy?"]
    assert made.json()["branch_stages"] == ["gather_context"], "the same place can be branched from again"
    gathered.refresh_from_db()
    assert gathered.status == "running"


def test_a_secret_in_a_branch_is_not_stored_and_the_same_request_is_known_again(client, gathered):
    body = {"message": "What if ghp_" + "a1B2" * 9 + " has expired?", "client_id": "b-1"}
    made = [client.send("post", f"/api/runs/{gathered.id}/branch/", body).json() for _ in range(2)]
    assert made[0]["id"] == made[1]["id"]
    assert "ghp_" not in json.dumps(made)


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"message": " "}, 400, "text"),
        ({"message": "x", "from_stage": "nowhere"}, 400, "from_stage"),
        ({"message": "x", "from_stage": "analyze"}, 409, None),
    ],
)
def test_a_branch_that_cannot_be_says_why(client, gathered, body, status, field):
    answer = client.send("post", f"/api/runs/{gathered.id}/branch/", body)
    assert (answer.status_code, answer.json().get("field")) == (status, field)
    assert answer.json()["next_step"]
    assert models.Run.objects.count() == 1


def test_a_socket_resumes_and_branches_too(responder, gathered):
    actor, subject = actor_for(responder), commands.Subject(run_id=str(gathered.id))
    branch = {"client_id": "b", "command": "run.branch", "message": "What if?", "from_stage": "gather_context"}
    made = [commands.perform(actor, branch, subject) for _ in range(2)]
    assert made[0] == made[1] == {"run_id": made[0]["run_id"], "number": 2, "status": "queued"}
    models.Run.objects.filter(id=gathered.id).update(status="failed")
    assert commands.perform(actor, {"client_id": "r", "command": "run.resume"}, subject)["number"] == 3


def solve(run, verdict, root_cause):
    solution = Solution(verdict=verdict, summary="s", root_cause=root_cause, next_step="n")
    models.Solution.objects.create(run=run, verdict=verdict.value, summary="s", body=solution.model_dump(mode="json"))


def test_two_lines_of_an_issue_are_compared(client, run):
    other = runs.create_run(run.issue, asked_by="Rita", user_id=None, trace_id="")
    solve(run, Verdict.LIKELY, "The deploy.")
    solve(other, Verdict.CONFIRMED, "The clock.")
    for each, path in ((run, "a.py"), (other, "b.py")):
        models.Evidence.objects.create(run=each, number=1, statement="f", receipt_id=uuid.uuid4(), tool="t", path=path)
        models.ToolCall.objects.create(id=f"{each.id}/c", run=each, step_id="s", tool="t", status="ok", text="long")
    told = client.get(f"/api/runs/{run.id}/difference/", {"with": str(other.id)}).json()
    assert (told["first"]["number"], told["second"]["number"]) == (1, 2)
    found = told["difference"]
    assert found["differs"] == ["verdict", "root_cause", "evidence"]
    assert (found["first"]["root_cause"], found["second"]["verdict"]) == ("The deploy.", "confirmed")
    assert [fact["path"] for fact in found["evidence"]["only_second"]] == ["b.py"]
    assert len(found["tool_calls"]["both"]) == 1


def test_only_runs_of_one_issue_are_compared(client, run, team, other_team):
    def filed(owner):
        issue = reports.open_issue(owner, reports.NewIssue(title="t", body="b", source=Source.WEB, reporter_name="r"))
        return runs.create_run(issue, asked_by="r", user_id=None, trace_id="")

    status = {
        name: client.get(f"/api/runs/{run.id}/difference/", {"with": value}).status_code
        for name, value in (("other issue", filed(team).id), ("other team", filed(other_team).id), ("nonsense", "x"))
    }
    assert status == {"other issue": 400, "other team": 404, "nonsense": 400}
