"""How far a run has come, for its card: its stages, and the steps and tool calls in them, from its events."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from django.db.models import QuerySet

from sahur.issues import models
from sahur_core.issues import MessageStatus, Role, Stage

MAX_CALLS = 100
"""Tool calls that are looked at, the newest ones: a card shows few of them."""


@dataclass
class Step:
    """A step as its events tell it. `calls` are tools in the order of their calls, `call` the one under way."""

    title: str
    stage: Stage
    position: int
    summary: str = ""
    is_finished: bool = False
    calls: int = 0
    failed_calls: int = 0
    call: str = ""


@dataclass(frozen=True)
class Progress:
    """The steps of each stage, oldest first. A stage that was gone back to has all of its steps."""

    steps: dict[Stage, list[Step]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return sum(len(steps) for steps in self.steps.values())

    @property
    def current(self) -> Step | None:
        """The step under way; None between two of them."""
        under_way = [step for steps in self.steps.values() for step in steps if not step.is_finished]
        return max(under_way, key=lambda step: step.position, default=None)


@dataclass(frozen=True)
class Said:
    """How many messages of people the run has got, by what became of them."""

    taken_in: int = 0
    waiting: int = 0
    carried_over: int = 0


def progress_of(run: models.Run) -> Progress:
    """As stored by now. What a lost attempt told twice counts once."""
    events = models.Event.objects.filter(run=run)
    stages = list(events.filter(kind="stage.started").order_by("seq").values_list("seq", "payload__stage"))
    steps = _steps(events.filter(kind__in=("step.started", "step.finished")), stages)
    _add_calls(steps, events.filter(kind__in=("tool_call.started", "tool_call.finished")))
    found: dict[Stage, list[Step]] = {}
    for step in sorted(steps.values(), key=lambda step: step.position):
        found.setdefault(step.stage, []).append(step)
    return Progress(found)


def said_to(run: models.Run) -> Said:
    statuses = list(models.Message.objects.filter(run=run, role=Role.USER.value).values_list("status", flat=True))
    return Said(
        taken_in=statuses.count(MessageStatus.TAKEN_IN),
        waiting=statuses.count(MessageStatus.QUEUED),
        carried_over=statuses.count(MessageStatus.CARRIED_OVER),
    )


def _steps(events: QuerySet[models.Event], stages: list[tuple[int, str]]) -> dict[str, Step]:
    found: dict[str, Step] = {}
    rows = events.order_by("seq").values_list(
        "seq", "kind", "payload__step_id", "payload__title", "payload__position", "payload__summary"
    )
    for seq, kind, step_id, title, position, summary in rows:
        if kind == "step.started":
            found[step_id] = Step(title or "", _stage_at(seq, stages), position or 0)
        elif step_id in found:
            found[step_id].is_finished, found[step_id].summary = True, summary or ""
    return found


def _stage_at(seq: int, stages: list[tuple[int, str]]) -> Stage:
    """The one that was started last before; a run that was forked tells steps of its own only."""
    index = bisect_right([start for start, _ in stages], seq) - 1
    return Stage(stages[index][1]) if index >= 0 else Stage.GATHER_CONTEXT


def _add_calls(steps: dict[str, Step], events: QuerySet[models.Event]) -> None:
    rows = events.order_by("-seq").values_list(
        "kind", "payload__step_id", "payload__tool_call_id", "payload__tool", "payload__status"
    )[:MAX_CALLS]
    ended: set[str] = set()
    for kind, step_id, call_id, tool, status in rows:
        step = steps.get(step_id)
        if step is None:
            continue
        if kind == "tool_call.finished" and call_id not in ended:
            ended.add(call_id)
            step.calls += 1
            step.failed_calls += status in ("error", "denied")
        elif kind == "tool_call.started" and call_id not in ended and not step.is_finished:
            step.call = step.call or tool
