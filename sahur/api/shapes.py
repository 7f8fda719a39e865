"""What the REST door answers, as typed models: they make the bodies and the OpenAPI schema (docs/architecture.md, REST).

Solutions, evidence, input requests, usage and events have the shapes of the core.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from sahur_core.events import Event
from sahur_core.evidence.difference import Difference
from sahur_core.issues import (
    Evidence,
    ForkKind,
    InputRequest,
    IssueStatus,
    MessageStatus,
    RunStatus,
    Severity,
    Solution,
    Source,
    Spent,
    Stage,
    ToolResultStatus,
    Verdict,
)

RoleName = Literal["viewer", "responder", "admin"]


class Shape(BaseModel):
    """Base of all answers. Every field is always there, so the schema calls all of them required."""

    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)

    def as_json(self) -> dict[str, Any]:
        """As JSON would hold it."""
        return self.model_dump(mode="json")


class Problem(BaseModel):
    """Any answer above 399 (RFC 9457). `field` and `errors` are there where they apply."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    next_step: str
    trace_id: str
    field: str | None = Field(default=None, description="The part of the input at fault, if one is")
    errors: list[dict[str, str]] | None = Field(default=None, description="All parts at fault: `field` and `detail` of each")


class Person(Shape):
    username: str
    name: str
    must_change_password: bool
    is_staff: bool


class TeamOfMine(Shape):
    id: int
    key: str
    name: str
    role: RoleName


class Me(Shape):
    """Who is signed in. `csrf_token` goes into the header `X-CSRFToken` of whatever changes something."""

    user: Person | None
    teams: list[TeamOfMine]
    csrf_token: str


class RunSummary(Shape):
    id: str
    number: int
    status: RunStatus
    stage: Stage
    verdict: Verdict | None
    model: str
    forked_from: str | None = Field(description="Id of the run that it goes on from")
    fork_kind: ForkKind | None
    ended_at: datetime | None
    cost_usd: float | None = Field(description="Of the calls whose price is known; null before the first call of a model")
    has_unpriced_calls: bool = Field(description="It cost more than that: the price of some calls is not known")


class IssueSummary(Shape):
    key: str
    title: str
    status: IssueStatus
    source: Source
    reporter: str
    repository: str | None = Field(description="Its name")
    team: str = Field(description="Its key")
    joined: str | None = Field(description="Key of the issue of the same problem that it has joined")
    created_at: datetime
    updated_at: datetime
    news_at: datetime = Field(description="When it was last changed, or a run of it began, ended or asked a person")
    run: RunSummary | None = Field(description="The latest")


class Activity(Shape):
    """A change of the issue outside of its runs."""

    number: int
    kind: str
    actor: str
    detail: dict[str, Any]
    at: datetime


class JoinedReport(Shape):
    """A report of the same problem that has joined the issue."""

    key: str
    title: str
    reporter: str
    where: str = Field(description="`#payments`; of a place that not everybody may read only what kind of place it is")


class Issue(IssueSummary):
    body: str
    resolution: str
    revision: str
    severity: Severity | None = Field(description="How bad its reporter says that it is")
    joined_by: list[JoinedReport] = Field(description="The first one first")
    runs: list[RunSummary]
    activity: list[Activity]


class Message(Shape):
    """What a person said to a run."""

    id: str
    author: str
    text: str
    status: MessageStatus
    client_id: str
    is_urgent: bool
    taken_in_at_step: int | None
    created_at: datetime


class Failure(Shape):
    """Why a run failed, and what to do next."""

    stage: str = ""
    code: str = ""
    cause: str = ""
    next_step: str = ""


class RunUsage(Shape):
    """What the run has spent so far, also while it runs; `cost_usd` is null where a price is not known."""

    model: str = ""
    model_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_input_tokens: int = 0
    cost_usd: float | None = None
    known_cost_usd: float = Field(default=0.0, description="Of the calls whose price is known")
    unpriced_calls: int = Field(default=0, description="Model calls whose price is not known")
    tool_calls: int = 0
    seconds: float = Field(default=0.0, description="In which it was being worked on; waiting for people does not count")


class Limits(Shape):
    """What may be spent; null is no limit."""

    tokens: int | None
    cost_usd: float | None
    tool_calls: int | None
    seconds: float | None


class TeamBudgetDefaults(Shape):
    run: Limits
    day: Limits


class LastChange(Shape):
    by: str
    at: datetime


class TeamBudget(Shape):
    """A team's own limits (null: as in the settings, 0: none), those that hold, and what was spent today (UTC)."""

    run_tokens: int | None
    run_cost_usd: float | None
    run_tool_calls: int | None
    run_seconds: float | None
    day_tokens: int | None
    day_cost_usd: float | None
    day_tool_calls: int | None
    day_seconds: float | None
    ask_at: float
    asks: bool
    run: Limits = Field(description="Of each run, as they hold")
    day: Limits = Field(description="Of all runs of one day together, as they hold")
    defaults: TeamBudgetDefaults = Field(description="What the settings say where the team says nothing")
    spent_today: Spent
    changed: LastChange | None = Field(description="By whom and when it was last changed; null: never")


