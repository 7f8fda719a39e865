"""A run of an issue that was answered before: with the earlier answer if people said something about it, else afresh."""

from __future__ import annotations

import pytest

from sahur.batch import actions, feedback_actions
from sahur.batch.feedback_actions import RealCause
from sahur.issues.services.reports import Delivery
from sahur_core.issues import RunStatus, Source
from tests.web.batch.investigating import Bench, detective

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_pool")]

SAID = "It was set last week."


@pytest.fixture
def answered(run):
    Bench(detective).drive(run)
    assert run.status == RunStatus.SUCCEEDED
    return run


def heard(run) -> str:
    """The first conversation with the model that investigates."""
    bench = Bench(detective)
    bench.drive(run)
    return next(told for told in bench.models.heard if not told.startswith("Triage"))


def test_what_is_said_after_the_end_is_read_with_the_earlier_answer(actor, answered):
    further = actions.say_to_issue(actor, answered.issue.key, SAID, Delivery("slack", "Ev1")).run
    told = heard(further)
    assert further.number == 2
    for part in (SAID, "Run 1 of this report", answered.solution.summary, "The line reads it."):
        assert part in told


def test_of_several_answers_the_latest_is_given(actor, answered):
    for number in (2, 3):
        further = actions.say_to_issue(actor, answered.issue.key, SAID, Delivery("slack", f"Ev{number}")).run
        told = heard(further)
    assert "Run 2 of this report" in told
    assert "Run 1 of this report" not in told


def test_a_run_after_the_issue_was_closed_knows_with_what_cause(actor, answered):
    feedback_actions.tell_real_cause(actor, answered.id, RealCause("The disk was full", closes=True), source=Source.SLACK)
    told = heard(actions.say_to_issue(actor, answered.issue.key, SAID, Delivery("slack", "Ev1")).run)
    for part in ("closed", "The disk was full", "was wrong", actor.name):
        assert part in told


def test_an_issue_that_was_opened_again_is_not_told_as_closed(actor, answered):
    actions.close_issue(actor, answered.issue.key, "The disk was full")
    actions.reopen_issue(actor, answered.issue.key)
    assert "The disk was full" not in heard(actions.say_to_issue(actor, answered.issue.key, SAID, Delivery("slack", "Ev1")).run)


def test_a_run_that_nobody_said_anything_for_looks_afresh(actor, answered):
    told = heard(actions.start_run(actor, answered.issue.key))
    assert "of this report was finished before" not in told
