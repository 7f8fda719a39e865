"""Every kind of event of a run, one model per kind.

An event says that something happened: `noun.past_tense`. The run engine numbers it (`seq`, gapless per run) and stores
it; doors relay it. The JSON Schema of these models generates the TypeScript types and docs/events.md.
A *fact* (marked below) is stored with a key and so at most once per run, however often its stage is repeated.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from sahur_core.issues import (
    BudgetRung,
    Decision,
    Evidence,
    ForkKind,
    Hypothesis,
    InputRequest,
    Record,
    Solution,
    Stage,
    ToolResultStatus,
    Usage,
    Verdict,
)


class EventPayload(Record):
    """Base of all payloads; `kind` tells them apart."""


class RunQueued(EventPayload):
    """A run was created and waits for a worker. A fact."""

    kind: Literal["run.queued"] = "run.queued"
    number: int
    asked_by: str
    forked_from: str = ""
    """Id of the run from whose checkpoint this one goes on; empty for one that begins at the report."""
    forked_from_number: int = 0
    fork_kind: ForkKind | None = None


class StageStarted(EventPayload):
    """A worker claimed the run for this stage."""

    kind: Literal["stage.started"] = "stage.started"
    stage: Stage


class StageFinished(EventPayload):
    """The stage is done; its results are stored. Repeated if the run went back to the stage."""

    kind: Literal["stage.finished"] = "stage.finished"
    stage: Stage


class AttemptRestarted(EventPayload):
    """The worker of an earlier attempt was lost: readers hide what that attempt streamed in this stage."""

    kind: Literal["attempt.restarted"] = "attempt.restarted"
    stage: Stage
    lost_attempt: int


class StepStarted(EventPayload):
    """A named unit of work, as shown to people. `position` counts from 1 within the run."""

    kind: Literal["step.started"] = "step.started"
    step_id: str
    position: int
    title: str


class StepFinished(EventPayload):
    """The step is done; `summary` says in a few words what came of it."""

    kind: Literal["step.finished"] = "step.finished"
    step_id: str
    summary: str = ""


class TextStreamed(EventPayload):
    """Some text of a model's answer, 50 to 100 ms of it at a time."""

    kind: Literal["text.streamed"] = "text.streamed"
    step_id: str
    text: str


class ModelCallInterrupted(EventPayload):
    """Somebody wanted a message used now: what the model was saying is given up, and it is asked anew. Readers mark it."""

    kind: Literal["model_call.interrupted"] = "model_call.interrupted"
    step_id: str
    asked_by: str
    usage: Usage = Usage()
    """What is known of its cost."""


class HypothesisStated(EventPayload):
    """What the run holds possible now, or how that has changed. A fact: once for each change."""

    kind: Literal["hypothesis.stated"] = "hypothesis.stated"
    hypothesis: Hypothesis


class BudgetReached(EventPayload):
    """A limit of money, tokens, calls or time was reached; `consequence` says what follows. A fact."""

    kind: Literal["budget.reached"] = "budget.reached"
    budget: BudgetRung
    consequence: str


class ModelCallFinished(EventPayload):
    """A model answered; `usage` is what this answer cost, all its tries together."""

    kind: Literal["model_call.finished"] = "model_call.finished"
    step_id: str
    role: Literal["fast", "deep"]
    duration_ms: int
    usage: Usage


class ToolCallStarted(EventPayload):
    """The gateway is asked to call a tool with these arguments."""

    kind: Literal["tool_call.started"] = "tool_call.started"
    step_id: str
    tool_call_id: str
    tool: str
    arguments: dict[str, Any]


class ToolCallFinished(EventPayload):
    """The gateway answered. `excerpt` is a part of the result; the whole is kept under the receipt."""

    kind: Literal["tool_call.finished"] = "tool_call.finished"
    step_id: str
    tool_call_id: str
    tool: str
    status: ToolResultStatus
    excerpt: str
    receipt_id: str = ""
    duration_ms: int = 0


class EvidenceFound(EventPayload):
    """Something was found that a tool call proves; the answer may cite it by its number. A fact."""

    kind: Literal["evidence.found"] = "evidence.found"
    evidence: Evidence


class NoticeRaised(EventPayload):
    """Something a reader should know though the run goes on: the gateway is down, a model call is tried again."""

    kind: Literal["notice.raised"] = "notice.raised"
    level: Literal["info", "warning", "error"]
    message: str
    next_step: str = ""


class MessageQueued(EventPayload):
    """A person said something; it is stored. A fact."""

    kind: Literal["message.queued"] = "message.queued"
    message_id: str
    client_id: str = ""
    author: str
    text: str
    is_urgent: bool = False


class MessageMadeUrgent(EventPayload):
    """Somebody does not want to wait until the queued message is taken in: it is used now. A fact."""

    kind: Literal["message.made_urgent"] = "message.made_urgent"
    message_id: str
    asked_by: str


