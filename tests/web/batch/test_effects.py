"""An effect is delivered once per key: looked up before a second try, retried with pauses, failed for good at last."""

from __future__ import annotations

import sys
from datetime import timedelta
from types import ModuleType

import pytest
from django.utils import timezone

from sahur.batch import effects
from sahur.batch.reaper import forget_effects
from sahur.issues import models
from sahur.issues.services import effects as planned
from sahur.issues.services import reports, runs
from sahur.issues.services.effects import GIVE_UP_AFTER, MAX_PAUSE, RETRY_SECONDS
from sahur.issues.services.slack_threads import Place
from sahur_core.issues import Source

pytestmark = pytest.mark.django_db


class Remote(ModuleType):
    """The other side: remembers what it took, by key; fails as told."""

    def __init__(self) -> None:
        super().__init__("fake_remote")
        self.taken: dict[str, int] = {}
        self.failures: list[Exception] = []
        self.crash_after_taking = False

    def deliver(self, effect: models.Effect) -> dict[str, object]:
        if self.failures:
            raise self.failures.pop(0)
        self.taken[effect.key] = self.taken.get(effect.key, 0) + 1
        if self.crash_after_taking:
            self.crash_after_taking = False
            raise KeyboardInterrupt
        return {"ts": "1"}

    def find(self, effect: models.Effect) -> dict[str, object] | None:
        return {"ts": "1"} if effect.key in self.taken else None


@pytest.fixture
def remote(settings, monkeypatch):
    fake = Remote()
    monkeypatch.setitem(sys.modules, "fake_remote", fake)
    settings.EFFECT_HANDLERS = {"slack": "fake_remote"}
    return fake


@pytest.fixture
def card(team):
    new = reports.NewIssue(title="Down", body="Down", source=Source.SLACK, reporter_name="Rita", place=Place("T1", "C1", "1.1"))
    runs.create_run(reports.open_issue(team, new), asked_by="Rita", user_id=None, trace_id="")
    return models.Effect.objects.get(kind="slack.card")


def make_due(effect):
    models.Effect.objects.filter(id=effect.id).update(due_at=timezone.now() - timedelta(seconds=1))


def test_a_duplicate_hint_delivers_once(card, remote):
    effects.deliver(card.id)
    effects.deliver(card.id)
    card.refresh_from_db()
    assert (card.state, card.result, remote.taken) == ("done", {"ts": "1"}, {card.key: 1})
    assert models.Event.objects.filter(kind="effect.finished").count() == 1


def test_a_worker_that_dies_inside_the_call_does_not_post_twice(card, remote):
    remote.crash_after_taking = True
    with pytest.raises(KeyboardInterrupt):
        effects.deliver(card.id)
    make_due(card)
    effects.deliver(card.id)
    card.refresh_from_db()
    assert (card.state, remote.taken[card.key]) == ("done", 1)


def test_a_failure_is_tried_again_after_a_pause(card, remote):
    remote.failures = [effects.DeliveryError("busy", retry_after=30)]
    effects.deliver(card.id)
    card.refresh_from_db()
    assert card.state == "pending"
    assert card.due_at > timezone.now() + timedelta(seconds=20)


def test_the_other_side_may_be_away_for_hours(card, remote):
    remote.failures = [effects.DeliveryError("busy") for _ in range(len(RETRY_SECONDS) + 10)]
    for _ in range(len(RETRY_SECONDS) + 11):
        make_due(card)
        effects.deliver(card.id)
    card.refresh_from_db()
    assert (card.state, remote.taken[card.key]) == ("done", 1)


def test_it_fails_for_good_after_a_day(card, remote):
    remote.failures = [effects.DeliveryError("busy")]
    effects.deliver(card.id)
    models.Effect.objects.filter(id=card.id).update(created_at=timezone.now() - GIVE_UP_AFTER)
    make_due(card)
    effects.deliver(card.id)
    card.refresh_from_db()
    assert (card.state, card.last_error, remote.taken) == ("failed", "busy", {})
    assert models.Event.objects.filter(kind="effect.finished").count() == 1


def test_what_was_never_tried_is_tried_also_after_a_day(card, remote):
    models.Effect.objects.filter(id=card.id).update(created_at=timezone.now() - GIVE_UP_AFTER)
    effects.deliver(card.id)
    card.refresh_from_db()
    assert (card.state, remote.taken[card.key]) == ("done", 1)


def test_a_fault_of_our_own_is_noted_and_tried_again(card, remote):
    remote.failures = [TypeError("odd")]
    effects.deliver(card.id)
    card.refresh_from_db()
    assert (card.state, card.last_error) == ("pending", "SAHUR itself failed: TypeError.")
    assert card.due_at > timezone.now()


def test_a_clock_that_jumped_back_holds_nothing_up(card, remote):
    models.Effect.objects.filter(id=card.id).update(due_at=timezone.now() + 3 * MAX_PAUSE)
    effects.deliver(card.id)
    card.refresh_from_db()
    assert card.state == "done"


def test_a_permanent_failure_is_not_tried_again(card, remote):
    remote.failures = [effects.DeliveryError("no such channel", permanent=True)]
    effects.deliver(card.id)
    card.refresh_from_db()
    assert card.state == "failed"


def test_what_ended_long_ago_and_belongs_to_no_issue_is_forgotten(card):
    long_ago = timezone.now() - timedelta(days=8)
    for what, finished_at in (("old", long_ago), ("new", timezone.now()), ("waiting", None)):
        planned.plan_once("slack.person", what, {})
        models.Effect.objects.filter(key=f"slack.person:{what}").update(finished_at=finished_at)
    models.Effect.objects.filter(id=card.id).update(finished_at=long_ago)
    forget_effects()
    left = models.Effect.objects.filter(kind__in=("slack.person", "slack.card")).values_list("key", flat=True)
    assert set(left) == {card.key, "slack.person:new", "slack.person:waiting"}


def test_only_slack_issues_cause_posts(run):
    assert not models.Effect.objects.exists()
