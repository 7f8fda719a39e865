"""What a card shows of a run's progress is read from its events."""

from __future__ import annotations

import pytest

from sahur.issues import events, models
from sahur.issues.services import messages
from sahur.slack.progress import Said, progress_of, said_to
from sahur_core.events import StageStarted, StepFinished, StepStarted, ToolCallFinished, ToolCallStarted
from sahur_core.issues import Stage

pytestmark = pytest.mark.django_db


def call(number: int, step: str = "step-2") -> ToolCallStarted:
    return ToolCallStarted(step_id=step, tool_call_id=f"call-{number}", tool=f"code__{number}", arguments={})


def ended(number: int, status: str = "ok") -> ToolCallFinished:
    return ToolCallFinished(step_id="step-2", tool_call_id=f"call-{number}", tool=f"code__{number}", status=status, excerpt="x")


def tell(run: models.Run, *payloads) -> None:
    events.append(run.id, [events.NewEvent(payload) for payload in payloads])


def test_steps_stand_in_their_stage_with_what_came_of_them(run):
    tell(run, StageStarted(stage=Stage.GATHER_CONTEXT), StepStarted(step_id="step-1", position=1, title="Read the report"))
    tell(run, StepFinished(step_id="step-1", summary="A crash"), StageStarted(stage=Stage.ANALYZE))
    tell(run, StepStarted(step_id="step-2", position=2, title="Look"), call(1), ended(1), call(2), ended(2, "error"), call(3))
    progress = progress_of(run)
    (first,), (second,) = progress.steps[Stage.GATHER_CONTEXT], progress.steps[Stage.ANALYZE]
    assert (first.title, first.summary, first.is_finished) == ("Read the report", "A crash", True)
    assert (second.calls, second.failed_calls, second.call, second.is_finished) == (2, 1, "code__3", False)
    assert (progress.current, progress.count) == (second, 2)


def test_a_step_that_a_lost_attempt_told_counts_once(run):
    for _ in range(2):
        tell(run, StageStarted(stage=Stage.ANALYZE), StepStarted(step_id="step-1", position=1, title="Look"))
    assert progress_of(run).count == 1


def test_a_run_that_nobody_began_has_no_progress(run):
    assert (progress_of(run).count, progress_of(run).current) == (0, None)


def test_what_people_said_is_counted_by_what_became_of_it(run):
    for text in ("one", "two"):
        messages.say(run, text, author_name="Rita", author_id=None)
    models.Message.objects.filter(text="one").update(status="taken_in")
    models.Message.objects.create(run=run, role="assistant", text="no person")
    assert said_to(run) == Said(taken_in=1, waiting=1)
