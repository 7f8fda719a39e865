"""Following and steering a run over REST."""

import uuid

import pytest
from django.utils import timezone

from sahur.issues import events, models
from sahur.issues.services import compaction, runs
from sahur_core.events import NoticeRaised, TextStreamed
from sahur_core.issues import Solution, Verdict
from tests.core.tools.test_storable import nested

pytestmark = pytest.mark.django_db


def ask(run, kind, **fields):
    return models.InputRequest.objects.create(run=run, kind=kind, prompt="Which environment?", **fields)


def test_run_is_shown_whole(client, run):
    receipt_id = uuid.uuid4()
    models.Evidence.objects.create(run=run, number=1, statement="The rate is missing", receipt_id=receipt_id, tool="code__read")
    solution = Solution(verdict=Verdict.LIKELY, summary="A missing rate", next_step="Roll back")
    models.Solution.objects.create(run=run, verdict="likely", summary="A missing rate", body=solution.model_dump(mode="json"))
    ask(run, "question")
    shown = client.get(f"/api/runs/{run.id}/").json()
    assert (shown["issue"], shown["status"], shown["stage"]) == ("SAH-1", "queued", "gather_context")
    assert shown["queue_position"] == 1
    assert shown["evidence"][0]["receipt_id"] == str(receipt_id)
    assert shown["solution"]["next_step"] == "Roll back"
    assert shown["input_requests"][0]["prompt"] == "Which environment?"
    assert shown["failure"] is None
    assert shown["last_seq"] == 1


def test_failed_run_tells_why(client, run):
    failure = {"stage": "analyze", "code": "model_misconfigured", "cause": "wrong key", "next_step": "Set the key"}
    models.Run.objects.update(status="failed", failure=failure)
    assert client.get(f"/api/runs/{run.id}/").json()["failure"] == failure


def test_transcript_of_the_model_is_not_shown(client, run):
    models.Message.objects.create(run=run, role="system", body={"content": "a prompt"})
    assert client.get(f"/api/runs/{run.id}/").json()["messages"] == []


def test_events_follow_a_cursor(client, run):
    events.record(run, *(NoticeRaised(level="info", message=f"{n}") for n in range(5)))
    page = client.get(f"/api/runs/{run.id}/events/?after=1&limit=3").json()
    assert [event["seq"] for event in page["events"]] == [2, 3, 4]
    assert (page["last_seq"], page["is_ended"]) == (6, False)
    assert page["events"][0]["payload"] == {"kind": "notice.raised", "level": "info", "message": "0", "next_step": ""}
    models.Run.objects.update(status="succeeded")
    assert client.get(f"/api/runs/{run.id}/events/?after=6").json() == {"events": [], "last_seq": 6, "is_ended": True}


def test_joined_text_is_given_whole_to_a_cursor_inside_of_it(client, run):
    events.append(run.id, [events.NewEvent(TextStreamed(step_id="s1", text=text)) for text in "abc"])
    runs.request_stop(run.id, "Rita")
    compaction.compact(run.id)
    page = client.get(f"/api/runs/{run.id}/events/?after=2&limit=1").json()
    (joined,) = page["events"]
    assert (joined["first_seq"], joined["seq"], joined["payload"]["text"]) == (2, 4, "abc")
    following = client.get(f"/api/runs/{run.id}/events/?after={joined['seq']}").json()["events"]
    assert [event["first_seq"] for event in following] == [5, 6]
    assert page["last_seq"] == 6


@pytest.mark.parametrize("query", ["after=-1", "after=x", "limit=1001", f"after={2**70}"])
def test_unusable_cursor_is_refused(client, run, query):
    answer = client.get(f"/api/runs/{run.id}/events/?{query}")
    assert (answer.status_code, answer.json()["field"]) == (400, query.split("=")[0])


def test_message_is_queued_once(client, run):
    body = {"text": "It began on Tuesday", "client_id": "c-1"}
    first, again = (client.send("post", f"/api/runs/{run.id}/messages/", body) for _ in range(2))
    assert first.status_code == 202
    assert (first.json()["status"], first.json()["author"], first.json()["client_id"]) == ("queued", "rita", "c-1")
    assert first.json()["id"] == again.json()["id"]
    assert client.get(f"/api/runs/{run.id}/").json()["messages"] == [first.json()]


