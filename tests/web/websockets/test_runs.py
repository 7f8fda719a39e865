"""`/ws/runs/<id>/`: history, then live, without gap or repeat."""

from __future__ import annotations

import pytest
from channels.layers import channel_layers
from channels_redis.pubsub import RedisPubSubChannelLayer

from sahur.batch import actions
from sahur.issues import events, selectors
from sahur.issues.services import compaction, runs
from sahur.websockets.consumers import MAX_SEQ
from sahur.websockets.poller import Poller
from sahur_core.events import NoticeRaised, TextStreamed
from tests.waiting import wait_for
from tests.web.websockets.conftest import store_events

pytestmark = pytest.mark.django_db(transaction=True)


def test_history_comes_in_order_and_in_batches(open_as, responder, run):
    store_events(run, *(f"notice {number}" for number in range(450)))
    with open_as(responder, f"/ws/runs/{run.id}/") as socket:
        sizes = [len(socket.frame()["events"]) for _ in range(3)]
        assert sizes == [200, 200, 51]
        assert socket.frame() == {"type": "replay.done", "last_seq": 451}


def test_a_reader_resumes_after_the_last_event_it_has(open_as, responder, run):
    store_events(run, "two", "three", "four")
    with open_as(responder, f"/ws/runs/{run.id}/?after=2") as socket:
        assert [event["seq"] for event in socket.replay()] == [3, 4]


def test_a_reader_inside_of_joined_text_is_given_all_of_it_and_then_the_rest(open_as, responder, run):
    pieces = [events.NewEvent(TextStreamed(step_id="s1", text=text)) for text in "abc"]
    events.append(run.id, pieces)
    runs.request_stop(run.id, "Rita")
    compaction.compact(run.id)
    with open_as(responder, f"/ws/runs/{run.id}/?after=3") as socket:
        joined, *rest = socket.replay()
    assert (joined["first_seq"], joined["seq"], joined["payload"]["text"]) == (2, 4, "abc")
    assert [event["first_seq"] for event in rest] == [5, 6]


def test_an_empty_history_is_over_at_once(open_as, responder, run):
    with open_as(responder, f"/ws/runs/{run.id}/?after=1") as socket:
        assert socket.frame() == {"type": "replay.done", "last_seq": 1}


def test_an_unusable_cursor_is_told(open_as, responder, run):
    for after in ("-1", "x", "1e3", "٣", str(2**63 - 1), "9" * 30, "9" * 5000):
        with open_as(responder, f"/ws/runs/{run.id}/?after={after}") as socket:
            assert socket.frame()["problem"]["field"] == "after", after
            assert socket.close_code() == 4400, after


def test_the_farthest_cursor_spoils_no_poll(run):
    assert selectors.moved_runs({run.id: MAX_SEQ}) == set()


def test_news_comes_with_the_hint(open_as, responder, run, listening, monkeypatch):
    monkeypatch.setattr(Poller, "poll_seconds", 3600)
    with open_as(responder, f"/ws/runs/{run.id}/") as socket:
        socket.replay()
        listening()
        events.record(run, NoticeRaised(level="info", message="live"))
        assert socket.event("notice.raised")["payload"]["message"] == "live"


def test_news_comes_by_poll_where_the_hint_is_lost(open_as, responder, run, monkeypatch):
    monkeypatch.setattr(Poller, "poll_seconds", 0.1)
    with open_as(responder, f"/ws/runs/{run.id}/") as socket:
        socket.replay()
        store_events(run, "nobody was told")
        assert socket.event("notice.raised")["seq"] == 2


def test_sockets_live_without_valkey(open_as, responder, run, monkeypatch):
    monkeypatch.setitem(channel_layers.backends, "default", RedisPubSubChannelLayer(hosts=["redis://127.0.0.1:1/0"]))
    monkeypatch.setattr(Poller, "poll_seconds", 0.1)
    with open_as(responder, f"/ws/runs/{run.id}/") as socket:
        socket.replay()
        events.record(run, NoticeRaised(level="info", message="still here"))
        assert socket.event("notice.raised")["payload"]["message"] == "still here"


def test_many_readers_of_one_run_see_the_same(open_as, responder, run, monkeypatch):
    monkeypatch.setattr(Poller, "poll_seconds", 0.1)
    sockets = [open_as(responder, f"/ws/runs/{run.id}/?after={number % 2}") for number in range(8)]
    for socket in sockets:
        socket.replay()
    store_events(run, "two", "three")
    assert [socket.event("notice.raised")["seq"] for socket in sockets] == [2] * 8
    for socket in sockets:
        socket.connection.close()


def test_an_ended_run_stays_open_for_messages(open_as, responder, actor, run, listening):
    runs.request_stop(run.id, "Rita")
    with open_as(responder, f"/ws/runs/{run.id}/") as socket:
        assert socket.replay()[-1]["payload"]["kind"] == "run.canceled"
        listening()
        answer = socket.answer(client_id="c1", command="message.send", text="What about staging?")
        assert answer["result"]["status"] == "carried_over"
        with open_as(responder, f"/ws/runs/{run.id}/") as again:
            assert "message.carried_over" in [event["payload"]["kind"] for event in again.replay()]


def test_the_poller_rests_when_nobody_watches(server, open_as, responder, run):
    with open_as(responder, f"/ws/runs/{run.id}/") as socket:
        socket.replay()
        assert server.poller.is_running
    wait_for(lambda: not server.poller.is_running)


def test_stopping_ends_the_history(open_as, responder, actor, run):
    with open_as(responder, f"/ws/runs/{run.id}/") as socket:
        socket.replay()
        actions.stop_run(actor, run.id)
        assert socket.event("run.canceled")["payload"]["asked_by"] == "rita"
