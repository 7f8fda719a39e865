"""Streamed text of ended runs becomes a few rows, every reader still gets all of it once, and edits of progress go."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from sahur.batch import reaper
from sahur.issues import events, models, selectors
from sahur.issues.services import compaction, runs
from sahur_core.events import NoticeRaised, TextStreamed

pytestmark = pytest.mark.django_db

NOTICE = NoticeRaised(level="info", message="in between")


def text(said: str, step: str = "s1") -> TextStreamed:
    return TextStreamed(step_id=step, text=said)


def ended(run: models.Run, *told, attempt: int | None = None) -> None:
    """The events 2, 3, … of the run, and its end."""
    for payload in told:
        events.append(run.id, [events.NewEvent(payload)], attempt=attempt)
    runs.request_stop(run.id, "Rita")


def rows(run: models.Run) -> list[tuple[int, int, str]]:
    """First and last number of each text, and what it says."""
    read = selectors.read_events(run.id, 0)
    return [(event.first_seq, event.seq, event.payload.text) for event in read if event.payload.kind == "text.streamed"]


def test_neighbors_become_one_event_that_covers_their_numbers(run):
    ended(run, text("We "), text("look "), text("again."), NOTICE, text("So."))
    before = selectors.last_seq(run.id)
    assert compaction.compact(run.id) == 2
    assert rows(run) == [(2, 4, "We look again."), (6, 6, "So.")]
    covered = [seq for event in selectors.read_events(run.id, 0) for seq in range(event.first_seq, event.seq + 1)]
    assert covered == list(range(1, before + 1))


def test_steps_and_attempts_stay_apart(run):
    told = [text("a"), text("b"), text("c", "s2"), text("d")]
    ended(run, *told)
    models.Event.objects.filter(run=run, seq=3).update(attempt=2)
    assert compaction.compact(run.id) == 0
    assert [said for *_, said in rows(run)] == ["a", "b", "c", "d"]


def test_a_joined_text_has_a_limit(run):
    piece = "x" * (compaction.MAX_CHARS // 2)
    ended(run, *[text(piece)] * 5)
    compaction.compact(run.id)
    assert [(first, last) for first, last, _ in rows(run)] == [(2, 3), (4, 5), (6, 6)]


def test_a_run_that_has_not_ended_keeps_its_pieces(run):
    events.append(run.id, [events.NewEvent(text("a")), events.NewEvent(text("b"))])
    assert compaction.compact(run.id) == 0
    run.refresh_from_db()
    assert (len(rows(run)), run.compacted_at) == (2, None)


def test_edits_that_only_showed_progress_are_gone_with_it(run):
    shown = {"run": run, "kind": "slack.card_update", "state": "done"}
    for number in range(3):
        models.Effect.objects.create(key=f"live:{number}", payload={"is_live": True}, **shown)
    models.Effect.objects.create(key="end", payload={}, **shown)
    models.Effect.objects.create(key="failed", payload={"is_live": True}, **{**shown, "state": "failed"})
    compaction.compact(run.id)
    assert models.Effect.objects.count() == 5
    ended(run)
    compaction.compact(run.id)
    assert set(models.Effect.objects.values_list("key", flat=True)) == {"end", "failed"}


def test_once_is_enough(run):
    ended(run, text("a"), text("b"))
    assert [compaction.compact(run.id) for _ in range(2)] == [1, 0]
    assert rows(run) == [(2, 3, "ab")]


@pytest.mark.parametrize("cursor", [1, 2, 3, 4])
def test_a_reader_inside_of_the_range_is_given_all_of_it(run, cursor):
    ended(run, text("a"), text("b"), text("c"), text("d"))
    compaction.compact(run.id)
    following = selectors.read_events(run.id, cursor)[0]
    assert (following.first_seq, following.seq, following.payload.text) == (2, 5, "abcd")


def test_a_reader_after_the_range_misses_nothing(run):
    ended(run, text("a"), text("b"))
    following = selectors.read_events(run.id, 3)
    compaction.compact(run.id)
    assert selectors.read_events(run.id, 3) == following


def test_the_reaper_compacts_what_has_settled(run):
    ended(run, text("a"), text("b"))
    reaper.compact_events()
    assert len(rows(run)) == 2
    models.Run.objects.filter(id=run.id).update(ended_at=timezone.now() - reaper.READ_LIVE)
    reaper.compact_events()
    assert rows(run) == [(2, 3, "ab")]
    assert compaction.uncompacted(timedelta(0)) == []
