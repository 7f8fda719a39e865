"""All sockets of a process: limits, pings, and an end as soon as the rights end."""

from __future__ import annotations

import asyncio
import threading
import uuid

import psutil
import pytest
from django.db import OperationalError
from django.test import Client

from sahur.accounts import services
from sahur.accounts.actor import Actor
from sahur.accounts.models import Membership, User
from sahur.websockets import sign_in
from sahur.websockets.connection import Connection
from sahur.websockets.consumers import RunConnection
from sahur.websockets.database import in_database
from sahur.websockets.poller import poller
from sahur.websockets.seats import Seats, seats
from sahur.websockets.sign_in import SignIn
from tests.faults.crowd import stalled
from tests.waiting import wait_for
from tests.web.websockets.conftest import ORIGIN, Socket, store_events

with_rows = pytest.mark.django_db(transaction=True)


@pytest.fixture
def hints_only(monkeypatch, listening):
    """No review by the clock: what closes a socket is the hint. Call it once a socket is open."""
    monkeypatch.setattr(Seats, "review_seconds", 3600)
    return listening


@with_rows
def test_signing_out_closes_the_sockets_of_that_session(server, responder, run, hints_only):
    leaving, staying = Client(), Client()
    for client in (leaving, staying):
        client.force_login(responder)
    keys = [client.session.session_key for client in (leaving, staying)]
    with Socket(server.open("/ws/issues/", cookie=keys[0])) as out, Socket(server.open("/ws/issues/", cookie=keys[1])) as here:
        for socket in (out, here):
            socket.frame()
        hints_only()
        leaving.post("/api/auth/logout/")
        assert out.close_code() == 4401
        assert here.answer(client_id="c1", command="no.such")["type"] == "error"


@with_rows
def test_a_revoked_token_closes_what_it_let_in(server, responder, run, hints_only):
    token, _ = services.create_api_token(responder, "ci", by="rita")
    ticket, _ = services.issue_socket_ticket(responder, token=token)
    with Socket(server.open(f"/ws/runs/{run.id}/", origin=None, subprotocols=[f"ticket.{ticket}"])) as socket:
        socket.replay()
        hints_only()
        services.revoke_api_token(token.pk, by="rita")
        assert socket.close_code() == 4401


@with_rows
def test_a_ticket_ends_with_the_session_that_asked_for_it(server, responder, run, hints_only):
    client = Client()
    client.force_login(responder)
    ticket, _ = services.issue_socket_ticket(responder, session_key=client.session.session_key)
    with Socket(server.open(f"/ws/runs/{run.id}/", origin=None, subprotocols=[f"ticket.{ticket}"])) as socket:
        socket.replay()
        hints_only()
        client.session.flush()
        assert socket.close_code() == 4401


@with_rows
def test_leaving_the_team_is_noticed_at_once(open_as, responder, run, hints_only):
    with open_as(responder, f"/ws/runs/{run.id}/") as socket:
        socket.replay()
        hints_only()
        Membership.objects.get(user=responder).delete()
        assert socket.close_code() == 4404


@with_rows
def test_a_person_has_so_many_sockets_and_no_more(open_as, responder, stranger, run, monkeypatch):
    monkeypatch.setattr(Seats, "per_user", 2)
    sockets = [open_as(responder, f"/ws/runs/{run.id}/") for _ in range(2)]
    for socket in sockets:
        socket.replay()
    one_more = open_as(responder, f"/ws/runs/{run.id}/")
    assert one_more.frame()["problem"]["code"] == "throttled"
    assert one_more.close_code() == 4429
    with open_as(stranger, "/ws/issues/") as other:
        assert other.answer(client_id="c1", command="no.such")["type"] == "error"
    sockets[0].connection.close()
    with open_as(responder, f"/ws/runs/{run.id}/") as instead:
        assert instead.replay()
    sockets[1].connection.close()


@with_rows
def test_a_connection_that_is_never_read_is_cut(server, session_of, responder, run, monkeypatch):
    monkeypatch.setattr(Connection, "send_seconds", 0.3)
    monkeypatch.setattr(Connection, "close_seconds", 0.3)
    for _ in range(10):
        store_events(run, *["many words " * 2_000] * 200)
    cookie = f"sahur_session={session_of(responder)}"
    with stalled(f"http://127.0.0.1:{server.port}", f"{run.id}", cookie, origin=ORIGIN) as client:
        own = client.getsockname()[1]

        def is_open() -> bool:
            ends = psutil.Process().net_connections("tcp4")
            return any(end.laddr.port == server.port and end.raddr and end.raddr.port == own for end in ends)

        wait_for(lambda: any(known.watched for known in list(poller.by_loop.values())))
        wait_for(lambda: not is_open())


