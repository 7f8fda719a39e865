"""What can be asked over a socket, and what is answered."""

from __future__ import annotations

import json
import uuid

import pytest
from django.db import OperationalError

from sahur.accounts.actor import actor_for
from sahur.batch import actions
from sahur.issues import models
from sahur.websockets import commands
from sahur.websockets.commands import Subject
from sahur.websockets.throttle import Throttle
from sahur_core.errors import InputError, TooManyRequests
from tests.core.tools.test_storable import nested

pytestmark = pytest.mark.django_db(transaction=True)

EDIT = {"client_id": "c1", "command": "input.answer", "input_request_id": str(uuid.UUID(int=0)), "decision": "edit"}


@pytest.fixture
def question(run) -> models.InputRequest:
    return models.InputRequest.objects.create(run=run, kind="question", prompt="Which region?")


def test_a_message_is_acknowledged_and_echoed(open_as, responder, run):
    with open_as(responder, f"/ws/runs/{run.id}/") as socket:
        socket.replay()
        answer = socket.answer(client_id="c1", command="message.send", text="Look at staging")
        assert (answer["type"], answer["client_id"]) == ("ack", "c1")
        message = models.Message.objects.get(id=answer["result"]["message_id"])
        assert (message.text, message.author) == ("Look at staging", responder)


def test_the_echo_carries_the_client_id(open_as, responder, run):
    with open_as(responder, f"/ws/runs/{run.id}/") as socket, open_as(responder, f"/ws/runs/{run.id}/") as other:
        socket.replay()
        socket.answer(client_id="c1", command="message.send", text="Look at staging")
        assert other.event("message.queued")["payload"]["client_id"] == "c1"


def test_a_command_sent_again_is_done_once(open_as, responder, run):
    with open_as(responder, f"/ws/runs/{run.id}/") as socket:
        socket.replay()
        results = [socket.answer(client_id="c1", command="message.send", text="Look")["result"] for _ in range(3)]
    assert results[0] == results[1] == results[2]
    assert models.Message.objects.count() == 1


def test_a_run_is_stopped_and_another_one_started(open_as, responder, run):
    with open_as(responder, f"/ws/runs/{run.id}/") as socket:
        socket.replay()
        assert socket.answer(client_id="c1", command="run.stop")["result"]["status"] == "canceled"
        first, second = (socket.answer(client_id="c2", command="run.start")["result"] for _ in range(2))
    assert first == second
    assert (first["number"], first["status"]) == (2, "queued")


def test_an_input_is_answered_by_the_first(open_as, responder, run, question):
    ask = {"command": "input.answer", "input_request_id": str(question.id), "decision": "respond"}
    with open_as(responder, f"/ws/runs/{run.id}/") as socket:
        socket.replay()
        assert socket.answer(client_id="c1", **ask, answer="eu-west")["result"]["decision"] == "respond"
        assert socket.answer(client_id="c2", **ask, answer="us-east")["problem"]["code"] == "conflict"
    question.refresh_from_db()
    assert question.answer == "eu-west"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("frame", "field"),
    [
        ({"client_id": "c1"}, "command"),
        ({"client_id": "c1", "command": "run.delete"}, "command"),
        ({"client_id": "c1", "command": ["run.stop"]}, "command"),
        ({"command": "run.stop"}, "client_id"),
        ({"client_id": "", "command": "run.stop"}, "client_id"),
        ({"client_id": "c" * 101, "command": "run.stop"}, "client_id"),
        ({"client_id": "c1", "command": "message.send"}, "text"),
        ({"client_id": "c1", "command": "message.send", "text": 7}, "text"),
        ({"client_id": "c1", "command": "message.send", "text": "  "}, "text"),
        ({"client_id": "c1", "command": "message.send", "text": "x" * 20_001}, "text"),
        ({"client_id": "c1", "command": "run.stop", "force": True}, "force"),
        ({"client_id": "c1", "command": "input.answer", "input_request_id": "x", "decision": "maybe"}, "decision"),
        ({"client_id": "c\x00", "command": "message.send", "text": "x"}, "client_id"),
        ({"client_id": "c1", "command": "message.send", "text": "\x00"}, "text"),
        ({"client_id": "c1", "command": "message.send", "text": "\ud800"}, "text"),
        ({"client_id": "c1", "command": "run.start", "issue_key": "\x00"}, "issue_key"),
        ({**EDIT, "arguments": {"a": "\x00"}}, "arguments"),
        ({**EDIT, "arguments": nested(300)}, "arguments"),
        ({**EDIT, "answer": "x" * 20_001}, "answer"),
    ],
)
def test_unusable_frames_say_what_to_mend(responder, run, frame, field):
    with pytest.raises(InputError) as error:
        commands.perform(actor_for(responder), frame, Subject(run_id=str(run.id)))
    assert error.value.field == field
    assert error.value.next_step