def test_a_queued_message_is_made_urgent(client, run, foreigner):
    said = client.send("post", f"/api/runs/{run.id}/messages/", {"text": "It began on Tuesday"}).json()
    path = f"/api/runs/{run.id}/messages/{said['id']}/urgent/"
    first, again = (client.send("post", path, {}) for _ in range(2))
    assert (first.status_code, first.json()["is_urgent"], first.json()) == (200, True, again.json())
    assert foreigner.send("post", path, {}).status_code == 404
    assert client.send("post", f"/api/runs/{uuid.uuid4()}/messages/{said['id']}/urgent/", {}).status_code == 404


def test_a_message_that_the_model_has_does_not_become_urgent(client, run):
    said = models.Message.objects.create(
        run=run, role="user", status="taken_in", taken_in_at_step=2, text="x", author_name="rita"
    )
    answer = client.send("post", f"/api/runs/{run.id}/messages/{said.id}/urgent/", {})
    assert (answer.status_code, answer.json()["is_urgent"], answer.json()["status"]) == (200, False, "taken_in")
    assert not models.Event.objects.filter(run=run, kind="message.made_urgent").exists()


@pytest.mark.parametrize("body", [{"text": " "}, {"text": "a\x00b"}, {"text": "x" * 20_001}, {}, {"text": {"a": 1}}])
def test_unusable_message_names_its_field(client, run, body):
    answer = client.send("post", f"/api/runs/{run.id}/messages/", body)
    assert (answer.status_code, answer.json()["field"]) == (400, "text")


def test_stop_may_be_asked_twice(client, run):
    for _ in range(2):
        answer = client.send("post", f"/api/runs/{run.id}/stop/", {"client_id": "c-2"})
        assert answer.status_code == 202
    assert answer.json()["status"] == "canceled"


def test_first_answer_wins(client, run, admin):
    from tests.web.api.conftest import TestClient

    question = ask(run, "question")
    path = f"/api/inputs/{question.id}/answer/"
    answer = client.send("post", path, {"decision": "respond", "answer": "production", "client_id": "c-3"})
    assert (answer.status_code, answer.json()["answer"], answer.json()["answered_by"]) == (200, "production", "rita")
    late = TestClient().sign_in(admin).send("post", path, {"decision": "respond", "answer": "staging"})
    assert (late.status_code, late.json()["code"]) == (409, "conflict")


def test_arguments_that_cannot_be_stored_are_refused(client, run):
    approval = ask(run, "approval", tool="github__comment", arguments={"body": "x"})
    path = f"/api/inputs/{approval.id}/answer/"
    answer = client.send("post", path, {"decision": "edit", "arguments": {"body": ["nul\x00"]}})
    assert (answer.status_code, answer.json()["field"]) == (400, "arguments")
    answer = client.send("post", path, {"decision": "edit", "arguments": nested(300)})
    assert (answer.status_code, answer.json()["field"]) == (400, "arguments")
    assert client.send("post", path, {"decision": "maybe"}).json()["field"] == "decision"


def test_receipt_has_the_whole_result(client, run, foreigner):
    receipt = models.Receipt.objects.create(
        id=uuid.uuid4(),
        team=run.issue.team,
        run=run,
        attempt=1,
        caller="run",
        upstream="code",
        tool="code__read",
        arguments={"path": "a.py"},
        status="ok",
        result="x" * 50_000,
        called_at=timezone.now(),
    )
    answer = client.get(f"/api/receipts/{receipt.id}/")
    assert (len(answer.json()["result"]), answer.json()["run"]) == (50_000, str(run.id))
    assert foreigner.get(f"/api/receipts/{receipt.id}/").status_code == 404


def test_unknown_and_malformed_ids_are_not_found(client):
    for path in (f"/api/runs/{uuid.uuid4()}/", "/api/runs/1/", f"/api/receipts/{uuid.uuid4()}/", "/api/issues/SAH-99/"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