class UsageOfDay(Shape):
    """What the team's runs spent on one day (UTC) with one model; tool calls and time stand under the model `""`."""

    day: date
    model: str
    model_calls: int
    input_tokens: int
    output_tokens: int
    cached_input_tokens: int
    cost_usd: float = Field(description="Of the calls whose price is known")
    unpriced_calls: int = Field(description="Calls whose price is not known: they cost more than nothing")
    tool_calls: int
    seconds: float


class TeamUsage(Shape):
    results: list[UsageOfDay]
    total: Spent


class Fork(Shape):
    """A run that goes on from a checkpoint of another one, or that one."""

    id: str
    number: int
    status: RunStatus


class Opinion(Shape):
    """One person's vote, with what was said about it."""

    author: str
    vote: Literal[-1, 1]
    comment: str
    source: Source
    changed_at: datetime
    is_mine: bool


class Feedback(Shape):
    """What the team thinks of one step, or of the answer."""

    step: str = Field(description="Its id; empty: the answer")
    up: int
    down: int
    opinions: list[Opinion] = Field(description="One of each person, the oldest first")


class Run(RunSummary):
    issue: str = Field(description="Its key")
    asked_by: str
    failure: Failure | None
    usage: RunUsage
    created_at: datetime
    started_at: datetime | None
    wanted_model: str = Field(description="That it was asked to use in place of the configured one; empty for that")
    queue_position: int | None = Field(description="1 for the next one; null when it is not queued")
    origin: Fork | None = Field(description="The run that it goes on from")
    fork_stage: Stage | None = Field(description="The stage of that run which was over")
    forks: list[RunSummary] = Field(description="Runs that go on from this one")
    branch_stages: list[Stage] = Field(description="Stages that another line can be branched from")
    solution: Solution | None
    evidence: list[Evidence]
    input_requests: list[InputRequest]
    messages: list[Message]
    feedback: list[Feedback] = Field(description="Of the answer and of each step that anybody voted on")
    last_seq: int


class ComparedRun(RunSummary):
    usage: RunUsage


class RunDifference(Shape):
    """Two runs of one issue side by side."""

    first: ComparedRun
    second: ComparedRun
    difference: Difference


class EventPage(Shape):
    events: list[Event]
    last_seq: int = Field(description="Number of the run's newest event, which may lie beyond this page")
    is_ended: bool = Field(description="The run has ended; what may still come is told of it, not by it")


class CallFacts(Shape):
    """What the gateway recorded of one tool call beside its arguments and its result."""

    id: str
    run: str | None
    issue: str | None = Field(description="Key of the issue of its run")
    run_number: int | None = Field(description="Of the runs of this issue; 1 is the first")
    attempt: int | None
    caller: str
    upstream: str
    tool: str
    status: ToolResultStatus
    result_hash: str = Field(description="SHA-256 of the redacted result")
    result_bytes: int
    redactions: int
    is_cached: bool
    is_read: bool | None = Field(description="Whether the call could change nothing; null: not known")
    repeats: str | None = Field(description="The receipt whose call was made again")
    duration_ms: int
    trace_id: str
    called_at: datetime


class ReceiptSummary(CallFacts):
    arguments_start: str = Field(description="The first 300 characters of its arguments, as JSON")


class ReceiptPage(Shape):
    results: list[ReceiptSummary]
    next: str | None = Field(description="Goes into `cursor` for the next page; null on the last")


class Receipt(CallFacts):
    """The gateway's record of one tool call, with the (redacted) result or the part of it that was asked for."""

    arguments: dict[str, Any]
    result: str
    total_chars: int = Field(description="Of the whole result")
    next_offset: int | None = Field(description="Goes into `offset` for the next part; null on the last")
    repository: str = Field(description="Name of the repository that the arguments name by its id; empty: none")
    recheck_refusal: str = Field(description="Why the call may not be made again; empty if it may")


class Recheck(Shape):
    """A call that was made again. `failed`: there was no answer to compare."""

    verdict: Literal["same", "changed", "failed"]
    receipt: ReceiptSummary = Field(description="Of the new call")
    diff: str = Field(description="Unified diff from the old result to the new one")
    is_diff_cut: bool = Field(description="The diff shows only a part of what has changed")


class Token(Shape):
    """An API token. Its key is shown once, when it is made."""

    id: str
    name: str
    prefix: str
    role: RoleName
    tools: list[str] = Field(description="Globs of the gateway's tools that exist for it")
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


class NewToken(Token):
    key: str


class TokenPage(Shape):
    results: list[Token]
    next: str | None


class SocketTicket(Shape):
    """Goes into the subprotocol `ticket.<ticket>` of one WebSocket."""

    ticket: str
    expires_at: datetime


class Health(Shape):
    status: Literal["ok", "unavailable"]
    checks: dict[str, str] = Field(description="What was looked at, each `ok` or what is wrong; empty for `live`")