class MessageEdited(EventPayload):
    """Its author has put the queued message in other words before it was taken in. A fact."""

    kind: Literal["message.edited"] = "message.edited"
    message_id: str
    text: str


class MessageTakenIn(EventPayload):
    """The model has the message from this step on. A fact."""

    kind: Literal["message.taken_in"] = "message.taken_in"
    message_id: str
    step: int
    author: str = ""


class MessageCarriedOver(EventPayload):
    """The run ended before the message could be taken in; a follow-up run can start from it. A fact."""

    kind: Literal["message.carried_over"] = "message.carried_over"
    message_id: str


class MessageWithdrawn(EventPayload):
    """Its author has taken the message back before anybody read it: no run is told of it, and its words are kept nowhere. A
    fact."""

    kind: Literal["message.withdrawn"] = "message.withdrawn"
    message_id: str


class InputRequested(EventPayload):
    """The run asks for what only a person can give. A fact."""

    kind: Literal["input.requested"] = "input.requested"
    input_request: InputRequest


class InputAnswered(EventPayload):
    """The first answer wins. A fact."""

    kind: Literal["input.answered"] = "input.answered"
    input_request_id: str
    decision: Decision
    answer: str = ""
    answered_by: str


class InputExpired(EventPayload):
    """Nobody answered in time; the stated default holds. A fact."""

    kind: Literal["input.expired"] = "input.expired"
    input_request_id: str
    default: str


class InputSuperseded(EventPayload):
    """The request no longer matters, so it was closed without an answer; `reason` says why. A fact."""

    kind: Literal["input.superseded"] = "input.superseded"
    input_request_id: str
    reason: str


class SolutionProposed(EventPayload):
    """The run has an answer. A later one of the same run replaces it."""

    kind: Literal["solution.proposed"] = "solution.proposed"
    solution: Solution


class EffectFinished(EventPayload):
    """Something was sent outside: a Slack post, a comment. A fact."""

    kind: Literal["effect.finished"] = "effect.finished"
    effect_id: str
    effect: str
    status: Literal["done", "failed"]
    detail: str = ""


class RunWaiting(EventPayload):
    """Nothing more can be done until a person answers; no worker is held."""

    kind: Literal["run.waiting"] = "run.waiting"
    input_request_ids: list[str]


class StopRequested(EventPayload):
    """A person asked the run to stop; it ends within seconds. A fact."""

    kind: Literal["run.stop_requested"] = "run.stop_requested"
    asked_by: str


class RunForked(EventPayload):
    """Another run goes on from a checkpoint of this one. Told on this one, also after its end. A fact."""

    kind: Literal["run.forked"] = "run.forked"
    fork_id: str
    fork_number: int
    fork_kind: ForkKind
    asked_by: str


class RunSucceeded(EventPayload):
    """The end: there is a solution, maybe an inconclusive one. A fact."""

    kind: Literal["run.succeeded"] = "run.succeeded"
    verdict: Verdict


class RunFailed(EventPayload):
    """The end: what failed, why, and what to do next. A fact."""

    kind: Literal["run.failed"] = "run.failed"
    stage: Stage
    code: str
    cause: str
    next_step: str


class RunCanceled(EventPayload):
    """The end: stopped by a person, with what had been found until then. A fact."""

    kind: Literal["run.canceled"] = "run.canceled"
    asked_by: str
    facts: list[str]
    hypotheses: list[str] = []
    """The ones that still stood."""
    would_look_at: str = ""
    """What the run was about to do."""
    joined: str = ""
    """Key of the issue of the same problem that it joined, where it ended for that."""


AnyPayload = Annotated[
    RunQueued
    | StageStarted
    | StageFinished
    | AttemptRestarted
    | StepStarted
    | StepFinished
    | TextStreamed
    | ModelCallFinished
    | ModelCallInterrupted
    | HypothesisStated
    | BudgetReached
    | ToolCallStarted
    | ToolCallFinished
    | EvidenceFound
    | NoticeRaised
    | MessageQueued
    | MessageMadeUrgent
    | MessageEdited
    | MessageTakenIn
    | MessageCarriedOver
    | MessageWithdrawn
    | InputRequested
    | InputAnswered
    | InputExpired
    | InputSuperseded
    | SolutionProposed
    | EffectFinished
    | RunWaiting
    | StopRequested
    | RunForked
    | RunSucceeded
    | RunFailed
    | RunCanceled,
    Field(discriminator="kind"),
]

payload_adapter: TypeAdapter[AnyPayload] = TypeAdapter(AnyPayload)

TERMINAL_KINDS = frozenset({"run.succeeded", "run.failed", "run.canceled"})


class Event(Record):
    """A stored event, as every door shows it. `first_seq` is below `seq` only for a compacted range."""

    run_id: str
    first_seq: int
    seq: int
    attempt: int
    at: datetime
    payload: AnyPayload
