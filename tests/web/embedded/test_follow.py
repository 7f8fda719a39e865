"""Following a run in the terminal: text that was joined behind the reader's back is not printed twice."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sahur.embedded.reporting import unread
from sahur_core.events import Event, NoticeRaised, TextStreamed


def event(seq: int, text: str, first_seq: int | None = None) -> Event:
    told = TextStreamed(step_id="s1", text=text)
    return Event(run_id="r", first_seq=first_seq or seq, seq=seq, attempt=1, at=datetime.now(UTC), payload=told)


PRINTED = [event(3, "We "), event(4, "look "), event(5, "again")]


@pytest.mark.parametrize(("first_seq", "text"), [(3, "We look again."), (4, "look again."), (5, "again.")])
def test_only_the_rest_of_a_joined_text_is_printed(first_seq, text):
    assert unread(event(6, text, first_seq), 5, PRINTED).payload.text == "."


def test_what_follows_is_printed_whole():
    following = event(6, "We look on", 6)
    assert unread(following, 5, PRINTED) == following


def test_other_kinds_are_never_cut():
    notice = event(6, "x", 4).model_copy(update={"payload": NoticeRaised(level="info", message="x")})
    assert unread(notice, 5, PRINTED) == notice