@with_rows
@pytest.mark.parametrize("stays", [True, False])
def test_a_review_while_a_socket_opens_is_made_up_for(open_as, responder, run, monkeypatch, stays):
    monkeypatch.setattr(Seats, "review_seconds", 3600)
    reviewed, opening = threading.Event(), RunConnection.open

    async def open_slowly(socket, actor):
        seats().look_again([responder.pk])
        while not socket._has_missed_review:
            await asyncio.sleep(0.01)
        await opening(socket, actor)
        if not stays:
            await in_database(Membership.objects.all().delete)
        reviewed.set()

    monkeypatch.setattr(RunConnection, "open", open_slowly)
    with open_as(responder, f"/ws/runs/{run.id}/") as socket:
        assert reviewed.wait(60)
        if stays:
            assert socket.answer(client_id="c1", command="no.such")["type"] == "error"
        else:
            assert socket.close_code() == 4404


@with_rows
def test_four_queries_review_everybody(responder, stranger, session_of, django_assert_num_queries):
    token, _ = services.create_api_token(stranger, "ci", by="olga")
    everybody = [SignIn(responder, session_of(responder)) for _ in range(20)]
    everybody += [SignIn(stranger, token_id=token.pk) for _ in range(20)]
    with django_assert_num_queries(4):
        actors = sign_in.review([*everybody, SignIn(responder, "gone"), SignIn(stranger, token_id=uuid.uuid4())])
    assert {actor.user_id for actor in actors[:40]} == {responder.pk, stranger.pk}
    assert actors[40:] == [None, None]


@with_rows
def test_a_new_password_ends_all_sign_ins(responder, session_of):
    before = SignIn(responder, session_of(responder))
    services.reset_password(User.objects.get(pk=responder.pk), by="ada")
    assert sign_in.review([before]) == [None]


class Scripted:
    """A socket that notes its turns."""

    def __init__(self, user_id: int) -> None:
        self.who = SignIn(User(pk=user_id))
        self.pings = 0
        self.stayed: list[Actor | None] = []

    def ping(self) -> None:
        self.pings += 1

    def stay_as(self, actor: Actor | None) -> None:
        self.stayed.append(actor)


async def test_a_fault_in_a_round_does_not_end_the_rounds(monkeypatch):
    answers = iter([KeyError("bug")])

    def review(sign_ins):
        for failure in answers:
            raise failure
        return [None] * len(sign_ins)

    monkeypatch.setattr(sign_in, "review", review)
    seats, socket = Seats(), Scripted(1)
    seats.ping_seconds = seats.review_seconds = 0.02
    seats.take(socket)
    async with asyncio.timeout(60):
        while not (socket.stayed and socket.pings > 2):
            await asyncio.sleep(0.01)
    seats.leave(socket)
    seats.leave(socket)
    assert len(seats) == 0


async def test_a_hint_reviews_only_whom_it_names(monkeypatch):
    monkeypatch.setattr(sign_in, "review", lambda sign_ins: [None] * len(sign_ins))
    seats, named, other = Seats(), Scripted(1), Scripted(2)
    seats.review_seconds = 3600
    for socket in (named, other):
        seats.take(socket)
    seats.look_again([1, 3])
    async with asyncio.timeout(60):
        while not named.stayed:
            await asyncio.sleep(0.01)
    assert other.stayed == []
    await seats.close()


async def test_a_hint_outlives_an_absence_of_the_database(monkeypatch):
    answers = iter([OperationalError("away")])

    def review(sign_ins):
        for failure in answers:
            raise failure
        return [None] * len(sign_ins)

    monkeypatch.setattr(sign_in, "review", review)
    seats, socket = Seats(), Scripted(1)
    seats.review_seconds, seats.again_seconds, seats.tick_seconds = 3600, 0.02, 0.02
    seats.take(socket)
    seats.look_again([1])
    async with asyncio.timeout(60):
        while not socket.stayed:
            await asyncio.sleep(0.01)
    await seats.close()
