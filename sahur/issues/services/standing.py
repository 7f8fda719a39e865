"""What a run knew when it was stopped: facts, what it still held possible, and what it was about to do.

Read from its rows and events, so it works for a run that nobody was at work on, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sahur.issues import models
from sahur_core.events import HypothesisStated
from sahur_core.issues import Hypothesis, HypothesisStatus, InputKind, Role

MAX_CALLS = 5
MAX_ARGUMENT_CHARS = 60
HELD = {HypothesisStatus.STATED: "", HypothesisStatus.STRENGTHENED: " (strengthened)", HypothesisStatus.WEAKENED: " (weakened)"}
"""Only what was ruled out does not stand any more."""


@dataclass(frozen=True)
class Standing:
    """As sentences for people; `facts` begin with the numbers by which they are cited."""

    facts: list[str]
    hypotheses: list[str]
    would_look_at: str


def standing(run: models.Run) -> Standing:
    """Call it before the run's open requests are closed."""
    facts = models.Evidence.objects.filter(run=run).order_by("number").values_list("number", "statement")
    return Standing(
        facts=[f"[{number}] {statement}" for number, statement in facts],
        hypotheses=[_told(each) for each in _hypotheses(run) if each.status in HELD],
        would_look_at=_calls_not_made(run) or _step_under_way(run) or _question_asked(run),
    )


def _hypotheses(run: models.Run) -> list[Hypothesis]:
    """The latest form of each, in the order in which they were stated first."""
    rows = models.Event.objects.filter(run=run, kind="hypothesis.stated").order_by("seq").values_list("payload", flat=True)
    latest: dict[str, Hypothesis] = {}
    for row in rows:
        hypothesis = HypothesisStated.model_validate(row).hypothesis
        latest[hypothesis.id] = hypothesis
    return list(latest.values())


def _told(hypothesis: Hypothesis) -> str:
    cited = "".join(f"[{number}]" for number in hypothesis.evidence)
    return f"{hypothesis.statement}{HELD[hypothesis.status]}{' ' if cited else ''}{cited}"


def _calls_not_made(run: models.Run) -> str:
    """Of the calls that the model asked for last. Those that only touch the run have no upstream in their name."""
    said = models.Message.objects.filter(run=run, role=Role.ASSISTANT.value).order_by("-created_at", "-id").first()
    calls: list[dict[str, Any]] = said.body.get("data", {}).get("tool_calls") or [] if said else []
    made = {row_id.split("/", 1)[1] for row_id in models.ToolCall.objects.filter(run=run).values_list("id", flat=True)}
    left = [call for call in calls if "__" in str(call["name"]) and str(call["id"]) not in made]
    return "; ".join(_named(call) for call in left[:MAX_CALLS]) + ("; …" if len(left) > MAX_CALLS else "")


def _named(call: dict[str, Any]) -> str:
    arguments = ", ".join(f"{name}: {_shorten(str(value))}" for name, value in dict(call.get("args") or {}).items())
    return f"{call['name']} ({arguments})" if arguments else str(call["name"])


def _shorten(text: str) -> str:
    return text if len(text) <= MAX_ARGUMENT_CHARS else f"{text[: MAX_ARGUMENT_CHARS - 1]}…"


def _step_under_way(run: models.Run) -> str:
    kinds = ("step.started", "step.finished")
    last = models.Event.objects.filter(run=run, kind__in=kinds).order_by("-seq").first()
    return str(last.payload["title"]) if last is not None and last.kind == "step.started" else ""


def _question_asked(run: models.Run) -> str:
    questions = models.InputRequest.objects.filter(run=run, answered_at__isnull=True).exclude(kind=InputKind.JOIN.value)
    asked = questions.order_by("created_at").first()
    return f"The answer to: {asked.prompt}" if asked else ""