def test_a_socket_without_a_run_needs_its_name(open_as, responder, run):
    with open_as(responder, "/ws/issues/") as socket:
        assert socket.answer(client_id="c1", command="run.stop")["problem"]["field"] == "run_id"
        assert socket.answer(client_id="c2", command="run.stop", run_id=str(run.id))["result"]["status"] == "canceled"


def test_what_is_not_json_is_answered(open_as, responder, run):
    with open_as(responder, f"/ws/runs/{run.id}/") as socket:
        socket.replay()
        for text in ("", "{", "[1]", "7", '"x"', "[" * 50_000):
            socket.connection.send(text)
            frame = socket.frame()
            assert (frame["type"], frame["client_id"], frame["problem"]["code"]) == ("error", "", "invalid_input")


def test_another_teams_run_cannot_be_named(open_as, stranger, responder, run, other_team):
    with open_as(stranger, "/ws/issues/") as socket:
        for command in ({"command": "run.stop", "run_id": str(run.id)}, {"command": "run.start", "issue_key": "SAH-1"}):
            assert socket.answer(client_id="c1", **command)["problem"]["code"] == "not_found"
    run.refresh_from_db()
    assert run.status == "queued"


@pytest.mark.parametrize(("frame", "code"), [("x" * (commands.MAX_FRAME_CHARS + 1), 1009), (b"bytes", 1003)])
def test_frames_that_are_no_commands_close_the_socket(open_as, responder, run, frame, code):
    with open_as(responder, f"/ws/runs/{run.id}/") as socket:
        socket.replay()
        socket.connection.send(frame)
        assert socket.close_code() == code


@pytest.mark.parametrize(
    ("failure", "code"), [(OperationalError("gone"), "database_unavailable"), (KeyError("bug"), "unexpected")]
)
def test_a_fault_of_ours_is_told_and_the_socket_stays(open_as, responder, run, monkeypatch, failure, code):
    def fail(*_, **__):
        raise failure

    with open_as(responder, f"/ws/runs/{run.id}/") as socket:
        socket.replay()
        with monkeypatch.context() as broken:
            broken.setattr(actions, "send_message", fail)
            answer = socket.answer(client_id="c1", command="message.send", text="Hello")
        assert answer["problem"]["code"] == code
        assert str(failure) not in json.dumps(answer)
        assert socket.answer(client_id="c1", command="message.send", text="Hello")["type"] == "ack"


@pytest.mark.django_db
def test_a_socket_is_throttled(responder):
    throttle = Throttle(responder.pk, per_socket=3, per_user=100)
    for _ in range(3):
        throttle.check()
    with pytest.raises(TooManyRequests, match="Wait a minute"):
        throttle.check()


def test_a_person_is_throttled_over_all_sockets():
    user_id = uuid.uuid4().int % 2**31
    # One more than two minutes' worth, should the minute change in between.
    sockets = [Throttle(user_id, per_socket=100, per_user=3) for _ in range(7)]

    def use_all() -> None:
        for throttle in sockets:
            throttle.check()

    with pytest.raises(TooManyRequests):
        use_all()


def test_without_the_cache_the_socket_still_counts(settings):
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    throttle = Throttle(1, per_socket=2, per_user=100)
    throttle.check()
    throttle.check()
    with pytest.raises(TooManyRequests):
        throttle.check()


def test_a_throttled_command_is_told(open_as, responder, run, monkeypatch):
    def full(_):
        raise TooManyRequests("Too many commands in one minute.", next_step="Wait a minute, then send it again.")

    monkeypatch.setattr(Throttle, "check", full)
    with open_as(responder, f"/ws/runs/{run.id}/") as socket:
        socket.replay()
        assert socket.answer(client_id="c1", command="run.stop")["problem"]["code"] == "throttled"
