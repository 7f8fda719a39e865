"""Who gets a socket, and who loses it again."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from websockets.exceptions import InvalidStatus

from sahur.accounts import services
from sahur.accounts.models import MemberRole, Membership
from sahur.websockets.connection import Connection
from sahur.websockets.seats import Seats
from tests.waiting import wait_for
from tests.web.websockets.conftest import Socket, store_events

pytestmark = pytest.mark.django_db(transaction=True)


def refused(server, *arguments, **options) -> int:
    with pytest.raises(InvalidStatus) as error:
        server.open(*arguments, **options)
    return error.value.response.status_code


def test_nobody_is_signed_in(server, run):
    for path in (f"/ws/runs/{run.id}/", "/ws/issues/SAH-1/", "/ws/issues/"):
        assert Socket(server.open(path)).close_code() == 4401, path


def test_a_made_up_session_is_nobody(server, run):
    assert Socket(server.open(f"/ws/runs/{run.id}/", cookie="made-up")).close_code() == 4401


def test_a_page_of_one_person_gets_no_socket_of_another(open_as, responder, stranger, run):
    with open_as(responder, f"/ws/runs/{run.id}/?after=0&as={responder.get_username()}") as socket:
        socket.replay()
    assert open_as(responder, f"/ws/runs/{run.id}/?as={stranger.get_username()}").close_code() == 4401


def test_another_team_is_told_that_it_is_not_there(open_as, stranger, run):
    for path in (f"/ws/runs/{run.id}/", "/ws/issues/SAH-1/"):
        assert open_as(stranger, path).close_code() == 4404, path


def test_what_is_not_there(open_as, responder):
    for path in ("/ws/runs/not-an-id/", "/ws/issues/SAH-99/", "/ws/issues/%00/"):
        assert open_as(responder, path).close_code() == 4404, path


FOREIGN = ["http://evil.example", "https://testserver", "http://testserver:81", "http://testserver.evil.example", "null"]


def test_a_foreign_origin_is_refused(server, session_of, responder, run):
    cookie = session_of(responder)
    found = {origin: refused(server, f"/ws/runs/{run.id}/", origin=origin, cookie=cookie) for origin in FOREIGN}
    assert found == dict.fromkeys(FOREIGN, 403)


def test_a_cookie_without_origin_is_refused(server, session_of, responder, run):
    assert refused(server, f"/ws/runs/{run.id}/", origin=None, cookie=session_of(responder)) == 403


def test_an_unknown_address_is_refused(server, team):
    assert refused(server, "/ws/elsewhere/") == 403


def test_only_our_protocol_is_chosen(open_as, responder, run):
    with open_as(responder, f"/ws/runs/{run.id}/", subprotocols=["other", "sahur.v1"]) as socket:
        assert socket.connection.subprotocol == "sahur.v1"


def test_a_ticket_opens_one_socket(server, responder, run):
    ticket, _ = services.issue_socket_ticket(responder)
    protocols = ["sahur.v1", f"ticket.{ticket}"]
    with Socket(server.open(f"/ws/runs/{run.id}/", origin=None, subprotocols=protocols)) as socket:
        assert socket.connection.subprotocol == "sahur.v1"
        assert len(socket.replay()) == 1
    assert Socket(server.open(f"/ws/runs/{run.id}/", origin=None, subprotocols=protocols)).close_code() == 4401


def test_a_ticket_does_not_help_a_foreign_origin(server, responder, run):
    ticket, _ = services.issue_socket_ticket(responder)
    assert refused(server, f"/ws/runs/{run.id}/", origin="http://evil.example", subprotocols=[f"ticket.{ticket}"]) == 403


def test_a_ticket_of_a_reading_token_may_only_read(server, responder, run):
    ticket, _ = services.issue_socket_ticket(responder, at_most=MemberRole.VIEWER)
    with Socket(server.open(f"/ws/runs/{run.id}/", origin=None, subprotocols=[f"ticket.{ticket}"])) as socket:
        socket.replay()
        assert socket.answer(client_id="c1", command="run.stop")["problem"]["code"] == "not_permitted"


def test_a_one_time_password_is_not_enough(open_as, responder, run):
    responder.must_change_password = True
    responder.save()
    assert open_as(responder, f"/ws/runs/{run.id}/").close_code() == 4403


def test_an_ended_session_closes_its_socket(open_as, responder, run, monkeypatch):
    monkeypatch.setattr(Seats, "review_seconds", 0.1)
    with open_as(responder, f"/ws/runs/{run.id}/") as socket:
        socket.replay()
        Session.objects.all().delete()
        assert socket.close_code() == 4401


@pytest.mark.parametrize("path", ["/ws/runs/{run}/", "/ws/issues/SAH-1/"])
def test_leaving_the_team_closes_the_socket(open_as, responder, run, monkeypatch, path):
    monkeypatch.setattr(Seats, "review_seconds", 0.1)
    with open_as(responder, path.format(run=run.id)) as socket:
        socket.frame()
        Membership.objects.all().delete()
        assert socket.close_code() == 4404


def test_a_lowered_role_holds_for_the_next_command(open_as, responder, run):
    with open_as(responder, f"/ws/runs/{run.id}/") as socket:
        socket.replay()
        Membership.objects.update(role=MemberRole.VIEWER)
        answer = socket.answer(client_id="c1", command="message.send", text="Hello")
        assert answer["problem"]["code"] == "not_permitted"
        assert answer["problem"]["next_step"]


def test_a_ping_comes_without_news(open_as, responder, run, monkeypatch):
    monkeypatch.setattr(Seats, "ping_seconds", 0.1)
    with open_as(responder, f"/ws/runs/{run.id}/") as socket:
        socket.replay()
        assert socket.connection.recv(timeout=20) == '{"type":"ping"}'


def test_a_reader_that_stands_still_is_closed_and_others_go_on(server, open_as, responder, run, monkeypatch):
    monkeypatch.setattr(Connection, "send_seconds", 0.3)
    for _ in range(5):
        store_events(run, *["many words " * 2_000] * 200)
    still = {"max_queue": 1, "max_size": None, "compression": None, "ping_interval": None}
    with (
        open_as(responder, f"/ws/runs/{run.id}/?after=1000") as other,
        open_as(responder, f"/ws/runs/{run.id}/", **still) as stalled,
    ):
        other.replay()
        wait_for(lambda: server.poller.watched == 1)
        store_events(run, "others go on")
        assert other.event("notice.raised")["payload"]["message"] == "others go on"
        assert stalled.close_code() in (4408, 1006)
