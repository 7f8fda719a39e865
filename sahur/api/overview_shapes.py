"""What the REST door answers for the overview, in one piece: a page that refreshes itself asks for it once."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from sahur.api.shapes import RoleName, Shape
from sahur_core.issues import InputKind, RunStatus, Stage, Verdict


class AskedOfPeople(Shape):
    """What a waiting run needs."""

    kind: InputKind
    prompt: str = Field(description="Its beginning")
    answerable_by: RoleName
    since: datetime
    expires_at: datetime | None


class LiveRun(Shape):
    """A run that is queued, running or waiting."""

    id: str
    number: int
    issue: str = Field(description="Key of its issue")
    title: str
    team: str = Field(description="Key")
    status: RunStatus
    stage: Stage
    since: datetime = Field(description="When it came to its status, at its stage")
    started_at: datetime | None
    queue_position: int | None = Field(description="1 for the next one, over all teams; null when it is not queued")
    asked: list[AskedOfPeople] = Field(description="What people are asked; empty when it does not wait for any")


class Spread(Shape):
    """Of a duration, in seconds; null where there was none to measure."""

    median: float | None
    p90: float | None
    count: int


class EndedRuns(Shape):
    """How many runs ended how. The first three have given an answer."""

    confirmed: int
    likely: int
    inconclusive: int
    failed: int
    canceled: int


class VerdictAgreement(Shape):
    """What people said of answers with this verdict when they closed the issue."""

    verdict: Verdict
    right: int
    wrong: int


class AnswerVotes(Shape):
    """Feedback on answers."""

    up: int
    down: int


class ModelSpending(Shape):
    team: str = Field(description="Key")
    model: str
    cost_usd: float = Field(description="Of the calls whose price is known")
    tokens: int = Field(description="In and out; 0 for the offline model, which nobody pays")
    model_calls: int
    unpriced_calls: int


class OverviewDay(Shape):
    """One day (UTC)."""

    day: date
    ended: EndedRuns
    cost_usd: float
    tokens: int


class UpstreamHealth(Shape):
    """A server behind the gateway. What follows `is_well` is null for who is no admin."""

    name: str
    is_well: bool
    kind: str | None = Field(description="own, stdio or http; empty where its entry cannot be used")
    state: str | None = Field(description="ready, connecting, down, misconfigured or disabled")
    breaker: str | None = Field(description="closed, open or half_open")
    problem: str | None
    last_failure: str | None
    last_failed_at: datetime | None
    tool_count: int | None


class GatewayHealth(Shape):
    is_well: bool
    problem: str | None = Field(description="Empty where there is none; null for who is no admin")
    upstreams: list[UpstreamHealth]


class ServiceHealth(Shape):
    """One queue of work, or the reaper, and the living processes that serve it."""

    name: Literal["batch", "effects", "index", "reaper"]
    processes: int
    slots: int
    busy: int
    problem: str = Field(description="What does not happen meanwhile; empty where all is well")


class WorkerProcess(Shape):
    name: str
    host: str
    pid: int
    queues: list[str]
    slots: int
    busy: int
    started_at: datetime
    seen_at: datetime
    is_alive: bool


class WorkersHealth(Shape):
    is_well: bool
    problem: str = Field(description="Why nothing is known of them; empty where they are known")
    services: list[ServiceHealth]
    processes: list[WorkerProcess] | None = Field(description="null for who is no admin")


class Overview(Shape):
    at: datetime
    since: date = Field(description="The first of the days that the figures are of (UTC)")
    teams: list[str] = Field(description="Keys of the teams that they are of")
    runs: list[LiveRun] = Field(description="Running, waiting and queued, in this order; at most 60")
    running: int
    waiting: int
    queued: int
    queue_length: int = Field(description="Over all teams, since the same workers serve them")
    oldest_queued_since: datetime | None
    first_hypothesis: Spread = Field(description="From the request of a run to its first hypothesis")
    answer: Spread = Field(description="From the request of a run to its answer; waiting for people counts")
    ended: EndedRuns
    agreement: list[VerdictAgreement]
    votes: AnswerVotes
    spending: list[ModelSpending] = Field(description="By team and model, the dearest first")
    days: list[OverviewDay] = Field(description="Each day, the oldest first")
    gateway: GatewayHealth
    workers: WorkersHealth
